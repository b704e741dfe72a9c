"""Why a request can't be carried out. `sentence` says so to the person who made it, and what to do instead.

Refusal                      a change of calendars, policy or another page's rows
├── FormOutdated             the row has changed since the person's form was made
└── OperationRefusal         a pause, a resume or a schedule change; the refusal is on record
    ├── InTheWay             another operation is in progress on the campaign
    ├── OnHold               a compliance hold is on the campaign, and it is no pause
    ├── KeyReused            the same form was sent again with other contents
    ├── TooLate              a request may have been sent to CXone, so it can't be cancelled
    ├── NotUndoable          somebody has changed the campaign since, or its time is over
    ├── UnusableTime         it can't be due then, or not end then
    ├── OverrideNeeded       the reason overrides the calls check, which must be confirmed
    ├── NoteNeeded           the reason needs a note, and none was written
    ├── OwnRequest           nobody approves what they asked for themselves
    ├── ApprovalOutdated     what would be sent isn't what the second person saw
    ├── UnusableSelection    a bulk of no campaigns, or of too many
    ├── UnreadableBase       the schedule that the change started from can't be read
    └── FindingsRefusal      the schedule has errors, or warnings that aren't acknowledged
"""

from typing import Any

from campaigns.models import Operation
from campaigns.schedule import ScheduleFinding, Severity


class Refusal(Exception):
    """`field`: the name of the form field that is wrong; "" if it is none in particular."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class FormOutdated(Refusal):
    """`now`: the row's current facts."""

    def __init__(self, now: dict[str, Any]) -> None:
        super().__init__("This was changed while your form was open. Nothing was saved.")
        self.now = now


class OperationRefusal(Refusal):
    """`operation`: the operation concerned. `code`: the name of this refusal in its audit record."""

    code = "refused"

    def __init__(self, sentence: str, operation: Operation | None = None) -> None:
        super().__init__(sentence)
        self.operation = operation

    @property
    def details(self) -> dict[str, Any]:
        """What its audit record has beside the sentence."""
        return {}


class InTheWay(OperationRefusal):
    code = "operation_in_progress"


class OnHold(OperationRefusal):
    code = "on_hold"


class KeyReused(OperationRefusal):
    code = "key_reused"


class TooLate(OperationRefusal):
    code = "too_late"


class NotUndoable(OperationRefusal):
    code = "not_undoable"


class UnusableTime(OperationRefusal):
    code = "unusable_time"


class OverrideNeeded(OperationRefusal):
    code = "override_needed"


class NoteNeeded(OperationRefusal):
    code = "note_needed"


class OwnRequest(OperationRefusal):
    code = "own_request"


class ApprovalOutdated(OperationRefusal):
    code = "payload_changed"


class UnusableSelection(OperationRefusal):
    code = "selection"


class UnreadableBase(OperationRefusal):
    code = "unreadable_base"


class FindingsRefusal(OperationRefusal):
    """`findings`: all findings, hints included. `summary`: how many errors, or warnings, prevent saving."""

    code = "findings"

    def __init__(self, findings: tuple[ScheduleFinding, ...]) -> None:
        stopping = _gravest(findings)
        self.summary = f"The schedule has {_counted(stopping)}."
        super().__init__(f"{self.summary} Nothing was sent. {stopping[0].message}")
        self.findings = findings

    @property
    def details(self) -> dict[str, Any]:
        return {"findings": [finding.as_json() for finding in self.findings]}


def _gravest(findings: tuple[ScheduleFinding, ...]) -> list[ScheduleFinding]:
    """The errors; if there are none, the warnings."""
    errors = [finding for finding in findings if finding.severity == Severity.ERROR]
    return errors or [finding for finding in findings if finding.severity == Severity.WARNING]


def _counted(findings: list[ScheduleFinding]) -> str:
    plural = "" if len(findings) == 1 else "s"
    if findings[0].severity == Severity.ERROR:
        return f"{len(findings)} error{plural}"
    return f"{len(findings)} warning{plural} to acknowledge first"
