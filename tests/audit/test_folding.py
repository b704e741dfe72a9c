"""Each record is folded in exactly once, whatever goes wrong, and whoever else does it at the same time."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from audit import folding
from audit.models import FoldingProgress, Record, Rollup
from audit.statistics import rollups
from tests.audit.ledgers import append_some, drained, ended, tampering

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def ends() -> int:
    """How many ends the rows of all campaigns tell of."""
    return sum(sum(row.figures["outcomes"].values()) for row in Rollup.objects.filter(campaign_id=rollups.ALL))


def at_once(*works: Callable[[], int]) -> None:
    """Each in a thread of its own, with a database connection of its own."""

    def closing(work: Callable[[], int]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(closing, works))


def test_steps_go_on_where_the_last_ended() -> None:
    for _ in range(5):
        ended()
    assert [folding.fold(2), folding.fold(2), folding.fold(2), folding.fold(2)] == [2, 2, 1, 0]
    assert (ends(), FoldingProgress.objects.get().number) == (5, 5)


def test_rows_of_campaign_and_of_all() -> None:
    ended(at=NOON)
    ended(at=NOON + timedelta(minutes=59), campaign_id="c-2")
    folding.fold()
    rows = {row.campaign_id: row.figures["outcomes"] for row in Rollup.objects.filter(hour=NOON, action="pause")}
    assert rows == {"c-1": {"CONFIRMED": 1}, "c-2": {"CONFIRMED": 1}, rollups.ALL: {"CONFIRMED": 2}}


def test_later_records_join_their_hour() -> None:
    ended(at=NOON)
    folding.fold()
    drained(at=NOON)
    folding.fold()
    row = Rollup.objects.get(campaign_id="c-1")
    assert (row.figures["outcomes"], row.figures["drains"]) == ({"CONFIRMED": 1}, 1)


def test_records_without_figures_pass() -> None:
    append_some(3)
    assert (folding.fold(), Rollup.objects.count(), FoldingProgress.objects.get().number) == (3, 0, 3)


def test_fold_all_leaves_nothing() -> None:
    for _ in range(5):
        ended()
    assert (folding.fold_all(limit=2), ends()) == (5, 5)


def test_fold_all_stops_in_time() -> None:
    for _ in range(5):
        ended()
    assert folding.fold_all(seconds=0, limit=2) == 2


def test_fault_in_the_middle_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ended()

    def add_and_fail(records: Any) -> None:
        rollups.add_to_rollups(records)
        raise RuntimeError("killed")

    monkeypatch.setattr(folding, "ADD", (add_and_fail, *folding.ADD[1:]))
    with pytest.raises(RuntimeError):
        folding.fold()
    assert (Rollup.objects.count(), FoldingProgress.objects.get().number) == (0, 0)
    monkeypatch.undo()
    folding.fold()
    assert ends() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [folding.fold, folding.fold_all, lambda: folding.fold(3)])
def test_two_at_once_fold_nothing_twice(work: Callable[[], int]) -> None:
    for _ in range(20):
        ended()
    at_once(*[work] * 8)
    folding.fold_all()
    assert (ends(), FoldingProgress.objects.get().number) == (20, 20)


def test_rebuild_tells_the_same() -> None:
    for hour in range(3):
        ended(at=NOON + timedelta(hours=hour))
    folding.fold_all()
    before = list(Rollup.objects.order_by("hour", "campaign_id").values("hour", "campaign_id", "action", "figures"))
    Rollup.objects.filter(hour=NOON).update(figures={"outcomes": {"CONFIRMED": 99}})
    assert folding.rebuild() == 3
    after = Rollup.objects.order_by("hour", "campaign_id").values("hour", "campaign_id", "action", "figures")
    assert list(after) == before


@pytest.mark.django_db(transaction=True)
def test_rebuild_beside_the_folder() -> None:
    for _ in range(20):
        ended()
    folding.fold_all()
    at_once(folding.rebuild, folding.fold_all, folding.fold_all, folding.rebuild)
    folding.fold_all()
    assert ends() == 20


def test_lost_watermark_is_made_anew() -> None:
    ended()
    FoldingProgress.objects.all().delete()
    assert (folding.rebuild(), ends()) == (1, 1)


def test_command_says_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    ended()
    call_command("rebuild_audit")
    assert json.loads(capsys.readouterr().out) == {"records": 1}


@pytest.mark.parametrize("change", ["details = '[]'", """details = '{"state": [1], "calls_at_start": "x"}'"""])
def test_odd_details_break_nothing(change: str) -> None:
    ended()
    ended()
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET {change} WHERE number = 1")  # noqa: S608
    assert (folding.fold(), ends()) == (2, 1)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses such values itself")
@pytest.mark.parametrize("change", ["timestamp = 'no time'", "by = x'ff'", "operation = 'none'"])
def test_unreadable_record_is_passed_over(change: str) -> None:
    ended()
    ended()
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET {change} WHERE number = 1")  # noqa: S608
    assert (folding.fold(), ends(), FoldingProgress.objects.get().number) == (2, 1, 2)


def test_deleted_records_hold_nothing_up() -> None:
    for _ in range(3):
        ended()
    with tampering():
        Record.objects.filter(number=1).delete()
    assert (folding.fold(), ends()) == (2, 2)


UNKNOWN = {"postgresql": "timestamp = 'infinity'", "sqlite": "by = CAST(x'ff' AS TEXT)"}


def test_what_no_driver_reads_is_passed_over() -> None:
    ended()
    ended()
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET {UNKNOWN[connection.vendor]} WHERE number = 1")  # noqa: S608
    assert (folding.fold(), ends(), FoldingProgress.objects.get().number) == (2, 1, 2)


def test_record_beyond_the_head_is_left() -> None:
    """Else those that come before it would never be folded in."""
    ended()
    ended()
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET number = {2**63 - 1} WHERE number = 1")  # noqa: S608
    folding.fold_all()
    assert FoldingProgress.objects.get().number == 2
    ended()
    folding.fold_all()
    assert (FoldingProgress.objects.get().number, ends()) == (3, 2)


@pytest.mark.parametrize("number", [2**63 - 1, -5])
def test_false_watermark_is_made_anew(number: int) -> None:
    for _ in range(3):
        ended()
    folding.fold_all()
    FoldingProgress.objects.update(number=number)
    for _ in range(2):
        folding.fold_all()
    assert (FoldingProgress.objects.get().number, ends()) == (3, 3)


def test_folder_makes_a_lost_watermark_anew() -> None:
    ended()
    FoldingProgress.objects.all().delete()
    for _ in range(2):
        folding.fold_all()
    assert (FoldingProgress.objects.get().number, ends()) == (1, 1)
