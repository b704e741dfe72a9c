"""The filter of the audit's pages. It is in the address, so that a view can be bookmarked and shared.

A campaign is entered by its id or its name, or a part of the name. `range` is a range in words, which stays relative
(audit.pages.time_ranges); `since` and `until` take precedence over it.

A time is a date, or a date and a time of day, in the zone of the field `zone`, by default the reader's (Django's
current time zone). A time that occurs twice, when summer time ends, is the earlier one; one that is skipped, when it
begins, is read with the offset before the change. An offset that is typed with a time overrides the zone.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache, cached_property
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

from audit import clock, kinds, queries
from audit.kinds import RecordKind, Status
from audit.pages import time_ranges
from audit.pages.choices import ACTIONS, PRESETS, Preset
from audit.search.selection import RecordSelection

TYPED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]+(\d{2}:\d{2}(?::\d{2})?)\s*(Z|UTC|[+-]\d{2}:\d{2})?)?", re.IGNORECASE)
FIRST_YEAR, LAST_YEAR = 1970, 2999
EXAMPLE = "Write it as 2026-11-21, or as 2026-11-21 14:30."
RANGES = ("1h", "today", "yesterday", "7d", "last-week", "this-month", "last-month")
# The most campaigns that a text may mean together. Beyond it, a choice is offered.
MEANT = 50
# Fields that narrow nothing by themselves.
OTHER_FIELDS = {"zone", "view", "show", "record"}
# What doesn't belong to the exact filter: a range in words is said by its times.
NOT_SAID = {"zone", "view", "record", "range"}

# Cached, since available_timezones reads the whole time zone database at each call.
known_zones = cache(available_timezones)


def _suggesting(suggestions: str, placeholder: str = "") -> forms.TextInput:
    """A text field with suggestions from the datalist with that id."""
    attributes = {"list": suggestions, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
    return forms.TextInput(attributes | ({"placeholder": placeholder} if placeholder else {}))


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
    range = forms.ChoiceField(
        required=False,
        label="Time",
        choices=[("", "Any time"), *((name, choice.label) for name, choice in time_ranges.CHOICES.items())],
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "There is no range of time called %(value)s. Choose one from the list."},
    )
    since = forms.CharField(required=False, max_length=40, label="From", widget=_typed_time())
    until = forms.CharField(required=False, max_length=40, label="To", widget=_typed_time())
    campaign = forms.CharField(
        required=False, max_length=300, label="Campaign", widget=_suggesting("known-campaigns", "name or id")
    )
    by = forms.CharField(required=False, max_length=150, label="Person", widget=_suggesting("people"))
    action = forms.ChoiceField(
        required=False,
        label="Action",
        choices=[("", "Any action"), *((name, action.label) for name, action in ACTIONS.items())],
        error_messages={"invalid_choice": "There is no action called %(value)s. Choose one from the list."},
    )
    kind = forms.TypedChoiceField(
        required=False,
        label="Kind of record",
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
    operation = forms.UUIDField(
        required=False,
        label="Operation id",
        error_messages={
            "invalid": "This isn’t an operation’s id. Copy it from the operation’s page, or leave it empty."
        },
    )
    q = forms.CharField(
        required=False,
        max_length=200,
        label="Words",
        widget=forms.TextInput({"type": "search"}),
    )
    show = forms.ChoiceField(
        required=False,
        choices=[(name, preset.label) for name, preset in PRESETS.items()],
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "There is no view called %(value)s. Choose one of the tabs."},
    )
    view = forms.ChoiceField(required=False, choices=[("records", "All records")], widget=forms.HiddenInput)
    record = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

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

    @cached_property
    def now(self) -> datetime:
        """By the clock that dated the records: by one that is slow, "Last hour" would leave out the newest."""
        return clock.now().astimezone(self.time_zone)

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
            self.add_error("until", "This isn’t later than “From”, so no record can lie between. Correct one of them.")
        return self.cleaned_data

    @property
    def is_tidy(self) -> bool:
        """Whether the address is as `query_string` writes it: without blank fields, and with a zone for its times."""
        return {name: self.data[name] for name in self.fields if name in self.data} == self._query()

    def records(self) -> RecordSelection:
        """The matching records; none for an invalid filter."""
        if not self.is_valid():
            return queries.NOTHING
        found = self.campaigns
        if len(found) > MEANT:
            return queries.NOTHING
        cleaned = self.cleaned_data
        times = self.times
        return queries.select(
            since=times[0],
            until=times[1],
            # Of a campaign without a name on record there may still be records by its id.
            campaign=[each.id for each in found] or cleaned["campaign"],
            kind=cleaned["kind"],
            outcome=cleaned["outcome"],
            by=cleaned["by"],
            operation=cleaned["operation"],
            text=cleaned["q"],
            also=[*self._action_conditions(), *self._preset_conditions()],
        )

    def _action_conditions(self) -> list[queries.Condition]:
        chosen = self.cleaned_data["action"]
        return list(ACTIONS[chosen].conditions) if chosen else []

    def _preset_conditions(self) -> list[queries.Condition]:
        return list(self.preset.conditions) if self.preset else []

    @property
    def preset(self) -> Preset | None:
        return PRESETS.get(str(self.data.get("show", "")))

    @cached_property
    def campaigns(self) -> list[queries.NamedCampaign]:
        """The campaigns that the typed text means; empty without one, and for a campaign that has no record."""
        return self._campaigns_meant(self.cleaned_data) if self.is_valid() else []

    def _campaigns_meant(self, cleaned: Mapping[str, Any]) -> list[queries.NamedCampaign]:
        text = str(cleaned.get("campaign", ""))
        return queries.find_campaigns(text) if text else []

    @property
    def is_campaign_unclear(self) -> bool:
        """Several campaigns have that text in their names. Of up to `MEANT`, the records of all are shown."""
        return len(self.campaigns) > 1

    @property
    def times(self) -> tuple[datetime | None, datetime | None]:
        """The range of a valid form: typed, or that of `range` as of now."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        chosen = self.cleaned_data["range"]
        if since or until or not chosen:
            return since, until
        return time_ranges.CHOICES[chosen].ending(self.now)

    def said(self) -> dict[str, str]:
        """The filter exactly, for the record of an export: times in ISO 8601 with offset, `until` exclusive.

        {} for all records.
        """
        if not self.is_valid():
            return {}
        given = {name: value for name, value in self.cleaned_data.items() if value and name not in NOT_SAID}
        times = dict(zip(("since", "until"), self.times, strict=True))
        campaigns = ", ".join(each.id for each in self.campaigns)
        given |= {name: at for name, at in times.items() if at} | ({"campaign": campaigns} if campaigns else {})
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
            if name not in OTHER_FIELDS
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
        """Links to ranges in words."""
        links = [RangeLink("Any time", self._without_place(range="", since="", until=""), not self.range_in_words)]
        for name in self.offered_ranges:
            query = self._without_place(range=name, since="", until="")
            links.append(RangeLink(time_ranges.CHOICES[name].label, query, name == self.chosen_range))
        return links

    @property
    def offered_ranges(self) -> tuple[str, ...]:
        return RANGES

    @property
    def chosen_range(self) -> str:
        """The range in words that counts; "" if times were typed."""
        if self.data.get("since", "").strip() or self.data.get("until", "").strip():
            return ""
        return str(self.data.get("range", ""))

    @property
    def range_in_words(self) -> str:
        """ "Last week", or what was typed; "" for any time."""
        if self.chosen_range:
            return self._in_words("range", self.chosen_range)
        typed = self._typed()
        bounds = [f"{word} {typed[name]}" for name, word in (("since", "from"), ("until", "to")) if name in typed]
        return " ".join(bounds).capitalize()

    @property
    def range_in_days(self) -> str:
        """The days of a range in words, as of now: "Mon 16 to Sun 22 Nov 2026"; "" without one."""
        if not self.chosen_range or not self.is_valid():
            return ""
        return time_ranges.range_in_words(*self.times)

    @property
    def pinned(self) -> str:
        """The query with the days of the range in words, which no longer moves with the calendar; "" without one."""
        if not self.range_in_days:
            return ""
        since, until = self.times
        return self._without_place(range="", since=_typed_as(since), until=_typed_as(until))

    def tabs(self) -> list[RangeLink]:
        """Links to the presets, each with the rest of the filter."""
        chosen = str(self.data.get("show", ""))
        tabs = [RangeLink("Everything", self._without_place(show=""), not chosen)]
        for name, preset in PRESETS.items():
            tabs.append(RangeLink(preset.label, self._without_place(show=name), name == chosen))
        return tabs

    def choices_of_campaign(self) -> list[RangeLink]:
        """Links to each of the campaigns that the text may mean."""
        return [RangeLink(each.name, self._without_place(campaign=each.id), False) for each in self.campaigns]

    def other_view(self) -> str:
        """The query for single records, or back for groups."""
        return self._without_place(view="" if self.data.get("view") else "records")

    def without_record(self) -> str:
        """The query without the record in the panel."""
        return self._without_place()

    def _without_place(self, **changes: str) -> str:
        return urlencode(self._query(**{"record": "", **changes}))

    def _typed(self) -> dict[str, str]:
        typed = {name: str(self.data.get(name, "")).strip() for name in self.fields}
        return {name: text for name, text in typed.items() if text}

    def _query(self, **changes: str) -> dict[str, str]:
        query = {name: text for name, text in (self._typed() | changes).items() if text}
        zone, own = query.pop("zone", ""), str(self.readers_zone)
        if query.keys() & {"since", "until"}:
            query.pop("range", None)
        if query.keys() & {"since", "until", "range"}:
            return query | {"zone": zone or own}
        return query | ({"zone": zone} if zone not in {"", own} else {})

    def _in_words(self, name: str, text: str) -> str:
        if name == "kind":
            return kinds.LABELS.get(text, text)
        if name == "outcome":
            return kinds.OUTCOMES.get(text, text)
        if name == "range" and text in time_ranges.CHOICES:
            return time_ranges.CHOICES[text].label
        if name == "action" and text in ACTIONS:
            return ACTIONS[text].label
        if name == "campaign" and len(self.campaigns) == 1:
            return self.campaigns[0].name
        return text


def _typed_as(at: datetime | None) -> str:
    """A time as it is typed; one that occurs twice with its offset."""
    if at is None:
        return ""
    return (at if time_ranges.occurs_twice(at) else at.replace(tzinfo=None)).isoformat(" ", "seconds")


def _parse_time(typed: str, zone: tzinfo, date_alone: timedelta) -> datetime | None:
    """A typed time as an aware one; for a date alone, the start of that day plus `date_alone`. None if empty."""
    if not typed:
        return None
    found = TYPED.fullmatch(typed)
    if not found:
        raise forms.ValidationError(f"“{typed}” isn’t a date. {EXAMPLE}")
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
