"""One event of a calendar file: when it begins, how long it lasts, how it recurs, and what the file calls it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from campaigns.holidays.ical.lines import Component
from campaigns.holidays.ical.moments import (
    DAY,
    FindZone,
    Length,
    Moment,
    RecurrencePeriod,
    length_between,
    midnight_date,
    read_duration,
    read_moment,
    read_periods,
)
from campaigns.holidays.ical.problems import Broken, Work, printable
from campaigns.holidays.ical.properties import MOST_TEXT, Property, plain_text, properties, property_text
from campaigns.holidays.ical.recurrence import Rule
from campaigns.holidays.ical.rules import First, read_rule
from campaigns.schedule.clock_face import date_in_words

# A longer event is left out: a holiday of more than a year is a mistake.
LONGEST = timedelta(days=366)
# In characters: what fits on one line of the preview.
NATURE_LENGTH = 80
# Lines, and characters of the rest, that are searched for the kind of day. It comes first; descriptions are long if
# programs put invitations or legal notices into them.
MOST_DESCRIBED = 10
MOST_HINT = 200
# Sentences about guesses: more than these nobody reads, so the rest is one more sentence.
MOST_DOUBTS = 20
_DAY_END = time(23, 59)
# Outlook's flag for whole days, and those of other programs, beside times instead of dates.
_ALL_DAY = ("X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY")
# Words for days that aren't holidays, or not everybody's: such events aren't selected by default.
_FALSE = re.compile(
    r"\b(observances?|commemorations?|not an? (?:\w+ ){0,2}holiday|not a day off|unofficial|seasons?|equinox|solstice|"
    r"clock change|daylight saving|working day|school day)\b",
    re.IGNORECASE,
)
# In a name: “Flower Day (not a public holiday)”, “Mother's Day (Observance)”.
_DENIED = re.compile(r"\bnot an? (?:\w+ ){0,2}holiday|\((?:\w+ ){0,2}observance\)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_TRUE = re.compile(r"(?<!not a )\b(public|bank|federal|national|legal|statutory|state) holiday", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Event:
    """`zones`: the file's and the calendar's, in which a time in UTC may be a date. `also` and `excluded`: the RDATE
    and EXDATE of a series; like the rules, a single recurrence has none. `is_whole_days`: by Outlook's flag, although
    its times are written as times."""

    line: int
    uid: str
    name: str
    nature: str
    remark: str
    start: Moment
    length: Length
    zones: tuple[tzinfo | None, ...] = ()
    rules: tuple[Rule, ...] = ()
    excluding_rules: tuple[Rule, ...] = ()
    also: tuple[RecurrencePeriod, ...] = ()
    excluded: tuple[Moment, ...] = ()
    is_whole_days: bool = False
    is_suggested: bool = True

    def own(self, moment: Moment) -> datetime:
        """`moment` in the form of this event's times: a date at midnight, or a time in its zone; naive."""
        if self.start.is_date:
            day, _ = midnight_date(moment, self.zones, is_midnight=self.is_whole_days)
            return datetime.combine(day, time())
        return moment.seen_in(self.start.zone or next((zone for zone in reversed(self.zones) if zone), None))


@dataclass(frozen=True, slots=True)
class Clocks:
    """The zones of the calendar that is filled and of the file; None if there is none. `doubts`: sentences about what
    was guessed or skipped."""

    calendar: tzinfo | None
    file: tzinfo | None
    doubts: dict[str, None]

    def doubt(self, sentence: str) -> None:
        if len(self.doubts) < MOST_DOUBTS:
            self.doubts[sentence] = None
        elif len(self.doubts) == MOST_DOUBTS:
            self.doubts["There is more of this kind in the file."] = None

    @property
    def both(self) -> tuple[tzinfo | None, ...]:
        return self.file, self.calendar


def name_of(component: Component) -> str:
    return property_text(component, "SUMMARY")


def read_event(component: Component, find_zone: FindZone, clocks: Clocks, work: Work, *, is_single: bool) -> Event:
    """Read an event. `is_single`: it is one recurrence of a series, which doesn't recur further, whatever its rule.
    Raises Broken with the reason if it can't be read."""
    begins = _once(component, "DTSTART")
    if begins is None:
        raise Broken(component.line, "It has no beginning (DTSTART).")
    is_all_day = any(property_text(component, name).upper() in {"TRUE", "1"} for name in _ALL_DAY)
    if is_all_day:
        find_zone = _no_zone
    start = read_moment(begins.value, begins, find_zone)
    if start.is_date:
        find_zone = _where_known(find_zone)
    length, remark = _length(component, start, find_zone, clocks)
    is_flagged = is_all_day and not start.is_date
    if is_flagged:
        start, length = _whole_days(start, length, clocks.both)
    if length.rough > LONGEST:
        raise Broken(component.line, "It lasts longer than a year.")
    is_tentative = property_text(component, "STATUS").upper() == "TENTATIVE"
    tentative = "The file calls it tentative." if is_tentative else ""
    event = Event(
        line=component.line,
        uid=property_text(component, "UID"),
        name=name_of(component),
        nature=_nature(component),
        remark=remark or _midnight_in_utc(start, length, clocks) or tentative,
        start=start,
        length=length,
        zones=clocks.both,
        is_whole_days=is_flagged,
        is_suggested=_is_suggested(component),
    )
    if is_single:
        return event
    return _recurring(event, component, find_zone, clocks, work)


