"""Parsing of RRULE (RFC 5545, 3.3.10). What a rule leaves open is taken from the first event.

Parts that are empty, or begin with X-, are ignored.
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple, NoReturn

from campaigns.holidays.ical.moments import Moment, read_moment
from campaigns.holidays.ical.problems import Broken, printable
from campaigns.holidays.ical.properties import Property
from campaigns.holidays.ical.recurrence import Rule

_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_READ = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "RSCALE", "SKIP", *_TIMES),
    *("BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS"),
}
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}", re.ASCII)
_WEEKDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
# A rule with a larger INTERVAL is rejected.
MOST_INTERVAL = 1000
# A rule with COUNT must be computed from its first day on, so one that begins earlier is rejected. All others are only
# computed in the years that are read.
EARLIEST_COUNTED = 1900


class First(NamedTuple):
    """The start of the event, as a naive datetime in its zone."""

    at: datetime
    is_date: bool


def read_rule(given: Property, first: First) -> Rule:
    """Read a RRULE or EXRULE. Raises Broken if it isn't a valid rule, or isn't supported."""
    parts = _parts(given)
    _check_frequency(given, parts, first)
    weekdays = _weekdays(given, parts)
    rule = Rule(
        freq=parts["FREQ"],
        interval=_single(given, parts, "INTERVAL", MOST_INTERVAL) or 1,
        most=_single(given, parts, "COUNT", 999_999),
        until=_until(given, parts),
        week_start=_week_start(given, parts),
        months=_numbers(given, parts, "BYMONTH", 12, is_signed=False),
        weeks=_numbers(given, parts, "BYWEEKNO", 53),
        year_days=_numbers(given, parts, "BYYEARDAY", 366),
        month_days=_numbers(given, parts, "BYMONTHDAY", 31),
        weekdays=weekdays,
        positions=_numbers(given, parts, "BYSETPOS", 366),
    )
    _check_fit(given, rule)
    if rule.most and first.at.year < EARLIEST_COUNTED:
        raise Broken(given.line, f"{given.name} has a COUNT that begins before {EARLIEST_COUNTED}.")
    return _completed(rule, first)


def _parts(given: Property) -> dict[str, str]:
    """The parts of a rule by upper-case name; of repeated ones, the last."""
    # Some programs write RRULE:RRULE:…
    parts: dict[str, str] = {}
    for piece in given.value.upper().removeprefix("RRULE:").split(";"):
        name, _, value = (text.strip() for text in piece.partition("="))
        if name.startswith("X-"):
            continue
        if value:
            parts[name] = value
        elif name and "=" not in piece:
            _refuse(given)
    return parts


def _check_frequency(given: Property, parts: dict[str, str], first: First) -> None:
    if parts.get("FREQ") in _OFTEN or not _are_times_of(first, given, parts):
        raise Broken(
            given.line, f"{given.name} recurs more than once a day, or at another time than the event begins."
        )
    if parts.get("FREQ") not in _FREQUENCIES:
        _refuse(given)
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN" or parts.get("SKIP", "OMIT") != "OMIT":
        raise Broken(given.line, f"{given.name} counts by another calendar (RSCALE, SKIP), which is not read here.")
    unknown = sorted(set(parts) - _READ)
    if unknown:
        raise Broken(given.line, f"{given.name} has {printable(unknown[0])}, which is not read here.")


def _are_times_of(first: First, given: Property, parts: dict[str, str]) -> bool:
    """Whether the times in a rule are those of the event."""
    # In a rule for whole days they have no effect.
    times = zip(_TIMES, (first.at.hour, first.at.minute, first.at.second), strict=True)
    return first.is_date or all(
        _numbers(given, parts, name, 60, is_signed=False, least=0) <= {time} for name, time in times
    )


def _check_fit(given: Property, rule: Rule) -> None:
    """Raise Broken if a part isn't allowed with the rule's FREQ."""
    # RFC 5545, 3.3.10: numbers in BYDAY only with MONTHLY or YEARLY, and without BYWEEKNO; BYWEEKNO and BYYEARDAY only
    # with YEARLY; BYMONTHDAY not with WEEKLY.
    are_numbered = any(numbers != {0} for numbers in rule.weekdays.values())
    if (
        (are_numbered and (rule.freq not in {"MONTHLY", "YEARLY"} or rule.weeks))
        or (rule.weeks and rule.freq != "YEARLY")
        or (rule.year_days and rule.freq != "YEARLY")
        or (rule.month_days and rule.freq == "WEEKLY")
    ):
        _refuse(given)


def _completed(rule: Rule, first: First) -> Rule:
    day = first.at.date()
    if rule.year_days or rule.month_days or rule.weekdays:
        return rule
    if rule.freq == "WEEKLY" or rule.weeks:
        return rule._replace(weekdays={day.weekday(): frozenset({0})})
    if rule.freq == "DAILY":
        return rule
    months = rule.months or (frozenset({day.month}) if rule.freq == "YEARLY" else frozenset())
    return rule._replace(months=months, month_days=frozenset({day.day}))


def _single(given: Property, parts: dict[str, str], name: str, most: int) -> int | None:
    numbers = _numbers(given, parts, name, most, is_signed=False)
    if len(numbers) > 1:
        _refuse(given)
    return next(iter(numbers), None)


def _numbers(
    given: Property, parts: dict[str, str], name: str, most: int, *, is_signed: bool = True, least: int = 1
) -> frozenset[int]:
    found = set()
    for text in _listed(parts, name):
        number = int(text) if _NUMBER.fullmatch(text) else most + 1
        if not least <= (abs(number) if is_signed else number) <= most:
            _refuse(given)
        found.add(number)
    return frozenset(found)


def _weekdays(given: Property, parts: dict[str, str]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for text in _listed(parts, "BYDAY"):
        match = _WEEKDAY.fullmatch(text)
        if not match or (match[1] and not 1 <= abs(int(match[1])) <= 53):
            _refuse(given)
        found.setdefault(_WEEK.index(match[2]), set()).add(int(match[1] or 0))
    return {weekday: frozenset(numbers) for weekday, numbers in found.items()}


def _until(given: Property, parts: dict[str, str]) -> Moment | None:
    # Some programs write the last year that they know for a rule without an end.
    if parts.get("UNTIL", "9999").startswith("9999"):
        return None
    # The parameters belong to the rule, not to this value: a TZID among them doesn't apply to it.
    return read_moment(parts["UNTIL"], given._replace(params={}), lambda _name, _line: UTC)


def _listed(parts: dict[str, str], name: str) -> set[str]:
    return {text.strip() for text in parts.get(name, "").split(",")} - {""}


def _week_start(given: Property, parts: dict[str, str]) -> int:
    name = parts.get("WKST", "MO")
    if name not in _WEEK:
        _refuse(given)
    return _WEEK.index(name)


def _refuse(given: Property) -> NoReturn:
    raise Broken(given.line, f"{given.name} is “{printable(given.value)}”, which isn’t a rule of recurrence.")
