"""What an import would change in a calendar: the holidays that it lacks, and those that are out of date.

Events of a calendar file have an id (UID): an event that is now on another day has moved. Public holidays have none;
only those with an estimated day are recognised, by their name in that year.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from campaigns.holidays.dates import HolidayEntry, closed_of, hours_in_words
from campaigns.holidays.ical import Withdrawn
from campaigns.holidays.import_offers import Offer
from campaigns.models import Calendar, Holiday
from campaigns.schedule.clock_face import date_in_words

# How the `holidays` library, 0.109, marks days that depend on the moon, in English: "Eid al-Fitr (estimated)",
# "Feast (observed, estimated)".
_ESTIMATED = re.compile(r"\((?:(observed), )?estimated\)")
_Date = date
MOVED = "same event in the file"
ESTIMATED = "same name in that year, and only estimated"
_ON_OTHER_DAYS = {MOVED: "the file has this event on other days", ESTIMATED: "estimated, and on other days now"}


@dataclass(frozen=True, slots=True)
class Outdated:
    """A holiday of the calendar that its source no longer has on that day. `to`: its new day, if there is one. `why`:
    how it was recognised, or what happened to it."""

    pk: int
    name: str
    date: date
    hours: str
    why: str
    to: _Date | None = None
    every_year: bool = False

    @property
    def sentence(self) -> str:
        """ "moved to Wed 2027-03-10 (same event in the file)"."""
        if self.to:
            became = f"moved to {date_in_words(self.to)} ({self.why})"
        else:
            became = _ON_OTHER_DAYS.get(self.why, self.why)
        if self.every_year:
            return f"{became}; it comes every year"
        return became


@dataclass(frozen=True, slots=True)
class ImportComparison:
    """`missing`: entries that the calendar lacks. `kept`: by entry, the calendar's holiday for it. `outdated`: those
    that are out of date. `moved`: by entry, the outdated holiday that it replaces."""

    missing: list[HolidayEntry]
    kept: dict[HolidayEntry, Holiday]
    outdated: list[Outdated]
    moved: dict[HolidayEntry, Outdated] = field(default_factory=dict)


class _Index:
    """An offer's entries by what identifies them: the UID, or year and name."""

    def __init__(self, offer: Offer) -> None:
        self._by_uid: dict[str, list[HolidayEntry]] = {}
        self._by_name: dict[tuple[int, str], list[HolidayEntry]] = {}
        for entry in offer.entries:
            if entry.uid:
                self._by_uid.setdefault(entry.uid, []).append(entry)
            else:
                self._by_name.setdefault(_name_key(entry), []).append(entry)
        self._withdrawn: dict[str, list[Withdrawn]] = {}
        for one in offer.withdrawn:
            if one.uid:
                self._withdrawn.setdefault(one.uid, []).append(one)
        # If a part of an event can't be read, a day that seems to be missing may be in that part.
        self._unread = {left.uid for left in offer.left_out if left.matters}

    def same(self, holiday: Holiday) -> list[HolidayEntry]:
        """The entries for the same holiday, on any day."""
        if holiday.uid:
            return self._by_uid.get(holiday.uid, [])
        # Somebody who marked it as recurring every year chose its day on purpose.
        if holiday.every_year:
            return []
        found = self._by_name.get(_name_key(holiday), [])
        is_estimated = _ESTIMATED.search(holiday.name) or any(_ESTIMATED.search(entry.name) for entry in found)
        return found if is_estimated else []

    def why_outdated(self, holiday: Holiday) -> str:
        """Why the holiday is out of date; "" if it isn't, or if the offer doesn't say."""
        same = self.same(holiday)
        if any(entry.date == holiday.date for entry in same):
            return ""
        for one in self._withdrawn.get(holiday.uid, []):
            if one.on in {None, holiday.date}:
                return f"withdrawn by the file, line {one.line:,}"
        if not same or holiday.uid in self._unread:
            return ""
        return MOVED if holiday.uid else ESTIMATED


