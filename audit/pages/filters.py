"""The filter of the audit's pages. It is in the address, so that a view can be bookmarked and shared.

A time is a date, or a date and a time of day, in the zone of the field `zone`, by default the reader's (Django's
current time zone). A time that occurs twice, when summer time ends, is the earlier one; one that is skipped, when it
begins, is read with the offset before the change. An offset that is typed with a time overrides the zone.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit import kinds, queries
from audit.kinds import RecordKind, Status
from audit.search.selection import RecordSelection

TYPED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]+(\d{2}:\d{2}(?::\d{2})?)\s*(Z|UTC|[+-]\d{2}:\d{2})?)?", re.IGNORECASE)
FIRST_YEAR, LAST_YEAR = 1970, 2999
EXAMPLE = "Write it as 2026-11-21, or as 2026-11-21 14:30."
RANGES = {"Today": 1, "Last 7 days": 7, "Last 30 days": 30}

# Cached, since available_timezones reads the whole time zone database at each call.
known_zones = cache(available_timezones)


def _suggesting(suggestions: str) -> forms.TextInput:
    """A text field with suggestions from the datalist with that id."""
    return forms.TextInput(
        {"list": suggestions, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
    )


def _typed_time() -> forms.TextInput:
    return forms.TextInput({"placeholder": "YYYY-MM-DD HH:MM", "autocomplete": "off", "spellcheck": "false"})


def _kind_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds of records by group, as choices."""
    groups = groupby(RecordKind, key=attrgetter("group"))
    return [(group, [(kind.value, kind.label) for kind in listed]) for group, listed in groups]


class Narrowing(NamedTuple):
    """One condition of the filter in words, and the address's query without it."""

    label: str
    value: str
    without: str


class RangeLink(NamedTuple):
    """A link to a range of days: its label, and the address's query for it."""

    label: str
    query: str
    is_chosen: bool


