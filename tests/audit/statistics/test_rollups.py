"""The hourly rows: which there are, and what adding to them costs."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from audit.models import PauseBegan, Rollup
from audit.statistics import rollups
from tests.audit.ledgers import changed_outside, drained, ended, took_effect_late

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def rows() -> set[tuple[int, str, str]]:
    return {(row.hour.hour, row.campaign_id, row.action) for row in Rollup.objects.all()}


def test_row_for_each_hour_and_action() -> None:
    rollups.add_to_rollups([ended(at=NOON), ended(at=NOON + timedelta(minutes=60)), ended(at=NOON, action="resume")])
    of_campaign = {(12, "c-1", "pause"), (13, "c-1", "pause"), (12, "c-1", "resume")}
    assert rows() == of_campaign | {(hour, rollups.ALL, action) for hour, _, action in of_campaign}


def test_no_campaign_counts_once() -> None:
    rollups.add_to_rollups([ended(at=NOON, campaign_id="")])
    assert Rollup.objects.get().figures["outcomes"] == {"CONFIRMED": 1}


def test_other_rows_stay() -> None:
    rollups.add_to_rollups([ended(at=NOON), ended(at=NOON + timedelta(hours=1), campaign_id="c-2", action="resume")])
    rollups.add_to_rollups([ended(at=NOON, campaign_id="c-2", action="resume"), drained(at=NOON + timedelta(hours=1))])
    assert Rollup.objects.get(hour=NOON, campaign_id="c-1").figures["outcomes"] == {"CONFIRMED": 1}
    assert Rollup.objects.filter(campaign_id="c-2").count() == 2


def test_adding_takes_two_queries_and_two_for_pauses(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    records = [ended(at=NOON + timedelta(hours=hour), campaign_id=f"c-{hour}") for hour in range(9)]
    with django_assert_num_queries(4):
        rollups.add_to_rollups(records)


def test_clear_forgets_everything() -> None:
    rollups.add_to_rollups([ended()])
    rollups.clear_rollups()
    assert not Rollup.objects.exists()


def paused_seconds() -> dict[str, int]:
    return {row.action: row.figures.get("paused_seconds", 0) for row in Rollup.objects.filter(campaign_id="c-1")}


def test_pause_counts_when_it_ends() -> None:
    pause, resume = ended(at=NOON), ended(at=NOON + timedelta(minutes=90), action="resume")
    rollups.add_to_rollups([pause])
    assert PauseBegan.objects.get().at == NOON
    rollups.add_to_rollups([resume])
    assert paused_seconds() == {"pause": 0, "resume": 5400}
    assert not PauseBegan.objects.exists()


def test_second_pause_begins_nothing_anew() -> None:
    rollups.add_to_rollups([ended(at=NOON), ended(at=NOON + timedelta(minutes=5))])
    assert PauseBegan.objects.get().at == NOON


def test_rejected_pause_begins_nothing() -> None:
    rollups.add_to_rollups([ended("REJECTED")])
    assert not PauseBegan.objects.exists()


def test_resume_that_took_effect_late_ends_a_pause() -> None:
    rollups.add_to_rollups([ended(at=NOON), took_effect_late(at=NOON + timedelta(minutes=90), action="resume")])
    assert paused_seconds() == {"pause": 0, "resume": 5400}


@pytest.mark.parametrize("status", ["PAUSED", "paused"])
def test_pause_in_cxone_begins_one_however_it_is_spelt(status: str) -> None:
    rollups.add_to_rollups([changed_outside(at=NOON, after={"status": status})])
    assert PauseBegan.objects.get().at == NOON
