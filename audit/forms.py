"""What the audit's pages are narrowed to: it lives in the address, so that a view can be bookmarked and sent on.

Times are typed in the zone of `zone`, else in the reader's (Django's current time zone): a date, or a date and a time.
A time that the clocks show twice, when summer time ends, is the earlier of the two; one that they skip is as long
after the last hour as it says. An offset that is typed with a time counts instead of the zone.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone

from audit import kinds, queries
from audit.kinds import Kind, Status

TYPED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]+(\d{2}:\d{2}(?::\d{2})?)\s*(Z|UTC|[+-]\d{2}:\d{2})?)?", re.IGNORECASE)
FIRST_YEAR, LAST_YEAR = 1970, 2999
EXAMPLE = "Write it as 2026-11-21, or as 2026-11-21 14:30."
OUTCOMES = {
    Status.SUCCESS: "Success",
    Status.FAILURE: "Failure",
    Status.REJECTED: "Rejected",
    Status.SKIPPED: "Skipped",
    Status.INFO: "Info",
}

known_zones = cache(available_timezones)


class Narrowing(NamedTuple):
    """One thing that the records are narrowed to, in words, and the address' query without it."""

    label: str
    value: str
    without: str


class FilterForm(forms.Form):
    """Reads a filter from an address. One that isn't valid finds no records, rather than all."""

    # The zone first: since and until are read in it.
    zone = forms.CharField(required=False, max_length=60, label="Time zone")
    since = forms.CharField(required=False, max_length=40, label="Since")
    until = forms.CharField(required=False, max_length=40, label="Until")
    kind = forms.TypedChoiceField(
        required=False,
        choices=[("", "Any kind"), *((group, list(kinds.GROUPS[group].items())) for group in kinds.GROUPS)],
        coerce=Kind,
        empty_value=None,
        error_messages={"invalid_choice": "There is no kind of record called %(value)s. Choose one from the list."},
    )
    outcome = forms.TypedChoiceField(
        required=False,
        choices=[("", "Any outcome"), *OUTCOMES.items()],
        coerce=Status,
        empty_value=None,
        error_messages={"invalid_choice": "There is no outcome called %(value)s. Choose one from the list."},
    )
    by = forms.CharField(required=False, max_length=150, label="Person")
    campaign = forms.CharField(required=False, max_length=100, label="Campaign id")
    operation = forms.UUIDField(
        required=False,
        label="Operation id",
        error_messages={"invalid": "This is no operation's id. Copy it from the operation's page, or leave it empty."},
    )
    q = forms.CharField(required=False, max_length=200, label="Text")

    @property
    def time_zone(self) -> tzinfo:
        """The zone that times are typed and shown in: that of the address, else the reader's."""
        named = self.data.get("zone", "").strip()
        return ZoneInfo(named) if named in known_zones() else timezone.get_current_timezone()

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        if zone and zone not in known_zones():
            raise forms.ValidationError(
                f"There is no time zone called {zone}. Choose one from the list, such as America/New_York."
            )
        return zone

    def clean_since(self) -> datetime | None:
        return _moment(self.cleaned_data["since"], self.time_zone, timedelta())

    def clean_until(self) -> datetime | None:
        return _moment(self.cleaned_data["until"], self.time_zone, timedelta(days=1))

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since >= until:
            self.add_error(
                "until", "This isn't later than “Since”, so no record can lie between. Correct one of them."
            )
        return self.cleaned_data

    @property
    def is_narrow(self) -> bool:
        return any(name != "zone" for name, _ in self._typed())

    def records(self) -> queries.Selection:
        """The records that match; none for a filter that isn't valid."""
        if not self.is_valid():
            return queries.NOTHING
        given = {name: value for name, value in self.cleaned_data.items() if value and name not in {"zone", "q"}}
        if text := self.cleaned_data["q"]:
            given["text"] = text
        return queries.select(**given)

    def said(self) -> dict[str, str]:
        """What it is narrowed to, exactly: times with their offset, `until` itself being out. {} for all records."""
        if not self.is_valid():
            return {}
        given = {name: value for name, value in self.cleaned_data.items() if value and name != "zone"}
        return {
            name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in given.items()
        }

    def query_string(self) -> str:
        """The filter as an address has it: what was typed, and with a time its zone, so that all read it alike."""
        return self._query_without("")

    def narrowings(self) -> list[Narrowing]:
        """Each thing that it is narrowed to, in words, and how to be rid of it."""
        return [
            Narrowing(
                str(self.fields[name].label or name.capitalize()),
                self._in_words(name, text),
                self._query_without(name),
            )
            for name, text in self._typed()
            if name != "zone"
        ]

    def _typed(self) -> Iterator[tuple[str, str]]:
        for name in self.fields:
            if text := str(self.data.get(name, "")).strip():
                yield name, text

    def _query_without(self, left_out: str) -> str:
        query = {name: text for name, text in self._typed() if name != left_out}
        zone = query.pop("zone", str(self.time_zone) if query.keys() & {"since", "until"} else "")
        return urlencode(query | ({"zone": zone} if zone else {}))

    def _in_words(self, name: str, text: str) -> str:
        if name == "kind":
            return kinds.LABELS.get(text, text)
        return OUTCOMES[Status(text)] if name == "outcome" and text in set(Status) else text


def _moment(typed: str, zone: tzinfo, date_alone: timedelta) -> datetime | None:
    """The moment of a typed time; with a date alone, the start of its day and `date_alone` later."""
    if not typed:
        return None
    found = TYPED.fullmatch(typed)
    if not found:
        raise forms.ValidationError(f"“{typed}” is no date. {EXAMPLE}")
    try:
        day, clock, offset = found.groups()
        at = _read(day, clock, offset, zone) if clock else _start(day, zone) + date_alone
    except (ValueError, OverflowError):
        raise forms.ValidationError(f"The calendar or the clock has no {typed}. {EXAMPLE}") from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise forms.ValidationError(f"The year must lie between {FIRST_YEAR} and {LAST_YEAR}.")
    return at


def _start(day: str, zone: tzinfo) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), zone)


def _read(day: str, clock: str, offset: str | None, zone: tzinfo) -> datetime:
    if offset is None:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), zone)
    return datetime.fromisoformat(f"{day}T{clock}{'Z' if offset.upper() == 'UTC' else offset.upper()}")
