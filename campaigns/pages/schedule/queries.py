"""The schedule form with its findings, each beside the input concerned."""

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
    """A typed window with its findings. `wrong`: its inputs with errors. `further`: the names of its unknown fields.
    `unread`: what CXone has there, if that isn't an object and can't be edited."""

    row: WindowRow
    findings: list[Finding]
    wrong: list[str]
    further: str = ""
    unread: str = ""

    @property
    def known(self) -> bool:
        """Whether its day is a known one."""
        return self.row.day in DAYS


class ToCorrect(NamedTuple):
    """What must be corrected in a refused form. `where`: the id of the input."""

    where: str
    message: str


class Condition(NamedTuple):
    code: str
    name: str
    checked: bool


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """A form with the findings of its schedule. `max_windows`: what the licence tier allows. `changed`: whether it
    differs from its base. `overtaken`: whether CXone's schedule has changed since the form was made."""

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
        """The findings that aren't shown beside an input."""
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
        """The numbers of the windows with errors, from 1."""
        numbers: set[int] = set()
        for found in self.findings:
            if found.severity == Severity.ERROR:
                numbers.update(row + 1 for row in found.rows)
        return sorted(numbers)

    @property
    def to_correct(self) -> list[ToCorrect]:
        """The errors, each with the id of its input; if there are none, that the warnings must be acknowledged."""
        errors = [found for found in self.findings if found.severity == Severity.ERROR]
        if not errors and self.warnings:
            return [ToCorrect("id_acknowledged", "Acknowledge the warnings, if the hours are meant so.")]
        return [ToCorrect(_input_of(found), found.message) for found in errors]

    @property
    def warned_of(self) -> str:
        return digest_of_warnings(found.as_json() for found in self.findings)

    @property
    def acknowledged(self) -> bool:
        """Whether the person acknowledged exactly these warnings."""
        # The digest tells them from others that the form showed before it was edited.
        return bool(self.warnings) and self.form.data.get("acknowledged") == self.warned_of


def _input_of(finding: Finding) -> str:
    if finding.rows:
        return f"window-{finding.rows[0]}-{_INPUTS.get(finding.field, 'start')}"
    return {"timezone": "id_timezone", "pauseConditions": "conditions"}.get(finding.field, "checked")


def read_checked(form: ScheduleForm, findings: tuple[Finding, ...] | None = None) -> CheckedForm:
    """Check the form's schedule now. `findings`: those of a refusal, to show instead."""
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
    """The current names of time zones: old ones are accepted, but not offered."""
    # Of the names of offsets only UTC is offered: with any other the hours would shift against the clocks of most
    # regions when summer time begins.
    regions = (name for name in known_zones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return ("UTC", *sorted(name for name in regions if current_name(name) is None))


def _view(row: WindowRow, found: list[Finding], origin: object, window: object) -> RowView:
    """`window`: the row as it would be sent, with the unknown fields that stay."""
    further = ", ".join(str(key)[:40] for key in further_of(window))
    unread = "" if origin is None or isinstance(origin, dict) else window_text(origin)
    return RowView(row, found, sorted(_wrong_inputs(found)), further, unread)


def _wrong_inputs(findings: list[Finding]) -> set[str]:
    """The inputs of a row with errors; an error of no single field concerns both times."""
    wrong: set[str] = set()
    for finding in findings:
        if finding.severity != Severity.ERROR:
            continue
        if finding.field in _INPUTS:
            wrong.add(_INPUTS[finding.field])
        else:
            wrong |= {"start", "end"}
    return wrong
