"""The form that changes a campaign's schedule. Whatever is typed is kept, valid or not, and the checks report it."""

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django import forms
from django.core import signing
from django.http import QueryDict

from campaigns.dialect import cxone_can
from campaigns.models import Campaign, Operation, OperationKind
from campaigns.operations.hours_back import NOTE, hours_put_back
from campaigns.pages.fields import NoteField
from campaigns.pages.operations.forms import NO_KEY
from campaigns.pages.schedule.rows import (
    WindowRow,
    copy_day,
    in_order_of_start,
    in_week_order,
    rows_of,
    text_of,
    windows_from,
)
from campaigns.schedule import DAYS, PAUSE_CONDITIONS, carry, merge, resolve, windows_of
from campaigns.schedule.typed_time import Edge, as_clock

# More windows than any licence tier allows, and few enough to show on one page. A schedule with more can't be saved
# here, so that none is lost.
MOST_ROWS = 200
# CXone has four. The same applies as for windows.
MOST_CONDITIONS = 50
NO_BASE = "This form was incomplete, so nothing was sent. It is complete now: check it and send it again."
TOO_MANY_ROWS = (
    "{:,} windows came with this form; it takes {}. Nothing was sent, and only the first {} are shown below. Remove "
    "what is too much."
)
TOO_MANY_CONDITIONS = (
    "{:,} pause conditions came with this form; it takes {}. Nothing was sent, and only the first {} are shown below."
)
TOO_LONG = (
    "CXone has {:,} windows and {:,} pause conditions for this campaign; this form takes {} and {}. Saving it would "
    "delete the others, so it can’t be saved here. Change this schedule in CXone, or with update_schedule."
)
TARGETS = {"weekdays": DAYS[:5], "all": DAYS} | {day: (day,) for day in DAYS}
_NUMBER = re.compile(r"[0-9]{1,4}")


class Draft(NamedTuple):
    """What a form starts with. `base`: the schedule that the person sees. `ours`: the one that they want instead."""

    base: Any
    ours: Any
    note: str = ""


class ScheduleForm(forms.Form):
    """The schedule of one campaign. Rows come as lists of `day`, `start`, `end` and `origin`."""

    note = NoteField()
    # Unique for each form, so that a double click finds the first operation.
    key = forms.UUIDField(error_messages=dict.fromkeys(("required", "invalid"), NO_KEY))
    # The schedule that the person saw. It determines what counts as their change, and the unknown fields that stay, so
    # it is signed: the browser can't change it.
    base = forms.CharField(error_messages={"required": NO_BASE})
    etag = forms.CharField(required=False, max_length=200)

    def __init__(self, data: QueryDict | None, campaign: Campaign, draft: Draft | None = None) -> None:
        draft = draft or Draft(campaign.schedule, campaign.schedule)
        super().__init__(data, initial={"note": draft.note})
        self.campaign = campaign
        self.started_from = draft.base
        # The id of the element that a button without scripts leads to.
        self.focus = ""
        self.copied_from = ""
        self.sent_acknowledgements: list[str] = []
        if data is None:
            self._read_schedule(draft.ours)
        else:
            self._read_typed(data)

    def _read_schedule(self, schedule: object) -> None:
        whole = schedule if isinstance(schedule, Mapping) else {}
        self.zone = text_of(whole.get("timezone"))
        self.rows = in_order_of_start(rows_of(self.started_from, whole)[:MOST_ROWS])
        self.conditions = [text_of(condition) for condition in _list(whole.get("pauseConditions"))[:MOST_CONDITIONS]]

    def _read_typed(self, data: QueryDict) -> None:
        self.zone = data.get("timezone", "").strip()
        if not cxone_can().chooses_zone:
            self.zone = text_of(self.campaign.schedule.get("timezone"))
        columns = ([text.strip() for text in data.getlist(name)] for name in ("day", "start", "end", "origin"))
        rows = [_in_clock_times(WindowRow(*row)) for row in zip_longest(*columns, fillvalue="")]
        # As the page shows them, which the numbers of its inputs go by.
        self.rows, self.sent_rows = in_week_order(rows[:MOST_ROWS]), len(rows)
        self.sent_acknowledgements = data.getlist("acknowledged")
        conditions = data.getlist("condition")
        self.conditions, self.sent_conditions = conditions[:MOST_CONDITIONS], len(conditions)

    def clean_base(self) -> Any:  # noqa: ANN401
        try:
            return _unsign(self.cleaned_data["base"], self.campaign)
        except signing.BadSignature:
            raise forms.ValidationError(NO_BASE) from None

    def clean(self) -> dict[str, Any]:
        if self.sent_rows > MOST_ROWS:
            self.add_error(None, TOO_MANY_ROWS.format(self.sent_rows, MOST_ROWS, MOST_ROWS))
        if self.sent_conditions > MOST_CONDITIONS:
            self.add_error(None, TOO_MANY_CONDITIONS.format(self.sent_conditions, MOST_CONDITIONS, MOST_CONDITIONS))
        if too_long := _too_long(self.cleaned_data.get("base")):
            self.add_error(None, too_long)
        return self.cleaned_data

    @property
    def filled_rows(self) -> list[int]:
        """The numbers of the rows that count: one that was added and is still empty doesn't."""
        return [number for number, row in enumerate(self.rows) if not row.is_blank]

    @property
    def schedule(self) -> dict[str, Any]:
        """The typed schedule in CXone's format, valid or not, with the unknown fields of the base. Values that weren't
        edited are unchanged."""
        base = self.base_seen if isinstance(self.base_seen, Mapping) else {}
        had = {text_of(condition): condition for condition in _list(base.get("pauseConditions"))}
        zone = base.get("timezone")
        is_unchanged = self.zone and text_of(zone) == self.zone
        typed = {
            "timezone": zone if is_unchanged or not cxone_can().chooses_zone else self.zone,
            "dialingHours": windows_from([self.rows[number] for number in self.filled_rows], base),
            "pauseConditions": [had.get(condition, condition) for condition in self.conditions],
        }
        return dict(carry(base, typed))

    @property
    def base_seen(self) -> Any:  # noqa: ANN401
        """The schedule that the person started from; the campaign's, if the submitted form doesn't say."""
        if self.is_bound and not self.errors.get("base"):
            return self.cleaned_data["base"]
        return self.started_from

    @property
    def signed_base(self) -> str:
        return _sign(self.base_seen, self.campaign)

    @property
    def own_key(self) -> UUID:
        """The key that the form is rendered with: the submitted one, if it is valid."""
        key: UUID | None = self.cleaned_data.get("key") if self.is_bound and not self.errors.get("key") else None
        return key or uuid4()

    @property
    def too_long(self) -> str:
        """Why this schedule can't be edited here; "" if it can."""
        return _too_long(self.base_seen)

    @property
    def condition_choices(self) -> list[str]:
        """The known pause conditions, and others that the schedule or the submitted form has."""
        others = [condition for condition in dict.fromkeys(self.conditions) if condition not in PAUSE_CONDITIONS]
        return [*PAUSE_CONDITIONS, *others]

    def edit(self, what: str) -> None:
        """Carry out a button that changes rows, for browsers without scripts: add-MON, remove-3, copy-MON-weekdays."""
        verb, _, about = what.partition("-")
        if verb == "add" and about in DAYS and len(self.rows) < MOST_ROWS:
            self._add(about)
        elif verb == "remove" and _NUMBER.fullmatch(about) and int(about) < len(self.rows):
            self._remove(int(about))
        elif verb == "copy":
            source, _, target = about.partition("-")
            self.rows = copy_day(self.rows, source, TARGETS.get(target, ()))[:MOST_ROWS]
            self.focus, self.copied_from = f"copy-{source}-{target}", source

    def _add(self, day: str) -> None:
        added = WindowRow(day)
        self.rows = in_week_order([*self.rows, added])
        last = max(number for number, row in enumerate(self.rows) if row.day == day)
        self.focus = f"window-{last}-start"

    def _remove(self, number: int) -> None:
        removed = self.rows.pop(number)
        of_day = [place for place, row in enumerate(self.rows) if row.day == removed.day]
        following = min(number, max(of_day)) if of_day else None
        self.focus = f"add-{removed.day}" if following is None else f"remove-{following}"


