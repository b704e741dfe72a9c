"""Calendar files (.ics, RFC 5545) as holidays: one a day, restricted hours in the clocks that count.

Lines and values are icalendar's to read. What can't be read is told by its line,
and then nothing of the file is taken: half a calendar looks like a whole one.
"""

from campaigns.ics.entries import MOST_EVENTS, LeftOut, Reading, read
from campaigns.ics.lines import MOST_BYTES, TOO_LARGE, Problem, Unreadable

__all__ = ["MOST_BYTES", "MOST_EVENTS", "TOO_LARGE", "LeftOut", "Problem", "Reading", "Unreadable", "read"]
