"""What an import would change in a calendar."""

from collections.abc import Collection
from datetime import date

from campaigns.holidays import Entry
from campaigns.models import Calendar


def missing_from(calendar: Calendar, entries: Collection[Entry]) -> list[Entry]:
    """Those that the calendar hasn't yet, by date and name. What comes every year is there on each of its dates from
    the first on; what was renamed here is known by the file's id of it."""
    known = list(calendar.holidays.all())
    named = {(holiday.date, holiday.name) for holiday in known}
    renamed = named - {(entry.date, entry.name) for entry in entries}
    marked = {
        (holiday.date, holiday.uid) for holiday in known if holiday.uid and (holiday.date, holiday.name) in renamed
    }
    yearly = {_yearly_key(holiday.date, holiday.name): holiday.date for holiday in known if holiday.every_year}
    return [
        entry
        for entry in entries
        if (entry.date, entry.name) not in named
        and (entry.date, entry.uid) not in marked
        and yearly.get(_yearly_key(entry.date, entry.name), date.max) > entry.date
    ]


def _yearly_key(day: date, name: str) -> tuple[int, int, str]:
    return day.month, day.day, name
