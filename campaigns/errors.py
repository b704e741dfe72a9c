"""Why what a person asked for can't be done. `sentence` is for that person: why not, and what to do instead.

Refusal                      a change of calendars, policy or another page's rows
├── FormOutdated             the row is no longer as the person's form showed it
└── OperationRefusal         a pause, a resume or a schedule change; the refusal is on record
    ├── InTheWay             another operation is in progress on the campaign
    ├── KeyReused            the same form came with other contents
    ├── TooLate              CXone may have been asked already, so it can't be cancelled
    ├── OverrideNeeded       the reason overrides the calls check, and nobody confirmed that
    ├── UnreadableBase       what the schedule was changed from can't be read
    └── FindingsRefusal      the schedule has errors, or warnings that nobody acknowledged
"""

from typing import Any

from campaigns.models import Operation
from campaigns.schedule import Finding, Severity


class Refusal(Exception):
    """`field`: the input that is wrong, as its form names it; "" for none in particular."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class FormOutdated(Refusal):
    """`now`: the facts of the row as it is."""

    def __init__(self, now: dict[str, Any]) -> None:
        super().__init__("This was changed while your form was open. Nothing was saved.")
        self.now = now


class OperationRefusal(Refusal):
    """`operation`: the one that is concerned. `code`: what the audit record calls this refusal."""

    code = "refused"

    def __init__(self, sentence: str, operation: Operation | None = None) -> None:
        super().__init__(sentence)
        self.operation = operation

    @property
    def details(self) -> dict[str, Any]:
        """What its record keeps beside the sentence."""
        return {}


class InTheWay(OperationRefusal):
    code = "operation_in_progress"


class KeyReused(OperationRefusal):
    code = "key_reused"


class TooLate(OperationRefusal):
    code = "too_late"


class OverrideNeeded(OperationRefusal):
    code = "override_needed"


class UnreadableBase(OperationRefusal):
    code = "unreadable_base"


class FindingsRefusal(OperationRefusal):
    """`findings`: everything that the checks found, hints included. `summary`: only how many stop the schedule."""

    code = "findings"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        stopping = _gravest(findings)
        self.summary = f"The schedule has {_counted(stopping)}."
        super().__init__(f"{self.summary} Nothing was sent. {stopping[0].message}")
        self.findings = findings

    @property
    def details(self) -> dict[str, Any]:
        return {"findings": [finding.as_json() for finding in self.findings]}


def _gravest(findings: tuple[Finding, ...]) -> list[Finding]:
    """The errors; without any, the warnings."""
    errors = [finding for finding in findings if finding.severity == Severity.ERROR]
    return errors or [finding for finding in findings if finding.severity == Severity.WARNING]


def _counted(findings: list[Finding]) -> str:
    plural = "" if len(findings) == 1 else "s"
    if findings[0].severity == Severity.ERROR:
        return f"{len(findings)} error{plural}"
    return f"{len(findings)} warning{plural} to acknowledge first"
