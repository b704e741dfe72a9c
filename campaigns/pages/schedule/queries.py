"""A schedule on the form that edits it, with each finding beside the input that it is about."""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from campaigns.pages.schedule.form import ScheduleForm
from campaigns.pages.schedule.rows import WindowRow, origins_of
from campaigns.pages.week import Week, week_of
from campaigns.policy.in_force import constraints_for
from campaigns.queueing.rows import database_now
from campaigns.schedule import (
    CONDITION_NAMES,
    DAY_NAMES,
    DAYS,
    Finding,
    Severity,
    check,
    digest_of_warnings,
    further_of,
    same,
    window_text,
)
from campaigns.schedule.zones import current_name, known_zones

DAY_CHOICES = tuple(DAY_NAMES.items())
_INPUTS = {"day": "day", "startTime": "start", "endTime": "end"}


class RowView(NamedTuple):
    """A typed window with what was found in it. `wrong`: its inputs that an error is about. `further`: the fields that
    CXone has with it and the form doesn't. `unread`: what CXone has there, where that can't be edited as a window."""

    row: WindowRow
    findings: list[Finding]
    wrong: list[str]
    further: str = ""
    unread: str = ""

    @property
    def known(self) -> bool:
        """Its day is one."""
        return self.row.day in DAYS


class ToCorrect(NamedTuple):
    """What a refused form must have put right, and the id of the input where."""

    where: str
    message: str


class Condition(NamedTuple):
    code: str
    name: str
    checked: bool


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """A form's schedule, checked just now. `max_windows`: what the licence tier allows."""

    form: ScheduleForm
    findings: tuple[Finding, ...]
    week: Week
    max_windows: int
    hours: list[Any]
    changed: bool
    overtaken: bool

    @property
    def rows(self) -> list[RowView]:
        by_row: list[list[Finding]] = [[] for _ in self.form.rows]
        for finding in self.findings:
            for row in finding.rows:
                by_row[row].append(finding)
        origins = origins_of(self.form.rows, self.form.base_seen)
        return [_view(*each) for each in zip(self.form.rows, by_row, origins, self.hours, strict=True)]

    @property
    def conditions(self) -> list[Condition]:
        chosen = set(self.form.conditions)
        return [
            Condition(code, CONDITION_NAMES.get(code, code), code in chosen) for code in self.form.condition_choices
        ]

    @property
    def of_zone(self) -> list[Finding]:
        return self._about("timezone")

    @property
    def of_conditions(self) -> list[Finding]:
        return self._about("pauseConditions")

    @property
    def others(self) -> list[Finding]:
        """Those that stand beside no input."""
        beside = ("timezone", "pauseConditions")
        return [finding for finding in self.findings if not finding.rows and finding.field not in beside]

    def _about(self, field: str) -> list[Finding]:
        return [finding for finding in self.findings if not finding.rows and finding.field == field]

    @property
    def errors(self) -> int:
        return self._count(Severity.ERROR)

    @property
    def warnings(self) -> int:
        return self._count(Severity.WARNING)

    def _count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def windows_with_errors(self) -> list[int]:
        """As people count: the first window is number 1."""
        numbers: set[int] = set()
        for found in self.findings:
            if found.severity == Severity.ERROR:
                numbers.update(row + 1 for row in found.rows)
        return sorted(numbers)

    @property
    def to_correct(self) -> list[ToCorrect]:
        """Errors, each with the id of the input that it is about; without any, the warnings to acknowledge."""
        errors = [found for found in self.findings if found.severity == Severity.ERROR]
        if not errors and self.warnings:
            return [ToCorrect("id_acknowledged", "Acknowledge the warnings, if the hours are meant so.")]
        return [ToCorrect(_input_of(found), found.message) for found in errors]

    @property
    def warned_of(self) -> str:
        return digest_of_warnings(found.as_json() for found in self.findings)

    @property
    def acknowledged(self) -> bool:
        """The person knows of these warnings, not of others that were there before."""
        return bool(self.warnings) and self.form.data.get("acknowledged") == self.warned_of


def _input_of(finding: Finding) -> str:
    if finding.rows:
        return f"window-{finding.rows[0]}-{_INPUTS.get(finding.field, 'start')}"
    return {"timezone": "id_timezone", "pauseConditions": "conditions"}.get(finding.field, "checked")


def read_checked(form: ScheduleForm, findings: tuple[Finding, ...] | None = None) -> CheckedForm:
    """The form's schedule with what is found in it now, or with the findings that a refusal came with."""
    now = database_now()
    constraints, schedule = constraints_for(form.campaign, now), form.schedule
    return CheckedForm(
        form=form,
        findings=check(schedule, constraints, now, form.base_seen) if findings is None else findings,
        week=week_of(schedule, constraints.hours, now=now),
        max_windows=constraints.max_windows,
        hours=schedule["dialingHours"],
        changed=not same(form.base_seen, schedule),
        overtaken=not same(form.base_seen, form.campaign.schedule),
    )


@cache
def zone_choices() -> tuple[str, ...]:
    """The names that are in use now: an old one is taken, but not offered."""
    regions = (name for name in known_zones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return ("UTC", *sorted(name for name in regions if current_name(name) is None))


def _view(row: WindowRow, found: list[Finding], origin: object, window: object) -> RowView:
    """`window`: what becomes of the row; its further fields are those that stay."""
    further = ", ".join(str(key)[:40] for key in further_of(window))
    unread = "" if origin is None or isinstance(origin, dict) else window_text(origin)
    return RowView(row, found, sorted(_wrong_inputs(found)), further, unread)


def _wrong_inputs(findings: list[Finding]) -> set[str]:
    """The inputs of a row that errors are about; an error of no single field is about both times."""
    wrong: set[str] = set()
    for finding in findings:
        if finding.severity != Severity.ERROR:
            continue
        if finding.field in _INPUTS:
            wrong.add(_INPUTS[finding.field])
        else:
            wrong |= {"start", "end"}
    return wrong
