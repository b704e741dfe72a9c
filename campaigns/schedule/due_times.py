"""Times at which something is to happen: an instant, and the local time and zone in which a person entered it.

A local time that clocks show twice, or never, means two instants, and the person chooses. The local time is kept, so
that the instant can be computed again when the zone's rules change.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.schedule.clock_face import date_in_words, time_of_day
from campaigns.schedule.parsing import find_zone
from campaigns.schedule.zones import offset_name

# A typing error in the year is likelier than a plan that far ahead: a bit more than a year.
HORIZON = timedelta(days=400)
# What these names mean to whoever reads them here. Manila has a PST of its own, Shanghai and Havana a CST.
AMERICAN_HOURS = {
    name: timedelta(hours=hours)
    for name, hours in {
        "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    }.items()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DueTime:
    """`at`: the instant, in UTC. `local`: as clocks show it in `zone`, "2026-11-01T01:30"; `fold`: 1 for the second
    of two equal local times (PEP 495). `local` and `zone` are "" if an instant was entered, which no rules change."""

    at: datetime
    local: str = ""
    fold: int = 0
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Meanings:
    """What a local time can mean, earliest first: one instant, or two. `is_skipped`: clocks never show it there."""

    instants: tuple[DueTime, ...]
    is_skipped: bool = False


def meanings_in(local: datetime, zone: ZoneInfo) -> Meanings:
    """The instants that `local` (naive) can mean in `zone`.

    Two if clocks show it twice, and two if they skip it: the same time by the offset before and after the change.
    OverflowError: the instant is before the year 1 or after 9999.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Meanings((_entered(first, zone),))
    is_skipped = _is_skipped(first, zone)
    found = sorted((_entered(each, zone) for each in (first, second)), key=lambda due: due.at)
    return Meanings(tuple(found), is_skipped)


def question_about(local: datetime, zone: ZoneInfo, meanings: Meanings) -> str:
    """Why a person has to choose between two instants, in a sentence."""
    when = f"{date_in_words(local)} {time_of_day(local)}"
    if meanings.is_skipped:
        return f"{when} doesn’t exist in {zone.key}: the clocks are put forward over it."
    return f"{when} comes twice in {zone.key}: the clocks are put back then."


def _entered(local: datetime, zone: ZoneInfo) -> DueTime:
    at = local.astimezone(UTC)
    # Of a time that clocks skip, the one that they show at that instant is kept: that is what the person chooses.
    shown = at.astimezone(zone)
    return DueTime(at, f"{shown:%Y-%m-%dT%H:%M:%S}", shown.fold, zone.key)


def _is_skipped(local: datetime, zone: ZoneInfo) -> bool:
    back = local.astimezone(UTC).astimezone(zone)
    return back.replace(tzinfo=None) != local.replace(tzinfo=None)


def due_instant(at: datetime) -> DueTime:
    """An instant (aware) that was entered as such."""
    return DueTime(at.astimezone(UTC))


def instant_of(local: str, fold: int, zone_name: str) -> datetime | None:
    """The instant of a kept local time by the rules of today, in UTC. None: the zone is unknown now."""
    zone = find_zone(zone_name)
    if zone is None:
        return None
    return datetime.fromisoformat(local).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def problem_of(at: datetime | None, until: datetime | None, now: datetime) -> str:
    """Why something can't be due at `at`, or end at `until`, in a sentence; "" if it can. None for `at` is now."""
    if at is not None and at <= now:
        return "This time has passed. Choose a later one, or do it now."
    if at is not None and until is not None and until <= at:
        return "It has to end after it begins. Choose a later end."
    if until is not None and until <= now:
        return "This time has passed. Choose a later one."
    if max(each for each in (at, until, now) if each is not None) > now + HORIZON:
        return f"This is more than {HORIZON.days} days ahead. Choose an earlier time."
    return ""


def shown_in(at: datetime, zone_name: str) -> datetime:
    """`at` as clocks show it in that zone, or in UTC if the zone is unknown."""
    return at.astimezone(find_zone(zone_name) or UTC)


def in_words(at: datetime, zone_name: str) -> str:
    """ "Sat 28 Nov 2026 18:00 EST", as clocks show it there; "UTC+5:45" where the zone has no short name."""
    local = shown_in(at, zone_name)
    return f"{date_in_words(local)} {time_of_day(local, seconds=local.second > 0)} {abbreviation_of(local)}"


def reads_alike(one: datetime, other: datetime) -> bool:
    """Whether the same instant in two zones is written the same: the same time, and a zone of the same short name."""
    return one.utcoffset() == other.utcoffset() and abbreviation_of(one) == abbreviation_of(other)


def abbreviation_of(local: datetime) -> str:
    """The short name of its zone at that time: "EST", or "UTC+5:45" where there is none, or one that means another."""
    name, offset = local.tzname() or "", local.utcoffset() or timedelta()
    if name.isalpha() and AMERICAN_HOURS.get(name, offset) == offset:
        return name
    return offset_name(int(offset.total_seconds()) // 60)


def as_iso(due: DueTime) -> str:
    """With its offset: "2026-11-01T01:30:00-05:00", by which it can be told from its twin."""
    return shown_in(due.at, due.zone).isoformat()
