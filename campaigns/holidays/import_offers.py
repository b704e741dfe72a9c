"""Offers: what an import from a calendar file or by country would add, with everything to know beforehand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from campaigns.holidays import ical, public
from campaigns.holidays.dates import HolidayEntry, horizon
from campaigns.holidays.lookups import today_of
from campaigns.models import Calendar
from campaigns.schedule import find_zone

# Events listed as left out; the rest is counted. The preview's form carries the list, and a longer one wouldn't fit.
MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """`source`: its description. `first`, `last`: the dates that the source was asked about. `notes`: sentences about
    the whole offer. `left_out`: events that make no holiday, those that matter first. `unlisted`: how many more there
    are. `withdrawn`: events that the source says are cancelled."""

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
        """How many of the events left out may be missing as holidays."""
        return sum(left.matters for left in self.left_out)


def offer_of_file(data: bytes, name: str, calendar: Calendar) -> Offer:
    """The offer of a calendar file. `data`: its first ical.MOST_BYTES + 1 bytes at most. Raises ical.Unreadable if
    nothing in it can be read, or if it is too large."""
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
    """The offer of a country or a part of it, by ISO 3166 codes. Raises public.UnknownRegion, with a sentence, if the
    library has no such place or years."""
    wanted = sorted(set(years))
    entries = public.find_holidays(country, subdivision, wanted)
    place = public.place_in_words(country, subdivision)
    return Offer(
        entries=entries,
        source=f"{place} ({', '.join(map(str, wanted))})",
        first=date(wanted[0], 1, 1),
        last=date(wanted[-1], 12, 31),
        notes=public.notes(country, subdivision, wanted),
    )
