"""What is older than it must be kept is told, and kept."""

import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from audit import retention
from audit.models import Record
from audit.retention import years_before
from tests.audit.ledgers import append
from tests.cxadmin.test_settings import check

pytestmark = pytest.mark.data_layer

NOW = datetime(2031, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def ledger() -> None:
    for year in (2024, 2025, 2026, 2026, 2030):
        with time_machine.travel(datetime(year, 6, 1, 12, tzinfo=UTC), tick=False):
            append()


@pytest.mark.django_db
@pytest.mark.usefixtures("ledger")
def test_older_records_are_counted() -> None:
    found = retention.report(NOW)
    assert (found.records, found.older) == (5, 2)
    assert found.oldest == datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.usefixtures("ledger")
def test_setting_moves_the_cutoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "AUDIT_RETENTION_YEARS", 6)
    assert retention.report(NOW).older == 1


@pytest.mark.django_db
def test_empty_ledger_has_none() -> None:
    found = retention.report(NOW)
    assert (found.records, found.older, found.oldest) == (0, 0, None)


@pytest.mark.django_db
@pytest.mark.usefixtures("ledger")
def test_command_reports_and_keeps(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(NOW, tick=False):
        call_command("report_retention")
    assert json.loads(capsys.readouterr().out) == {
        "retention_years": 5,
        "cutoff": "2026-06-01T12:00:00.000000Z",
        "records": 5,
        "older": 2,
        "oldest": "2024-06-01T12:00:00.000000Z",
    }
    assert Record.objects.count() == 5


@pytest.mark.django_db
def test_report_looks_at_few(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(100):
        append()
    with django_assert_max_num_queries(10):
        retention.report(NOW)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(1, 60))  # noqa: DTZ001
def test_cutoff_is_that_day(at: datetime, years: int) -> None:
    cutoff = years_before(at, years)
    assert cutoff.year == at.year - years
    assert (cutoff.month, cutoff.day) in {(at.month, at.day), (2, 28)}


@pytest.mark.parametrize("years", ["0", "five", "101"])
def test_malformed_setting_is_named(years: str) -> None:
    result = check(AUDIT_RETENTION_YEARS=years)
    assert (result.returncode, "AUDIT_RETENTION_YEARS" in result.stderr) == (1, True)