def _no_zone(_name: str, _line: int) -> None:
    """For whole days: they are those of the event's own zone, so none is looked up."""


def _where_known(find_zone: FindZone) -> FindZone:
    """`find_zone`, but None for an unknown zone. Of a time in a series of days only the date counts, whatever its
    zone."""

    def find(name: str, line: int) -> tzinfo | None:
        try:
            return find_zone(name, line)
        except Broken:
            return None

    return find


def _recurring(event: Event, component: Component, find_zone: FindZone, clocks: Clocks, work: Work) -> Event:
    first = First(event.start.at, event.start.is_date)

    def skip(broken: Broken) -> None:
        clocks.doubt(f"Line {broken.line:,}: {broken.sentence} It was skipped, and the rest of the event read.")

    also = read_periods(properties(component, "RDATE"), find_zone, work, skip)
    excluded = read_periods(properties(component, "EXDATE"), find_zone, work, skip)
    if event.start.is_date and not event.is_whole_days:
        _note_doubts(component, [*also, *excluded], clocks)
    return replace(
        event,
        rules=tuple(read_rule(given, first) for given in properties(component, "RRULE")),
        excluding_rules=tuple(read_rule(given, first) for given in properties(component, "EXRULE")),
        also=tuple(also),
        excluded=tuple(period.start for period in excluded),
    )


def _note_doubts(component: Component, given: Iterable[RecurrencePeriod], clocks: Clocks) -> None:
    for period in given:
        day, is_sure = midnight_date(period.start, clocks.both)
        if not is_sure:
            sentence = (
                f"“{printable(name_of(component)) or 'Holiday'}” (line {component.line:,}) is a series of days, and "
                f"{date_in_words(period.start.at)} {period.start.at:%H:%M} UTC in it was taken for "
                f"{date_in_words(day)}. Give the calendar a time zone if that is not meant."
            )
            clocks.doubt(sentence)


def _once(component: Component, name: str) -> Property | None:
    """The property of that name, if there is one. Raises Broken if there are two that differ."""
    given = properties(component, name)
    if len({one.value for one in given}) > 1:
        raise Broken(given[1].line, f"It has {name} twice.")
    return given[0] if given else None


