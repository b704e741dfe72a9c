"""What an import would add to a calendar, and what to know before: from a calendar file, or by country."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from campaigns.holidays import ical, public
from campaigns.holidays.dates import HolidayEntry, horizon
from campaigns.holidays.lookups import today_of
from campaigns.models import Calendar
from campaigns.schedule import find_zone

# Events that are left out. A preview that lists more would not fit through its own form.
MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """`source`: what it is from, in words. `notes`: sentences about all of it. `left_out`: events that make no
    holiday, those that matter first; `unlisted`: how many more there are. `withdrawn`: events that the source says are
    cancelled. From `first` to `last`: the dates that the source was asked about."""

    entries: tuple[HolidayEntry, ...]
    source: str
    first: date
    last: date
    notes: tuple[str, ...] = ()
    left_out: tuple[ical.LeftOut, ...] = ()
    unlisted: int = 0
    withdrawn: tuple[ical.Withdrawn, ...] = ()

    @property
    def suggested(self) -> tuple[HolidayEntry, ...]:
        return tuple(entry for entry in self.entries if entry.suggested)

    @property
    def matters(self) -> int:
        """How many of the listed events may be missing as holidays."""
        return sum(left.matters for left in self.left_out)


def offer_of_file(data: bytes, name: str, calendar: Calendar) -> Offer:
    """`data`: at most ical.MOST_BYTES + 1 of it. ical.Unreadable: nothing in it can be read."""
    first, last = horizon(today_of([calendar])[calendar.pk])
    reading = ical.read_calendar_file(data, zone=find_zone(calendar.zone), first=first, last=last)
    left_out = sorted(reading.left_out, key=lambda left: (not left.matters, left.line))
    return Offer(
        entries=reading.entries,
        source=f"the file {name}",
        first=first,
        last=last,
        notes=reading.notes,
        left_out=tuple(left_out[:MOST_LISTED]),
        unlisted=max(len(left_out) - MOST_LISTED, 0),
        withdrawn=reading.withdrawn,
    )


def offer_of_country(country: str, subdivision: str, years: Collection[int]) -> Offer:
    """public.UnknownRegion, with a sentence, for what the library doesn't know."""
    wanted = sorted(set(years))
    entries = public.find_holidays(country, subdivision, wanted)
    place = "-".join(filter(None, (country, subdivision)))
    return Offer(
        entries=entries,
        source=f"{place}, {', '.join(map(str, wanted))}",
        first=date(wanted[0], 1, 1),
        last=date(wanted[-1], 12, 31),
        notes=public.notes(country, subdivision, wanted),
    )
