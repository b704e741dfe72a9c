"""What a page of charts reads, against the records themselves."""

import math
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import folding
from audit.models import FoldingProgress, Record, Rollup
from audit.statistics import day_cache, trends
from audit.statistics.figures import Figures
from audit.statistics.histogram import ERROR, Histogram
from audit.statistics.trends import Grain, Trend, TrendPeriod, read_trend
from tests.audit.ledgers import drained, ended

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
BERLIN = ZoneInfo("Europe/Berlin")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Havana", "Pacific/Apia"]


def read(since: datetime, until: datetime, grain: Grain = Grain.DAY, zone: str = "UTC", **only: Any) -> Trend:
    if campaign := only.pop("campaign", ""):
        only["campaigns"] = [campaign]
    return read_trend(since=since, until=until, grain=grain, zone=ZoneInfo(zone), **only)


def count(figures: Figures) -> int:
    return figures.outcomes.total()


# --- Against the records, the simple way ---------------------------------------------------------------


def fill(seed: int, size: int = 150) -> None:
    """Ends, cancellations and drains of some weeks around both clock changes, a tenth of them late."""
    chance = random.Random(seed)
    start = chance.choice([datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 10, tzinfo=UTC)])
    times = sorted(start + chance.random() * 35 * DAY for _ in range(size))
    for at in times:
        facts: dict[str, Any] = {
            "at": at - (chance.random() * 60 * HOUR if chance.random() < 0.1 else timedelta(0)),
            "campaign_id": chance.choice(["c-1", "c-2", "c-3"]),
            "action": chance.choice(["pause", "resume", "schedule"]),
        }
        if chance.random() < 0.3:
            end = chance.choice(["empty", "deadline", "resumed"])
            calls = chance.randrange(40)
            drained(
                **facts, end=end, calls_at_start=calls, calls_at_end=chance.randrange(calls + 5), seconds=at.minute
            )
        else:
            facts |= {"latency_ms": chance.choice([None, 0, chance.randrange(5000)])}
            facts |= {"confirmation_ms": chance.lognormvariate(7, 2)} if chance.random() < 0.8 else {}
            ended(chance.choice(["CONFIRMED", "CONFIRMED", "SKIPPED", "FAILED", "CONFLICT"]), **facts)


def fold_half() -> None:
    folding.fold(75)


def fold_in_parts() -> None:
    for step in (10, 40, 60, 7):
        folding.fold(step)
        for zone in ZONES:
            read(NOON - 30 * DAY, NOON + 300 * DAY, zone=zone)  # what is over by then is kept in the cache


def fold_and_rebuild() -> None:
    folding.fold_all()
    folding.rebuild()


@pytest.mark.parametrize("fold", [lambda: None, fold_half, fold_in_parts, folding.fold_all, fold_and_rebuild])
@pytest.mark.parametrize("seed", range(3))
def test_figures_are_those_of_the_records(fold: Callable[[], None], seed: int) -> None:
    fill(seed)
    fold()
    chance = random.Random(seed)
    for _ in range(12):
        only = chance.choice(
            [{}, {}, {"campaign": "c-2"}, {"action": "pause"}, {"campaign": "c-1", "action": "resume"}]
        )
        grain = chance.choice(list(Grain))
        since = Record.objects.order_by("number")[chance.randrange(100)].timestamp - chance.random() * 5 * DAY
        until = since + chance.random() * trends.LONGEST[grain] / (1 if grain == Grain.HOUR else 20) + HOUR
        check(read(since, until - HOUR / 2, grain, chance.choice(ZONES), **only), since, until - HOUR / 2, only)


def check(trend: Trend, since: datetime, until: datetime, only: dict[str, str]) -> None:
    """Every period, and the whole, against the records of their hours."""
    first = since.replace(minute=0, second=0, microsecond=0)
    last = (until - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0) + HOUR
    for one, following in pairwise(trend.periods):
        assert one.end == following.start
    assert trend.periods[0].start <= first
    assert trend.periods[-1].start < last <= trend.periods[-1].end
    records = matching(only)
    compare(trend.total, within(records, first, last))
    for period in trend.periods:
        compare(period.figures, within(records, max(period.start, first), min(period.end, last)))


def compare(figures: Figures, records: list[Record]) -> None:
    ends = [record for record in records if record.kind == "operation.ended"]
    drains = [record.details for record in records if record.kind == "drain.ended"]
    confirmed = [record.details for record in ends if record.details["state"] == "CONFIRMED"]
    assert figures.outcomes == Counter(record.details["state"] for record in ends)
    assert figures.drains == len(drains)
    assert figures.calls_at_start == sum(drain["calls_at_start"] for drain in drains)
    assert figures.calls_ended == sum(max(drain["calls_at_start"] - drain["calls_at_end"], 0) for drain in drains)
    agree(figures.latency, [record.latency_ms for record in ends if record.latency_ms is not None])
    agree(figures.confirmation, [end["confirmation_ms"] for end in confirmed if "confirmation_ms" in end])
    agree(figures.emptied, [drain["seconds"] * 1000 for drain in drains if drain["end"] == "empty"])