def compare_import(calendar: Calendar, offer: Offer) -> ImportComparison:
    """Compare an offer with the calendar's holidays. One query."""
    known = list(calendar.holidays.all())
    kept = _kept(known, offer.entries)
    missing = [entry for entry in offer.entries if entry not in kept]
    moved: dict[HolidayEntry, Outdated] = {}
    outdated: list[Outdated] = []
    index, free = _Index(offer), set(missing)
    # An entry with a holiday in the calendar isn't added. If that holiday were removed, the entry's day would be lost.
    in_use = {holiday.pk for holiday in kept.values()}
    for holiday in known:
        is_asked = offer.first <= holiday.date <= offer.last and holiday.pk not in in_use
        why = index.why_outdated(holiday) if is_asked else ""
        if not why:
            continue
        candidates = [entry for entry in index.same(holiday) if entry in free]
        entry = min(candidates, key=partial(_distance, holiday), default=None)
        found = _outdated(holiday, why, entry)
        outdated.append(found)
        if entry is not None:
            free.discard(entry)
            moved[entry] = found
    return ImportComparison(missing, kept, outdated, moved)


def missing_from(calendar: Calendar, entries: Collection[HolidayEntry]) -> list[HolidayEntry]:
    """The entries that the calendar lacks. One query."""
    kept = _kept(list(calendar.holidays.all()), entries)
    return [entry for entry in entries if entry not in kept]


def _kept(known: Collection[Holiday], entries: Collection[HolidayEntry]) -> dict[HolidayEntry, Holiday]:
    """The calendar's holiday for each entry that it already has."""
    # By date and name; by name without the mark of an estimate, since an estimate that came true isn't a second
    # holiday; by UID, if somebody renamed the holiday here; or as one that recurs every year, from its own date on.
    named = {(holiday.date, holiday.name): holiday for holiday in known}
    certain = {(holiday.date, _certain(holiday.name)): holiday for holiday in known}
    given = {(entry.date, entry.name) for entry in entries}
    renamed = [holiday for holiday in known if holiday.uid and (holiday.date, holiday.name) not in given]
    marked = {(holiday.date, holiday.uid): holiday for holiday in renamed}
    yearly = {_yearly_key(holiday.date, holiday.name): holiday for holiday in known if holiday.every_year}
    kept: dict[HolidayEntry, Holiday] = {}
    for entry in entries:
        every_year = yearly.get(_yearly_key(entry.date, entry.name))
        found = (
            named.get((entry.date, entry.name))
            or certain.get((entry.date, _certain(entry.name)))
            or marked.get((entry.date, entry.uid))
            or (every_year if every_year and every_year.date <= entry.date else None)
        )
        if found:
            kept[entry] = found
    return kept


def _yearly_key(day: date, name: str) -> tuple[int, int, str]:
    return day.month, day.day, name


def _name_key(one: Holiday | HolidayEntry) -> tuple[int, str]:
    return one.date.year, _certain(one.name)


def _certain(name: str) -> str:
    """ "Feast (estimated)" → "Feast", "Feast (observed, estimated)" → "Feast (observed)"."""
    return _ESTIMATED.sub(lambda found: f"({found[1]})" if found[1] else "", name).strip()


def _distance(holiday: Holiday, entry: HolidayEntry) -> tuple[timedelta, date]:
    """The sort key for the nearest entry; of two that are equally near, the earlier one."""
    return abs(entry.date - holiday.date), entry.date


def _outdated(holiday: Holiday, why: str, entry: HolidayEntry | None) -> Outdated:
    return Outdated(
        pk=holiday.pk,
        name=holiday.name,
        date=holiday.date,
        hours=hours_in_words(closed_of(holiday)),
        why=why,
        to=entry.date if entry else None,
        every_year=holiday.every_year,
    )
