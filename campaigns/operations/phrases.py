"""Pieces of sentences about campaigns, calls, schedules and times. Pure."""

from datetime import datetime

from django.utils import timezone

from campaigns.schedule import DAY_NAMES, clock_face
from campaigns.schedule.due_times import abbreviation_of

_PARTS = DAY_NAMES | {
    "timezone": "the time zone",
    "pauseConditions": "the pause conditions",
    "hours": "the time zone and the windows",
    "other": "what else its schedule holds",
}


def calls(number: int) -> str:
    """ "1 call", "12 calls"."""
    if number == 1:
        return f"{number:,} call"
    return f"{number:,} calls"


def calls_are(number: int) -> str:
    """ "1 call is", "12 calls are"."""
    return f"{calls(number)} {'is' if number == 1 else 'are'}"


def calls_were(number: int) -> str:
    """ "1 call was", "12 calls were"."""
    return f"{calls(number)} {'was' if number == 1 else 'were'}"


def campaigns_are(number: int) -> str:
    """ "1 campaign is", "1,200 campaigns are"."""
    return f"{number:,} campaign{'' if number == 1 else 's'} {'is' if number == 1 else 'are'}"


def against_limit(subject: str, number: int, limit: int) -> str:
    """ "12 calls were in progress, more than the limit of 10", for the subject "12 calls were"."""
    relation = "more than" if number > limit else "within"
    return f"{subject} in progress, {relation} the limit of {limit:,}"


def part_name(part: str) -> str:
    """A part of a schedule, as a merge cuts it: "Monday", "the time zone"."""
    return _PARTS[part]


def join_words(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *others, last = words
    if others:
        return f"{', '.join(others)} and {last}"
    return last


def time_with_zone(at: datetime) -> str:
    """In the reader's zone: "14:03 EST", with the date where it isn't today's."""
    here = timezone.localtime(at)
    if here.date() == timezone.localdate():
        return f"{clock_face.time_of_day(here)} {abbreviation_of(here)}"
    day = clock_face.date_in_words(here, this_year=timezone.localdate().year)
    return f"{day} {clock_face.time_of_day(here)} {abbreviation_of(here)}"
