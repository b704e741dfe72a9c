"""The form of the charts page: a range, a campaign, a kind of operation, and the length of a period.

It is in the address, like the filter of the records, and reads times in the same way.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict

from audit.hours import HOUR, hour_of
from audit.pages import time_ranges
from audit.pages.filters import MEANT, FilterForm, RangeLink
from audit.statistics.trends import LONGEST, Grain

DAY = timedelta(days=1)
OFFERED = ("24h", "7d", "last-week", "30d", "this-month", "last-month", "12m")
DEFAULT = "30d"
CHART_ACTIONS = {"pause": "Pauses", "resume": "Resumes", "schedule": "Schedule changes"}
# The longest range for which each grain is the default. The first that fits is taken: at most 72 hours, 124 days
# (four months), or as many weeks as there can be.
SUITS = {Grain.HOUR: timedelta(days=3), Grain.DAY: timedelta(days=124), Grain.WEEK: LONGEST[Grain.WEEK]}


class ChartRange(NamedTuple):
    """since <= time < until, in periods of `grain`."""

    since: datetime
    until: datetime
    grain: Grain


class ChartForm(FilterForm):
    """`chosen`: the range of a valid form, otherwise None. A typed time overrides a range in words.

    `last` in older addresses is the same as `range`.
    """

    # Django removes an inherited field if the subclass sets its name to None.
    kind = outcome = by = operation = q = None  # type: ignore[assignment]
    show = view = record = None  # type: ignore[assignment]
    grain = forms.TypedChoiceField(
        required=False,
        label="Period",
        choices=[("", "Automatic"), *((grain.value, grain.capitalize()) for grain in Grain)],
        coerce=Grain,
        empty_value=None,
        error_messages={"invalid_choice": "Periods are hours, days or weeks. Choose one from the list."},
    )
    action = forms.ChoiceField(
        required=False,
        label="Operations",
        choices=[("", "All"), *CHART_ACTIONS.items()],
        error_messages={"invalid_choice": "There is no operation called %(value)s. Choose one from the list."},
    )
    axis = forms.ChoiceField(required=False, choices=[("whole", "From 0 %")], widget=forms.HiddenInput)
    tables = forms.ChoiceField(required=False, choices=[("open", "Open")], widget=forms.HiddenInput)

    tab = forms.ChoiceField(required=False, choices=[("reliability", "Reliability")], widget=forms.HiddenInput)

    field_order = ("campaign", "grain", "action", "since", "until", "zone", "range", "tab", "axis", "tables")

    def __init__(self, data: QueryDict | Mapping[str, Any]) -> None:
        self.has_old_name = "last" in data
        if self.has_old_name:
            others = {name: data[name] for name in data if name != "last"}
            data = {"range": data["last"], **others}
        super().__init__(data)
        self.chosen: ChartRange | None = None

    @property
    def zone_info(self) -> ZoneInfo:
        zone = self.time_zone
        if isinstance(zone, ZoneInfo):
            return zone
        return ZoneInfo("UTC")

    @property
    def is_tidy(self) -> bool:
        return not self.has_old_name and super().is_tidy

    @property
    def is_reliability(self) -> bool:
        # Older addresses have an action and no tab; only these charts are about one.
        return bool(self.data.get("tab") or self.data.get("action"))

    @property
    def chosen_range(self) -> str:
        if self.data.get("since", "").strip() or self.data.get("until", "").strip():
            return ""
        return str(self.data.get("range", "")) or DEFAULT

    @property
    def offered_ranges(self) -> tuple[str, ...]:
        return OFFERED

    def ranges(self) -> list[RangeLink]:
        """Links to ranges in words, each with its default grain."""
        return [
            RangeLink(
                time_ranges.CHOICES[name].label,
                urlencode(self._query(range=name, since="", until="", grain="")),
                name == self.chosen_range,
            )
            for name in OFFERED
        ]

    def tabs(self) -> list[RangeLink]:
        """Links to the two pages of charts."""
        return [
            RangeLink("Compliance", urlencode(self._query(tab="", action="", axis="")), not self.is_reliability),
            RangeLink("Reliability", urlencode(self._query(tab="reliability")), self.is_reliability),
        ]

    def address(self, **changes: str) -> str:
        """The address of the page with these changes."""
        return f"?{urlencode(self._query(**changes))}"

    def hidden_faults(self) -> dict[str, str]:
        """Invalid values of hidden fields, which the reader can only correct in the address."""
        return {field.name: field.value() for field in self.hidden_fields() if field.errors}

    def without_hidden(self) -> str:
        """The address of the page without the fields in `hidden_faults`."""
        return self.address(**dict.fromkeys(self.hidden_faults(), ""))

    def shared_query(self) -> str:
        """The part of the query that the filter of the records also understands."""
        return urlencode(self._query(grain="", action="", axis="", tables="", tab=""))

    def shared_fields(self) -> dict[str, str]:
        """The same as fields, with the range that is shown."""
        return self._query(grain="", action="", axis="", tables="", tab="", range=self.chosen_range)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and len(self._campaigns_meant(cleaned)) > MEANT:
            self.add_error("campaign", "More than 50 campaigns have that in their names. Type more of the name.")
        if not self.errors:
            self.chosen = self._choose(cleaned)
        return cleaned

    def _choose(self, cleaned: Mapping[str, Any]) -> ChartRange | None:
        since, until = self._whole_range(cleaned["since"], cleaned["until"])
        length = _length(since, until)
        fitting = next((grain for grain in Grain if length <= SUITS[grain]), None)
        if fitting is None or until <= since:
            self.add_error("since", _why_not(since, until))
            return None
        grain = cleaned["grain"] or fitting
        if length > LONGEST[grain]:
            fits = " or ".join(each for each in Grain if length <= LONGEST[each])
            self.add_error("grain", f"By {grain}, {LONGEST[grain].days} days fit at the most. Choose {fits}.")
            return None
        return ChartRange(since, until, grain)

    def _whole_range(self, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
        now = self.now.astimezone(self.zone_info)
        if since or until:
            until = until or now
            return since or until - 30 * DAY, until
        return time_ranges.CHOICES[self.chosen_range].ending(now)


def _length(since: datetime, until: datetime) -> timedelta:
    """The length of the range in whole UTC hours, as it is read, minus one hour."""
    # When summer time ends within a range of the longest allowed days, it is an hour longer.
    last = until.astimezone(UTC) + HOUR - timedelta.resolution
    return hour_of(last) - hour_of(since) - HOUR


def _why_not(since: datetime, until: datetime) -> str:
    if until <= since:
        return "This is later than now, when nothing has happened yet. Choose an earlier time."
    return f"{LONGEST[Grain.WEEK].days // 366} years fit at the most. Choose a later time, or an earlier “Until”."
