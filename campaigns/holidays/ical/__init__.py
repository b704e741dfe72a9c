"""Calendar files (.ics, RFC 5545) as holidays: one for each day, with restricted hours in the calendar's zone.

A file is a list of statements, of which later ones replace earlier ones. What can't be imported is listed by line,
with its name and the reason, and the rest is read: a person looks at both before anything is saved.
"""

from campaigns.holidays.ical.entries import MOST_EVENTS, CalendarFile, LeftOut, Withdrawn, read_calendar_file
from campaigns.holidays.ical.lines import MOST_BYTES, TOO_LARGE
from campaigns.holidays.ical.problems import Problem, Unreadable

__all__ = [
    "MOST_BYTES",
    "MOST_EVENTS",
    "TOO_LARGE",
    "CalendarFile",
    "LeftOut",
    "Problem",
    "Unreadable",
    "Withdrawn",
    "read_calendar_file",
]
