"""What a page of charts reads, against the records themselves."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from audit import folding
from audit.trends import Grain, Trend, read_trend
from tests.audit.ledgers import drained, ended

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
BERLIN = ZoneInfo("Europe/Berlin")


def read(since: datetime, until: datetime, grain: Grain = Grain.DAY, zone: str = "UTC", **only: str) -> Trend:
    return read_trend(since=since, until=until, grain=grain, zone=ZoneInfo(zone), **only)


def test_every_period_is_there() -> None:
    ended(at=NOON)
    trend = read(NOON - timedelta(hours=2), NOON + timedelta(hours=2), Grain.HOUR)
    assert [period.figures.outcomes.total() for period in trend.periods] == [0, 0, 1, 0]


def test_unfolded_records_count_too() -> None:
    ended(at=NOON)
    folding.fold()
    drained(at=NOON)
    trend = read(NOON, NOON + timedelta(hours=1))
    assert (trend.total.outcomes.total(), trend.total.drains, trend.upto, trend.behind) == (1, 1, 2, 0)


def test_days_are_the_zone_s() -> None:
    ended(at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))  # half past midnight in Berlin
    days = read(NOON - timedelta(days=2), NOON, zone="Europe/Berlin").periods
    assert [(str(day.start), day.figures.outcomes.total()) for day in days] == [
        ("2026-02-28 00:00:00+01:00", 0),
        ("2026-03-01 00:00:00+01:00", 0),
        ("2026-03-02 00:00:00+01:00", 1),
    ]


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_clock_changes_make_odd_days(day: tuple[int, int, int], hours: int) -> None:
    noon = datetime(*day, 12, tzinfo=BERLIN)
    period = read(noon, noon + timedelta(hours=1), zone="Europe/Berlin").periods[0]
    assert period.end.astimezone(UTC) - period.start.astimezone(UTC) == timedelta(hours=hours)


def test_weeks_begin_on_monday() -> None:
    weeks = read(NOON - timedelta(days=1), NOON, Grain.WEEK).periods
    assert [f"{week.start:%a %d}" for week in weeks] == ["Mon 23", "Mon 02"]
