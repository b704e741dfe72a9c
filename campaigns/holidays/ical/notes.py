"""Sentences about a whole file: what a person should know before importing any of it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from campaigns.holidays.ical.lines import Component, Source
from campaigns.holidays.ical.properties import property_text

_NOT_EVENTS = {
    "VTODO": ("task (VTODO)", "tasks (VTODO)"),
    "VJOURNAL": ("journal entry (VJOURNAL)", "journal entries (VJOURNAL)"),
    "VFREEBUSY": ("VFREEBUSY", "VFREEBUSY"),
}


def about_source(source: Source) -> Iterator[str]:
    if source.guessed:
        yield (
            f"The text isn’t UTF-8 (first on line {source.guessed[0]:,}): it was read as Western European, "
            "Windows-1252. Check the names."
        )
    if source.skipped:
        if len(source.skipped) > 1:
            more = f" and {len(source.skipped) - 1:,} more"
        else:
            more = ""
        yield (
            f"Line {source.skipped[0]:,}{more} is no property of the form NAME:VALUE, or belongs to no event, and was "
            "skipped."
        )
    parts: Counter[str] = Counter()
    for calendar in source.calendars:
        parts.update(part.name for part in calendar.parts)
    passed = [f"{parts[name]:,} {words[parts[name] > 1]}" for name, words in _NOT_EVENTS.items() if parts[name]]
    if passed:
        verb = "was" if sum(parts[name] for name in _NOT_EVENTS) == 1 else "were"
        yield f"Only events are read: {', '.join(passed)} {verb} not."
    if not parts["VEVENT"]:
        yield "The file has no events."


def about_utc() -> str:
    return (
        "Some times are in UTC, and neither this calendar nor the file names another time zone for them: they are "
        "taken as they stand, for each campaign’s own clocks. Give the calendar a zone if that is not meant."
    )


def withdrawn(calendars: Iterable[Component]) -> Iterator[str]:
    """A sentence if the whole file withdraws its events."""
    # If only some of its calendars do, the events are listed one by one.
    if all(property_text(calendar, "METHOD").upper() == "CANCEL" for calendar in calendars):
        yield "The file withdraws its events (METHOD:CANCEL): nothing of it is taken as a holiday."