def draft_from(operation: Operation, choices: Mapping[str, str]) -> Draft:
    """A draft that continues a schedule change. After a conflict it starts from CXone's schedule, with their changes
    merged in and each clash decided by `choices`, or for ours. Raises ValueError for another kind of operation."""
    conflict = operation.conflict
    if operation.kind != OperationKind.SCHEDULE:
        raise ValueError("Only a schedule change can be continued.")
    if not conflict:
        return Draft(operation.payload["base"], operation.payload["ours"], operation.note)
    sides = conflict["base"], conflict["theirs"], conflict["ours"]
    undone = bool(conflict.get("undone"))
    made = {clash.part: choices.get(clash.part, "ours") for clash in merge(*sides, undone=undone).clashes}
    return Draft(conflict["theirs"], resolve(*sides, made, undone=undone), operation.note)


def draft_undoing(change: Operation) -> Draft:
    """A draft without that change, and with all that others have changed since. ValueError: it can't be undone."""
    schedule = hours_put_back(change)
    if schedule is None:
        raise ValueError("Only a schedule change that CXone has taken can be undone.")
    return Draft(change.campaign.schedule, schedule, NOTE)


def _in_clock_times(row: WindowRow) -> WindowRow:
    return row._replace(start=as_clock(row.start, Edge.START), end=as_clock(row.end, Edge.END, row.start))


def _sign(base: object, campaign: Campaign) -> str:
    return signing.dumps(base, salt=_salt(campaign), compress=True)


def _unsign(text: str, campaign: Campaign) -> Any:  # noqa: ANN401
    return signing.loads(text, salt=_salt(campaign))


def _salt(campaign: Campaign) -> str:
    return f"campaigns.pages.schedule.form:{campaign.pk}"


def _too_long(base: object) -> str:
    windows = len(windows_of(base) or ())
    if isinstance(base, Mapping):
        conditions = len(_list(base.get("pauseConditions")))
    else:
        conditions = 0
    if windows <= MOST_ROWS and conditions <= MOST_CONDITIONS:
        return ""
    return TOO_LONG.format(windows, conditions, MOST_ROWS, MOST_CONDITIONS)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
