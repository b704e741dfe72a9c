"""A range of time in an address: in words (today, last hour), or from and to in a zone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from audit.pages.time_ranges import occurs_twice
from campaigns.schedule.clock_face import date_in_words, time_of_day
from campaigns.schedule.due_times import abbreviation_of
from campaigns.schedule.typed_time import meanings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHIFT = timedelta(hours=8)
LABELS = {
    "": "Any time",
    "hour": "Last hour",
    "shift": "Last shift (8 h)",
    "today": "Today",
    "yesterday": "Yesterday",
    "week": "Last 7 days",
    "month": "Last 30 days",
    "custom": "From … to …",
}
_LONG = {"hour": HOUR, "shift": SHIFT, "week": 7 * DAY, "month": 30 * DAY}
_TYPED = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]+(\S.*?)([+-]\d{2}:\d{2})?)?")
_EXAMPLE = "Write it as 2026-11-27 14:30."


@dataclass(frozen=True, slots=True)
class ChosenRange:
    """`since` and `until`: aware; None where there is no bound. `typed`: what the person wrote in the two fields.
    `problems`: by field, why it can't be read; then the range is the one by default."""

    key: str
    zone: ZoneInfo
    since: datetime | None
    until: datetime | None
    typed: tuple[str, str] = ("", "")
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        return LABELS[self.key]


def read_range(
    address: Mapping[str, str], *, keys: Sequence[str], zone: ZoneInfo, now: datetime, longest: timedelta | None = None
) -> ChosenRange:
    """The range that an address asks for. `keys`: those that are offered, the first by default.

    `longest`: how long a custom one may be.
    """
    typed = (address.get("from", "").strip()[:40], address.get("to", "").strip()[:40])
    key = address.get("range", "custom" if any(typed) else keys[0])
    if key == "custom" and "custom" in keys:
        return _custom(typed, keys[0], zone, now, longest)
    chosen = key if key in keys else keys[0]
    since, until = _named(chosen, zone, now)
    return ChosenRange(chosen, zone, since, until)


def _named(key: str, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, datetime | None]:
    if key in _LONG:
        return now - _LONG[key], now
    midnight = datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)
    if key == "today":
        return midnight.astimezone(UTC), _next_midnight(midnight)
    if key == "yesterday":
        # By the calendar: a day is an hour longer or shorter where clocks change.
        before = datetime.combine(midnight.date() - DAY, time(), tzinfo=zone)
        return before.astimezone(UTC), midnight.astimezone(UTC)
    return None, None


def _next_midnight(midnight: datetime) -> datetime:
    return datetime.combine(midnight.date() + DAY, time(), tzinfo=midnight.tzinfo).astimezone(UTC)


def _custom(
    typed: tuple[str, str], default: str, zone: ZoneInfo, now: datetime, longest: timedelta | None
) -> ChosenRange:
    since, until = parse_moment(typed[0], zone), parse_moment(typed[1], zone, is_end=True)
    problems = []
    if since is None and typed[0]:
        problems.append(("from", f"“{typed[0]}” isn’t a time. {_EXAMPLE}"))
    if until is None and typed[1]:
        problems.append(("to", f"“{typed[1]}” isn’t a time. {_EXAMPLE}"))
    if since and until and since >= until:
        problems.append(("to", "This isn’t later than “From”. Correct one of them."))
    if longest and not problems:
        if since is None:
            problems.append(("from", f"Say when it begins. {_EXAMPLE}"))
        elif (until or now) - since > longest:
            problems.append(("to", f"That is too long: choose at most {longest // HOUR} hours."))
    if problems:
        fallback = _named(default, zone, now)
        return ChosenRange("custom", zone, *fallback, typed, tuple(problems))
    return ChosenRange("custom", zone, since, until, typed)


def parse_moment(text: str, zone: ZoneInfo, *, is_end: bool = False) -> datetime | None:
    """ "2026-11-27 14:30", or a date alone: its beginning, or as an end its end. None: it can't be read.

    A time that occurs twice, when summer time ends, is the earlier one; "2026-11-01 01:30-05:00" says which is meant.
    """
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups()[:3])
    minutes = meanings(found[4]) if found[4] else (0,)
    if not minutes or not 1970 <= year <= 2999:
        return None
    try:
        meant = datetime.strptime(found[5], "%z").tzinfo if found[5] else zone
        local = datetime(year, month, day, tzinfo=meant) + timedelta(minutes=minutes[0])
    except ValueError:
        return None
    if is_end and not found[4]:
        local += DAY
    return local.astimezone(UTC)


def write_moment(at: datetime, zone: ZoneInfo) -> str:
    """As the fields have it; one that occurs twice with its offset."""
    local = at.astimezone(zone)
    return (local if occurs_twice(local) else local.replace(tzinfo=None)).isoformat(" ", "minutes")


def say_range(span: ChosenRange) -> str:
    """ "Fri 27 Nov 2026 08:00 to 16:00 EST"."""
    if span.since is None or span.until is None:
        return span.label
    since, until = (at.astimezone(span.zone) for at in (span.since, span.until))
    begins = f"{date_in_words(since)} {time_of_day(since)}"
    # Midnight at the end is the same day's 24:00 to a reader.
    if since.date() == until.date():
        ends = time_of_day(until)
    elif until.date() - since.date() == DAY and until.time() == time():
        ends = "24:00"
    else:
        ends = f"{date_in_words(until, this_year=since.year)} {time_of_day(until)}"
    return f"{begins} to {ends} {abbreviation_of(until)}"
