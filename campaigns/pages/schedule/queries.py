"""The schedule form as a week, with what was found in it beside the day concerned."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings

from campaigns.dialect import cxone_can
from campaigns.models import Calendar, Campaign
from campaigns.operations.phrases import join_words
from campaigns.pages.operations.changed_by import OthersChange, others_changes
from campaigns.pages.schedule.findings import ToCorrect, WarningLine, digest_of, errors_in, warning_lines
from campaigns.pages.schedule.form import ScheduleForm
from campaigns.pages.schedule.rows import WindowRow, origins_of
from campaigns.pages.week import DayRow, Week, week_of
from campaigns.policy.in_force import constraints_for
from campaigns.queueing.day_count import zone_problem
from campaigns.queueing.rows import database_now
from campaigns.schedule import (
    CONDITION_NAMES,
    DAY_NAMES,
    DAYS,
    Code,
    ScheduleFinding,
    Severity,
    check,
    further_of,
    is_unscheduled,
    same,
    window_text,
)
from campaigns.schedule.in_words import changed_parts
from campaigns.schedule.what_if import WhatIf, what_if
from campaigns.schedule.zones import current_name, known_zones

DAY_CHOICES = tuple(DAY_NAMES.items())
# Windows of no known day stand below the week.
OTHER = "other"
_INPUTS = {"day": "day", "startTime": "start", "endTime": "end"}
_BESIDE = {"timezone": "id_timezone", "pauseConditions": "conditions"}


class RowView(NamedTuple):
    """A typed window. `place`: its number in the form; `number`: on its day, from 1. `wrong`: its inputs with errors.
    `further`: the names of its unknown fields. `unread`: what CXone has there, if that isn't an object and can't be
    edited."""

    place: int
    number: int
    row: WindowRow
    wrong: list[str]
    further: str = ""
    unread: str = ""
    # Its control that takes the focus, for browsers without scripts.
    focus: str = ""


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of the form. `drawn`: its bar; None for windows of no known day."""

    code: str
    name: str
    rows: list[RowView]
    drawn: DayRow | None
    findings: list[ScheduleFinding]

    @property
    def errors(self) -> list[ScheduleFinding]:
        return [found for found in self.findings if found.severity == Severity.ERROR]

    @property
    def hints(self) -> list[ScheduleFinding]:
        return [found for found in self.findings if found.severity == Severity.HINT]

    @property
    def warnings(self) -> list[WarningLine]:
        return warning_lines(self.findings)

    @property
    def warned_of(self) -> str:
        return digest_of(self.findings)

    @property
    def wrong(self) -> str:
        """The ids of the inputs with errors."""
        ids = []
        for view in self.rows:
            ids += [f"window-{view.place}-{name}" for name in view.wrong]
        return " ".join(ids)

    @property
    def further(self) -> str:
        return ", ".join(dict.fromkeys(view.further for view in self.rows if view.further))