def _length(component: Component, start: Moment, find_zone: FindZone, clocks: Clocks) -> tuple[Length, str]:
    """The length of an event, and a remark on how it was read. DTEND counts more than DURATION."""
    ends, lasts = _once(component, "DTEND"), _once(component, "DURATION")
    if ends:
        end = read_moment(ends.value, ends, find_zone)
        if start.is_date:
            return _days_until(start, end, ends.line, clocks)
        if end.is_date:
            return _until_date(start, end)
        if start.zone is None:
            end = Moment(end.seen_in(clocks.calendar or clocks.file))
        return length_between(start, end, ends.line), ""
    if lasts is None:
        # RFC 5545, 3.6.1: without an end a date lasts one day, and a time ends when it begins.
        return Length(days=1 if start.is_date else 0), ""
    length = read_duration(lasts.value, lasts)
    if start.is_date:
        return Length(max(-(-length.rough // DAY), 1)), ""
    return length, ""


def _days_until(start: Moment, end: Moment, line: int, clocks: Clocks) -> tuple[Length, str]:
    """The length of an event that starts with a date, and a remark if its end is a time."""
    last, _ = midnight_date(end, clocks.both)
    # The end is the first day after the event (RFC 5545, 3.6.1), but 23:59 is the end of its last day.
    if not end.is_date and end.at.time() >= _DAY_END and last == end.at.date():
        last += DAY
    days = (last - start.at.date()).days
    if days < 0:
        raise Broken(line, "It ends before it starts.")
    if end.is_date or days <= 1:
        return Length(max(days, 1)), ""
    return Length(days), "Its beginning is a date and its end a time, of which the date counted."


def _until_date(start: Moment, end: Moment) -> tuple[Length, str]:
    """The length of an event from a time until a date: until that date begins, at least until the next midnight."""
    midnight = max(end.at, datetime.combine(start.at.date() + DAY, time()))
    remark = "Its end is a date and its beginning a time: it was taken until midnight."
    return length_between(start, Moment(midnight, zone=start.zone), 0), remark


def _whole_days(start: Moment, length: Length, zones: Iterable[tzinfo | None]) -> tuple[Moment, Length]:
    """The start and length in whole days of an event with Outlook's flag, in whatever zone its times are midnight."""
    first, _ = midnight_date(start, zones, is_midnight=True)
    days = -(-length.rough // DAY)
    # A day on which clocks change has 23 or 25 hours.
    if length.exact and abs(length.rough - round(length.rough / DAY) * DAY) <= timedelta(hours=1):
        days = round(length.rough / DAY)
    return Moment(datetime.combine(first, time()), is_date=True), Length(max(days, 1))


def _nature(component: Component) -> str:
    """What the description and the categories say about the kind of day."""
    categories = [plain_text(given) for given in properties(component, "CATEGORIES")[:5]]
    said = [*_described(component), *categories]
    found = ", ".join(dict.fromkeys(text for text in said if text and text != name_of(component)))
    if len(found) <= NATURE_LENGTH:
        return found
    return found[: NATURE_LENGTH - 1].rstrip() + "…"


def _described(component: Component) -> list[str]:
    """The description's first line, or its first sentence if it is long; and the first line that says what kind of day
    it is, unless the first one does."""
    given = properties(component, "DESCRIPTION")[:1]
    if not given:
        return []
    lines = re.split(r"\\n|\n", given[0].value[:MOST_TEXT], flags=re.IGNORECASE)[:MOST_DESCRIBED]
    texts = [_short(plain_text(given[0]._replace(value=line))) for line in lines]
    telling = [text for text in texts if _FALSE.search(text) or _TRUE.search(text)]
    if texts[0] in telling:
        return texts[:1]
    return [*texts[:1], *telling[:1]]


def _short(text: str) -> str:
    """The text if it fits, otherwise its first sentence if that fits, otherwise ""."""
    if len(text) <= NATURE_LENGTH:
        first = text
    else:
        first = _SENTENCE_END.split(text, maxsplit=1)[0]
    return first if len(first) <= NATURE_LENGTH else ""


def _is_suggested(component: Component) -> bool:
    """Whether the event is selected by default: unless the file calls it an observance, a season or not a holiday."""
    nature = _nature(component)
    described = properties(component, "DESCRIPTION")[:1]
    if described:
        _, is_longer, rest = described[0].value.partition("\\n")
    else:
        _, is_longer, rest = ("", "", "")
    # Google's feeds name observances in the language of the country, so words don't help. But only for observances the
    # second line of the description says how to hide them in Google Calendar.
    if is_longer and "Google" in rest[:MOST_HINT]:
        return False
    if _TRUE.search(nature):
        return True
    return not _FALSE.search(nature) and not _DENIED.search(name_of(component))


def _midnight_in_utc(start: Moment, length: Length, clocks: Clocks) -> str:
    """A remark if an event may mean whole days, which scripts of websites write as midnight in UTC without a flag; ""
    otherwise."""
    is_days = start.is_in_utc and start.at.time() == time() and bool(length) and not length.rough % DAY
    if not is_days or not any(clocks.both):
        return ""
    return "Its times are midnight in UTC, which isn’t midnight here. If whole days are meant, change its hours."


def may_fall_in(component: Component, first: date, last: date) -> bool:
    """Whether an event that can't be imported may fall between these days, by what can be read of it."""
    start = _plain_date(component, "DTSTART")
    if start is None:
        return True
    if start > last:
        return False
    ends = _plain_date(component, "DTEND") or _rough_end(component, start)
    until = re.search(r"UNTIL=([0-9]{8})", " ".join(one.value for one in properties(component, "RRULE")), re.ASCII)
    if properties(component, "RDATE") or (properties(component, "RRULE") and until is None):
        return True
    latest = max(ends, start) if until is None else _date(until[1])
    return latest is None or latest >= first - DAY


def _rough_end(component: Component, start: date) -> date:
    given = properties(component, "DURATION")
    try:
        if given:
            return start + read_duration(given[0].value, given[0]).rough
        return start
    except Broken:
        return start
    except OverflowError:
        return date.max


def _plain_date(component: Component, name: str) -> date | None:
    given = properties(component, name)
    return _date(given[0].value[:8]) if given else None


def _date(digits: str) -> date | None:
    try:
        if len(digits) == 8:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
        return None
    except ValueError:
        return None