class FilterForm(forms.Form):
    """The filter in an address. An invalid one matches no records instead of all."""

    # The zone first: since and until are read in it.
    zone = forms.CharField(required=False, max_length=60, label="Time zone", widget=_suggesting("zones"))
    since = forms.CharField(required=False, max_length=40, label="Since", widget=_typed_time())
    until = forms.CharField(required=False, max_length=40, label="Until", widget=_typed_time())
    kind = forms.TypedChoiceField(
        required=False,
        choices=[("", "Any kind"), *_kind_choices()],
        coerce=RecordKind,
        empty_value=None,
        error_messages={"invalid_choice": "There is no kind of record called %(value)s. Choose one from the list."},
    )
    outcome = forms.TypedChoiceField(
        required=False,
        choices=[("", "Any outcome"), *kinds.OUTCOMES.items()],
        coerce=Status,
        empty_value=None,
        error_messages={"invalid_choice": "There is no outcome called %(value)s. Choose one from the list."},
    )
    by = forms.CharField(required=False, max_length=150, label="Person", widget=_suggesting("people"))
    campaign = forms.CharField(
        required=False, max_length=100, label="Campaign id", widget=_suggesting("known-campaigns")
    )
    operation = forms.UUIDField(
        required=False,
        label="Operation id",
        error_messages={"invalid": "This is no operation's id. Copy it from the operation's page, or leave it empty."},
    )
    q = forms.CharField(
        required=False,
        max_length=200,
        label="Words",
        widget=forms.TextInput({"type": "search"}),
    )

    def __init__(self, data: QueryDict | Mapping[str, Any]) -> None:
        super().__init__(data)
        self.readers_zone = timezone.get_current_timezone()

    @property
    def time_zone(self) -> tzinfo:
        """The zone in which times are typed and shown: the address's, by default the reader's."""
        named = self.data.get("zone", "").strip()
        if named in known_zones():
            return ZoneInfo(named)
        return self.readers_zone

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        if zone and zone not in known_zones():
            raise forms.ValidationError(
                f"There is no time zone called {zone}. Choose one from the list, such as America/New_York."
            )
        return zone

    def clean_since(self) -> datetime | None:
        return _parse_time(self.cleaned_data["since"], self.time_zone, timedelta())

    def clean_until(self) -> datetime | None:
        # A date alone includes that day, and `until` is exclusive.
        return _parse_time(self.cleaned_data["until"], self.time_zone, timedelta(days=1))

    def clean_q(self) -> str:
        text = str(self.cleaned_data["q"])
        if text and not re.search(r"[^\W_]", text):
            raise forms.ValidationError("Words are made of letters and digits. Type at least one.")
        return text

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since >= until:
            self.add_error(
                "until", "This isn't later than “Since”, so no record can lie between. Correct one of them."
            )
        return self.cleaned_data

    @property
    def is_tidy(self) -> bool:
        """Whether the address is as `query_string` writes it: without blank fields, and with a zone for its times."""
        return {name: self.data[name] for name in self.fields if name in self.data} == self._query()

    def records(self) -> RecordSelection:
        """The matching records; none for an invalid filter."""
        if not self.is_valid():
            return queries.NOTHING
        given = {name: value for name, value in self.cleaned_data.items() if value and name not in {"zone", "q"}}
        if text := self.cleaned_data["q"]:
            given["text"] = text
        return queries.select(**given)

    def said(self) -> dict[str, str]:
        """The filter exactly, for the record of an export: times in ISO 8601 with offset, `until` exclusive.

        {} for all records.
        """
        if not self.is_valid():
            return {}
        given = {name: value for name, value in self.cleaned_data.items() if value and name != "zone"}
        return {
            name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in given.items()
        }

    def query_string(self) -> str:
        """The filter as an address's query: what was typed and, with a time, the zone."""
        # Without the zone, a shared link would mean another time to a reader in another zone.
        return urlencode(self._query())

    def narrowings(self) -> list[Narrowing]:
        """Each condition of the filter in words, with the link that removes it."""
        return [
            Narrowing(
                str(self.fields[name].label or name.capitalize()),
                self._in_words(name, text),
                urlencode(self._query(**{name: ""})),
            )
            for name, text in self._typed().items()
            if name != "zone"
        ]

    @staticmethod
    @cache
    def zones() -> SafeString:
        """The datalist of time zones."""
        # Cached: it is the same on every page, and has hundreds of options.
        # Names without a slash, such as EST or Cuba, are old ones that the database keeps for compatibility.
        named = ((zone,) for zone in sorted(known_zones()) if "/" in zone or zone == "UTC")
        return format_html(
            '<datalist id="zones">{}</datalist>', format_html_join("", '<option value="{}"></option>', named)
        )

    def ranges(self) -> list[RangeLink]:
        """Links to ranges of days up to and including today."""
        today = timezone.localdate(timezone=self.time_zone)
        return [self._range(label, today - timedelta(days=days - 1)) for label, days in RANGES.items()]

    def _range(self, label: str, first: date) -> RangeLink:
        query = self._query(since=str(first), until="")
        return RangeLink(label, urlencode(query), query == self._query())

    def _typed(self) -> dict[str, str]:
        typed = {name: str(self.data.get(name, "")).strip() for name in self.fields}
        return {name: text for name, text in typed.items() if text}

    def _query(self, **changes: str) -> dict[str, str]:
        query = {name: text for name, text in (self._typed() | changes).items() if text}
        zone, own = query.pop("zone", ""), str(self.readers_zone)
        if query.keys() & {"since", "until"}:
            return query | {"zone": zone or own}
        return query | ({"zone": zone} if zone not in {"", own} else {})

    def _in_words(self, name: str, text: str) -> str:
        if name == "kind":
            return kinds.LABELS.get(text, text)
        if name == "outcome":
            return kinds.OUTCOMES.get(text, text)
        return text


def _parse_time(typed: str, zone: tzinfo, date_alone: timedelta) -> datetime | None:
    """A typed time as an aware one; for a date alone, the start of that day plus `date_alone`. None if empty."""
    if not typed:
        return None
    found = TYPED.fullmatch(typed)
    if not found:
        raise forms.ValidationError(f"“{typed}” is no date. {EXAMPLE}")
    try:
        day, clock, offset = found.groups()
        if clock:
            at = _parse_clock(day, clock, offset, zone)
        else:
            at = _start(day, zone) + date_alone
    except (ValueError, OverflowError):
        raise forms.ValidationError(f"The calendar or the clock has no {typed}. {EXAMPLE}") from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise forms.ValidationError(f"The year must lie between {FIRST_YEAR} and {LAST_YEAR}.")
    return at


def _start(day: str, zone: tzinfo) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), zone)


def _parse_clock(day: str, clock: str, offset: str | None, zone: tzinfo) -> datetime:
    if offset is None:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), zone)
    return datetime.fromisoformat(f"{day}T{clock}{'Z' if offset.upper() == 'UTC' else offset.upper()}")