class Condition(NamedTuple):
    code: str
    name: str
    checked: bool


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """A form with the findings of its schedule. `max_windows`: what the licence tier allows. `changes`: the names of
    what differs from its base. `overtaken`: whether CXone's schedule has changed since the form was made.
    `enforcement`: who keeps the campaign from dialing when holidays and the law forbid it, in sentences."""

    form: ScheduleForm
    findings: tuple[ScheduleFinding, ...]
    week: Week
    max_windows: int
    hours: list[Any]
    changed: bool
    changes: list[str]
    overtaken: bool
    others_changes: tuple[OthersChange, ...]
    # The next 14 days, beside those under what CXone has now.
    outlook: WhatIf
    enforcement: tuple[str, ...]

    @property
    def is_unscheduled(self) -> bool:
        """CXone keeps no hours, and these windows would be the first."""
        return is_unscheduled(self.form.campaign.schedule)

    @property
    def why_read_only(self) -> str:
        """Why these hours can't be changed here; "" if they can."""
        if not cxone_can().chooses_zone and (problem := zone_problem()):
            return problem
        found = [each for each in self.findings if each.code == Code.ZONE_NOT_KNOWN]
        return f"{found[0].message} {found[0].suggestion}" if found else ""

    @property
    def zone_source(self) -> str:
        """Where the one time zone of all schedules comes from."""
        if settings.CXONE_TIMEZONE:
            return "CXONE_TIMEZONE, for all schedules of CXone"
        return "CXone’s business unit, for all of its schedules"

    @property
    def days(self) -> list[DayView]:
        rows = self._rows()
        views = []
        for (code, name), drawn in zip(DAY_CHOICES, self.week.days, strict=True):
            views.append(DayView(code, name, rows[code], drawn, self._about_day(code)))
        return views

    @property
    def other(self) -> DayView:
        return DayView(OTHER, "", self._rows()[OTHER], None, self._about_day(OTHER))

    def _rows(self) -> dict[str, list[RowView]]:
        wrong = self._wrong_inputs()
        origins = origins_of([self.form.rows[place] for place in self.form.filled_rows], self.form.base_seen)
        kept = dict(zip(self.form.filled_rows, zip(origins, self.hours, strict=True), strict=True))
        by_day: dict[str, list[RowView]] = {day: [] for day in (*DAYS, OTHER)}
        for index, row in enumerate(self.form.rows):
            views = by_day[_day_of(row)]
            origin, window = kept.get(index, (None, None))
            unread = "" if origin is None or isinstance(origin, dict) else window_text(origin)
            further = ", ".join(str(key)[:40] for key in further_of(window))
            focus = {f"window-{index}-start": "start", f"remove-{index}": "remove"}.get(self.form.focus, "")
            views.append(RowView(index, len(views) + 1, row, sorted(wrong.get(index, ())), further, unread, focus))
        return by_day

    def _wrong_inputs(self) -> dict[int, set[str]]:
        """By row, its inputs with errors; an error of no single field concerns both times."""
        wrong: dict[int, set[str]] = {}
        for found in self.findings:
            if found.severity == Severity.ERROR:
                names = {_INPUTS[found.field]} if found.field in _INPUTS else {"start", "end"}
                for number in self._numbers(found):
                    wrong.setdefault(number, set()).update(names)
        return wrong

    def _numbers(self, found: ScheduleFinding) -> list[int]:
        """The rows of the form that a finding is about."""
        filled = self.form.filled_rows
        return [filled[row] for row in found.rows if row < len(filled)]

    def _days(self, found: ScheduleFinding) -> list[str]:
        return list(dict.fromkeys(_day_of(self.form.rows[number]) for number in self._numbers(found)))

    def _about_day(self, day: str) -> list[ScheduleFinding]:
        return [found for found in self.findings if self._days(found)[:1] == [day]]

    @property
    def conditions(self) -> list[Condition]:
        chosen = set(self.form.conditions)
        return [
            Condition(code, CONDITION_NAMES.get(code, code), code in chosen) for code in self.form.condition_choices
        ]

    @property
    def of_zone(self) -> list[ScheduleFinding]:
        return self._about("timezone")

    @property
    def of_conditions(self) -> list[ScheduleFinding]:
        return self._about("pauseConditions")

    @property
    def others(self) -> list[ScheduleFinding]:
        """The findings that aren't shown beside an input."""
        return [found for found in self.findings if not found.rows and found.field not in _BESIDE]

    @property
    def other_warnings(self) -> list[WarningLine]:
        return warning_lines(self.others)

    @property
    def other_warned_of(self) -> str:
        return digest_of(self.others)

    def _about(self, field: str) -> list[ScheduleFinding]:
        return [found for found in self.findings if not found.rows and found.field == field]

    @property
    def errors(self) -> int:
        return len(errors_in(self.findings))

    @property
    def warnings(self) -> int:
        """The lines to acknowledge."""
        return sum(len(warning_lines(findings)) for findings in self._groups().values())

    @property
    def places(self) -> str:
        """Where the errors are: Friday and the time zone."""
        names: list[str] = []
        for found in errors_in(self.findings):
            if found.rows:
                names += [DAY_NAMES.get(day, "other windows") for day in self._days(found)]
            else:
                names.append({"timezone": "the time zone", "pauseConditions": "the conditions"}.get(found.field, ""))
        named = [name for name in dict.fromkeys(names) if name]
        return join_words(named) if named else ""

    @property
    def to_correct(self) -> list[ToCorrect]:
        """The errors, each with the id of its input; if there are none, the warnings to acknowledge."""
        errors = errors_in(self.findings)
        if errors:
            return [ToCorrect(self._input_of(found), found.message) for found in errors]
        found = []
        for key, findings in self._groups().items():
            found += [
                ToCorrect(f"acknowledge-{key}", line.summary_of(DAY_NAMES.get(key, "")))
                for line in warning_lines(findings)
            ]
        return found

    def _input_of(self, found: ScheduleFinding) -> str:
        if numbers := self._numbers(found):
            return f"window-{numbers[0]}-{_INPUTS.get(found.field, 'start')}"
        return _BESIDE.get(found.field, "windows")

    def _groups(self) -> dict[str, list[ScheduleFinding]]:
        """The findings by where they are acknowledged together."""
        groups: dict[str, list[ScheduleFinding]] = {}
        for found in self.findings:
            if found.severity == Severity.WARNING:
                key = self._days(found)[0] if found.rows else "rest"
                groups.setdefault(key, []).append(found)
        return groups

    @property
    def warned_of(self) -> str:
        return digest_of(self.findings)

    @property
    def sent_acknowledgements(self) -> frozenset[str]:
        return frozenset(self.form.sent_acknowledgements)

    @property
    def acknowledged(self) -> bool:
        """Whether the person acknowledged exactly these warnings, all at once or each where it stands."""
        # The digests tell them from others that the form showed before it was edited.
        if not self.warnings:
            return False
        sent = self.sent_acknowledgements
        return self.warned_of in sent or {digest_of(group) for group in self._groups().values()} <= sent


