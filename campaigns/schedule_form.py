"""What people type to change when a campaign may dial. Nothing typed is lost, however wrong: the checks tell of it."""

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django import forms
from django.core import signing
from django.http import QueryDict

from campaigns.forms import NO_KEY, NOTE_LENGTH, NoteField
from campaigns.models import Campaign, Kind, Operation
from campaigns.schedule import DAYS, PAUSE_CONDITIONS, merge, resolve

MOST_ROWS = 200  # more than any licence tier has windows, and what a page still shows at once
NO_BASE = (
    "This form did not say from which dialing hours it started, so nothing was sent. It does now: look it over and "
    "send it again."
)
TOO_MANY_ROWS = (
    "{:,} windows came with this form; it takes {}. Nothing was sent, and only the first {} are shown below. Remove "
    "what is too much."
)
TARGETS = {"weekdays": DAYS[:5], "all": DAYS} | {day: (day,) for day in DAYS}
_REMOVE = re.compile(r"remove-([0-9]{1,4})")


class Row(NamedTuple):
    """A window as it is typed."""

    day: str = ""
    start: str = ""
    end: str = ""


class Draft(NamedTuple):
    """What a form starts with: the schedule that the person saw, and the one that they want instead."""

    base: Any
    ours: Any
    note: str = ""


class ScheduleForm(forms.Form):
    """`key` makes a double click one operation; `base` is the schedule that the person saw, signed: it decides what
    counts as their change. Rows come as lists of `day`, `start` and `end`."""

    note = NoteField(
        required=False,
        max_length=NOTE_LENGTH,
        error_messages={"max_length": "The note has %(show_value)d characters; %(limit_value)d fit. Shorten it."},
    )
    key = forms.UUIDField(error_messages=dict.fromkeys(("required", "invalid"), NO_KEY))
    base = forms.CharField(error_messages={"required": NO_BASE})
    etag = forms.CharField(required=False, max_length=200)

    def __init__(self, data: QueryDict | None, campaign: Campaign, draft: Draft | None = None) -> None:
        draft = draft or Draft(campaign.schedule, campaign.schedule)
        super().__init__(data, initial={"note": draft.note})
        self.campaign = campaign
        self.started_from = draft.base
        self.focus: int | None = None
        if data is None:
            self._read_schedule(draft.ours)
        else:
            self._read_typed(data)

    def _read_schedule(self, schedule: object) -> None:
        whole = schedule if isinstance(schedule, Mapping) else {}
        self.zone = _text(whole.get("timezone"))
        self.rows = [
            Row(*(_text(window.get(key)) for key in ("day", "startTime", "endTime")))
            for window in _list(whole.get("dialingHours"))
            if isinstance(window, Mapping)
        ]
        self.conditions = [_text(condition) for condition in _list(whole.get("pauseConditions"))]

    def _read_typed(self, data: QueryDict) -> None:
        self.zone = data.get("timezone", "").strip()
        columns = ([text.strip() for text in data.getlist(name)] for name in ("day", "start", "end"))
        rows = [Row(*row) for row in zip_longest(*columns, fillvalue="")]
        self.rows, self.sent_rows = rows[:MOST_ROWS], len(rows)
        self.conditions = data.getlist("condition")

    def clean_base(self) -> Any:  # noqa: ANN401
        try:
            return _unsign(self.cleaned_data["base"], self.campaign)
        except signing.BadSignature:
            raise forms.ValidationError(NO_BASE) from None

    def clean(self) -> dict[str, Any]:
        if self.sent_rows > MOST_ROWS:
            self.add_error(None, TOO_MANY_ROWS.format(self.sent_rows, MOST_ROWS, MOST_ROWS))
        return self.cleaned_data

    @property
    def schedule(self) -> dict[str, Any]:
        """As the wire would have it, right or wrong."""
        hours = [{"day": row.day, "startTime": row.start, "endTime": row.end} for row in self.rows]
        return {"timezone": self.zone, "dialingHours": hours, "pauseConditions": self.conditions}

    @property
    def base_seen(self) -> Any:  # noqa: ANN401
        """What the person started from; the campaign's schedule where the form that came in doesn't say."""
        return self.cleaned_data["base"] if self.is_bound and not self.errors.get("base") else self.started_from

    @property
    def signed_base(self) -> str:
        return _sign(self.base_seen, self.campaign)

    @property
    def own_key(self) -> UUID:
        """The number that the form goes out with: the one it came in with, if it had one."""
        key: UUID | None = self.cleaned_data.get("key") if self.is_bound and not self.errors.get("key") else None
        return key or uuid4()

    @property
    def condition_choices(self) -> list[str]:
        """Those there are, and whatever else came in."""
        others = [condition for condition in dict.fromkeys(self.conditions) if condition not in PAUSE_CONDITIONS]
        return [*PAUSE_CONDITIONS, *others]

    def edit(self, what: str) -> None:
        """Carry out a button that changes rows, for those whose browser doesn't."""
        removed = _REMOVE.fullmatch(what)
        if what == "add" and len(self.rows) < MOST_ROWS:
            self.rows.append(Row(_day_after(self.rows)))
            self.focus = len(self.rows) - 1
        elif removed and int(removed[1]) < len(self.rows):
            del self.rows[int(removed[1])]
            self.focus = min(int(removed[1]), len(self.rows) - 1)
        elif what == "copy":
            targets = TARGETS.get(self.data.get("copy_to", ""), ())
            self.rows = copy_day(self.rows, self.data.get("copy_from", ""), targets)[:MOST_ROWS]


def draft_from(operation: Operation, choices: Mapping[str, str]) -> Draft:
    """What an operation asked for, to go on with. After a conflict it starts from what CXone has: their changes are in
    it where nobody of us changed anything, and ours where the choices don't say otherwise."""
    conflict = operation.conflict
    if operation.kind != Kind.SCHEDULE:
        raise ValueError("Only a schedule change can be gone on with.")
    if not conflict:
        return Draft(operation.payload["base"], operation.payload["ours"], operation.note)
    sides = conflict["base"], conflict["theirs"], conflict["ours"]
    undone = bool(conflict.get("undone"))
    made = {clash.part: choices.get(clash.part, "ours") for clash in merge(*sides, undone=undone).clashes}
    try:
        return Draft(conflict["theirs"], resolve(*sides, made, undone=undone), operation.note)
    except ValueError:
        return Draft(conflict["theirs"], merge(*sides).schedule, operation.note)


def copy_day(rows: list[Row], source: str, targets: tuple[str, ...]) -> list[Row]:
    """The source's windows instead of those of each other target day, all by day. A day without windows isn't copied:
    that would only remove."""
    copied = [row for row in rows if row.day == source]
    others = [day for day in targets if day != source]
    if not copied or not others:
        return rows
    kept = [row for row in rows if row.day not in others]
    return sorted(kept + [row._replace(day=day) for day in others for row in copied], key=_place)


def _place(row: Row) -> int:
    return DAYS.index(row.day) if row.day in DAYS else len(DAYS)


def _day_after(rows: list[Row]) -> str:
    last = rows[-1].day if rows else ""
    return DAYS[(DAYS.index(last) + 1) % len(DAYS)] if last in DAYS else DAYS[0]


def _sign(base: object, campaign: Campaign) -> str:
    return signing.dumps(base, salt=_salt(campaign), compress=True)


def _unsign(text: str, campaign: Campaign) -> Any:  # noqa: ANN401
    return signing.loads(text, salt=_salt(campaign))


def _salt(campaign: Campaign) -> str:
    return f"campaigns.schedule_form:{campaign.pk}"


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