def matching(only: dict[str, str]) -> list[Record]:
    columns = {"campaign_id": only.get("campaign"), "action": only.get("action")}
    return list(Record.objects.filter(**{name: value for name, value in columns.items() if value}))


def within(records: list[Record], start: datetime, end: datetime) -> list[Record]:
    """Those whose hour begins in that time."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    hours = [(record.timestamp.replace(minute=0, second=0, microsecond=0), record) for record in records]
    return [record for hour, record in hours if start <= hour < end]


def agree(histogram: Histogram, values: list[float]) -> None:
    assert histogram.count == len(values)
    for q in (0.5, 0.95, 0.99) if values else ():
        true = sorted(values)[math.ceil(round(q * len(values), 6)) - 1]
        assert histogram.percentile(q) == pytest.approx(true, rel=ERROR + 1e-9)


# --- Periods ---------------------------------------------------------------------------------------------


def test_every_period_is_there() -> None:
    ended(at=NOON)
    trend = read(NOON - 2 * HOUR, NOON + 2 * HOUR, Grain.HOUR)
    assert [count(period.figures) for period in trend.periods] == [0, 0, 1, 0]


def test_days_are_the_zones() -> None:
    ended(at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))  # half past midnight in Berlin
    told = read(NOON - 2 * DAY, NOON, zone="Europe/Berlin").periods
    assert [(str(day.start), count(day.figures)) for day in told] == [
        ("2026-02-28 00:00:00+01:00", 0),
        ("2026-03-01 00:00:00+01:00", 0),
        ("2026-03-02 00:00:00+01:00", 1),
    ]


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_clock_changes_make_odd_days(day: tuple[int, int, int], hours: int) -> None:
    noon = datetime(*day, 12, tzinfo=BERLIN)
    period = read(noon, noon + HOUR, zone="Europe/Berlin").periods[0]
    assert period.end.astimezone(UTC) - period.start.astimezone(UTC) == hours * HOUR


def test_skipped_day_is_no_period() -> None:
    told = read(datetime(2011, 12, 29, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC), zone="Pacific/Apia").periods
    assert [f"{day.start:%d}" for day in told] == ["28", "29", "31", "01"]


def test_weeks_begin_on_monday() -> None:
    weeks = read(NOON - DAY, NOON, Grain.WEEK).periods
    assert [f"{week.start:%a %d}" for week in weeks] == ["Mon 23", "Mon 02"]


def test_hour_counts_where_it_begins() -> None:
    ended(at=datetime(2026, 3, 1, 18, 45, tzinfo=UTC))  # 00:15 on the 2nd in Kolkata; its hour began on the 1st
    told = read(NOON - DAY, NOON, zone="Asia/Kolkata").periods
    assert [count(day.figures) for day in told] == [1, 0]


def test_cut_periods_are_partial() -> None:
    told = read(NOON - 2 * DAY, NOON).periods
    assert [day.partial for day in told] == [True, False, True]


def test_period_that_goes_on_is_partial(time_machine: Any) -> None:
    time_machine.move_to(NOON)
    assert [day.partial for day in read(NOON - 36 * HOUR, NOON + 36 * HOUR).periods] == [False, True, True]


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (NOON, NOON),
        (NOON, NOON - DAY),
        (NOON, NOON + 15 * DAY),
        (NOON.replace(tzinfo=None), NOON),
    ],
)
def test_impossible_range_is_refused(since: datetime, until: datetime) -> None:
    with pytest.raises(ValueError, match=r"range"):
        read(since, until, Grain.HOUR)


# --- What isn't folded, and what is kept -----------------------------------------------------------------


def test_unfolded_records_count_too() -> None:
    ended(at=NOON)
    folding.fold()
    drained(at=NOON)
    trend = read(NOON, NOON + HOUR)
    assert (count(trend.total), trend.total.drains, trend.upto, trend.behind) == (1, 1, 2, 0)


def test_far_behind_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "UNFOLDED", 2)
    for _ in range(5):
        ended(at=NOON)
    folding.fold(1)
    trend = read(NOON, NOON + HOUR)
    assert (count(trend.total), trend.upto, trend.behind) == (3, 3, 2)


@pytest.fixture
def kept_week() -> TrendPeriod:
    """A week ago an operation ended; that day was read, and is kept."""
    ended(at=NOON - 7 * DAY)
    drained(at=NOON)
    folding.fold()
    return week_ago(read_year())


def read_year(**only: Any) -> Trend:
    return read(NOON - 365 * DAY, NOON + HOUR, **only)


def week_ago(trend: Trend) -> TrendPeriod:
    return next(day for day in trend.periods if day.start <= NOON - 7 * DAY < day.end)


def test_days_gone_by_are_kept(kept_week: TrendPeriod) -> None:
    Rollup.objects.filter(hour__lt=NOON - DAY).delete()
    trend = read_year()
    assert (count(kept_week.figures), count(week_ago(trend).figures), count(trend.total)) == (1, 1, 1)


@pytest.mark.usefixtures("kept_week")
def test_late_record_is_not_lost() -> None:
    ended(at=NOON - 7 * DAY)
    assert (count(week_ago(read_year()).figures), count(read_year().total)) == (2, 2)
    folding.fold()
    assert (count(week_ago(read_year()).figures), count(read_year().total)) == (2, 2)


@pytest.mark.usefixtures("kept_week")
def test_rebuilding_forgets_what_is_kept() -> None:
    FoldingProgress.objects.update(number=0)
    Rollup.objects.all().delete()
    folding.rebuild()
    Rollup.objects.all().delete()
    assert count(read_year().total) == 0


def begin_rebuilding() -> None:
    FoldingProgress.objects.update(number=0, generation=7)
    Rollup.objects.all().delete()


@pytest.mark.usefixtures("kept_week")
@pytest.mark.parametrize("meanwhile", [folding.fold, begin_rebuilding])
def test_change_while_reading_is_seen(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    ended(at=NOON - 7 * DAY)
    look = day_cache.DayCache.read

    def look_and_wait(days: day_cache.DayCache, wanted: Any) -> list[day_cache.Month]:
        found = look(days, wanted)
        meanwhile()
        return found

    monkeypatch.setattr(day_cache.DayCache, "read", look_and_wait)
    trend = read_year()
    assert (count(week_ago(trend).figures), count(trend.total), trend.total.drains) == (2, 2, 1)


@pytest.mark.usefixtures("kept_week")
def test_record_of_today_keeps_the_kept() -> None:
    generation = FoldingProgress.objects.get().generation
    ended(at=NOON - HOUR)
    folding.fold()
    assert FoldingProgress.objects.get().generation == generation


@pytest.mark.usefixtures("kept_week")
def test_part_of_a_month_is_read_from_it() -> None:
    trend = read(NOON - 8 * DAY, NOON - 3 * DAY)
    assert (count(trend.total), len(trend.periods)) == (1, 6)
    assert count(read(NOON - 5 * DAY, NOON - 3 * DAY).total) == 0


@pytest.mark.usefixtures("kept_week")
def test_views_are_kept_apart() -> None:
    assert [count(read_year(**only).total) for only in ({"action": "resume"}, {"campaign": "c-9"}, {})] == [0, 0, 1]
    kolkata = read(NOON - 365 * DAY, NOON, zone="Asia/Kolkata")
    assert str(week_ago(kolkata).start) == "2026-02-23 00:00:00+05:30"


@pytest.mark.usefixtures("kept_week")
def test_dead_cache_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(cache, "get_many", fail)
    monkeypatch.setattr(cache, "set_many", fail)
    assert count(read_year().total) == 1


def test_last_hours_are_not_kept() -> None:
    ended(at=NOON.replace(hour=0) - HOUR)
    drained(at=NOON.replace(hour=1))
    folding.fold()
    assert day_cache.closed_before() == NOON.replace(hour=0) - HOUR


def test_clock_ahead_closes_nothing(time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    drained(at=NOON + 90 * DAY)
    folding.fold()
    assert day_cache.closed_before() == NOON - 2 * HOUR


@pytest.mark.parametrize("grain", [Grain.DAY, Grain.WEEK])
@pytest.mark.usefixtures("kept_week")
def test_queries_do_not_grow(grain: Grain) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        read(NOON - 3 * DAY, NOON + HOUR, grain)
    with CaptureQueriesContext(connection) as many:
        read(NOON - 600 * DAY, NOON + HOUR, grain)
    assert len(few) == len(many) <= 6


@pytest.mark.parametrize("grain", [Grain.DAY, Grain.WEEK])
def test_half_hour_zone_has_whole_days(grain: Grain) -> None:
    zone = ZoneInfo("Asia/Kolkata")
    since, until = datetime(2026, 11, 2, tzinfo=zone), datetime(2026, 11, 16, tzinfo=zone)
    periods = read_trend(since=since, until=until, grain=grain, zone=zone).periods
    assert (periods[0].start, periods[-1].end) == (since, until)
    assert not any(period.partial for period in periods)