def read_checked(form: ScheduleForm, findings: tuple[ScheduleFinding, ...] | None = None) -> CheckedForm:
    """Check the form's schedule now. `findings`: those of a refusal, to show instead."""
    now = database_now()
    schedule = form.schedule
    constraints = constraints_for(form.campaign, now, schedule)
    overtaken = not same(form.base_seen, form.campaign.schedule)
    outlook = what_if(form.campaign.schedule, schedule, now, constraints.hours, constraints.holidays)
    return CheckedForm(
        form=form,
        findings=check(schedule, constraints, now, form.base_seen) if findings is None else findings,
        week=week_of(schedule, constraints.hours, now=now, holidays=constraints.holidays),
        max_windows=constraints.max_windows,
        hours=schedule["dialingHours"],
        changed=not same(form.base_seen, schedule),
        changes=[part.name for part in changed_parts(form.base_seen, schedule)],
        overtaken=overtaken,
        others_changes=others_changes(form.campaign.pk, form.base_seen, form.campaign.schedule) if overtaken else (),
        outlook=outlook,
        enforcement=tuple(_enforcement(form.campaign, outlook)),
    )


def _enforcement(campaign: Campaign, outlook: WhatIf) -> Iterator[str]:
    """Who keeps it from dialing in the hours that holidays and the law take off, as sentences."""
    if any(day.holidays for day in outlook.days):
        guarded = Calendar.objects.filter(campaigns=campaign).values_list("guarded", flat=True)
        if all(guarded):
            yield "The holiday guard pauses the campaign on these holidays."
        elif any(guarded):
            yield "The holiday guard is on for some of its calendars only; on the others’ holidays the campaign dials."
        else:
            yield "No holiday guard is on: the campaign dials on these holidays all the same."
    if any(day.barred_by_law for day in outlook.days):
        yield "CXone doesn’t know the calling hours: the campaign dials outside them all the same."


@cache
def zone_choices() -> tuple[str, ...]:
    """The current names of time zones: old ones are accepted, but not offered."""
    # Of the names of offsets only UTC is offered: with any other the hours would shift against the clocks of most
    # regions when summer time begins.
    regions = (name for name in known_zones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return ("UTC", *sorted(name for name in regions if current_name(name) is None))


def _day_of(row: WindowRow) -> str:
    return row.day if row.day in DAYS else OTHER
