"""The rows of the list: who did what to which campaign, why, and how it ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from audit import sentences
from audit.grouping import ENDS, GroupStep, RecordGroup
from audit.kinds import RecordKind, Status
from audit.models import Record
from audit.pages.charts.drawing import duration_in_words

# By action: done, and asked for.
VERBS = {
    "pause": ("Paused", "Asked to pause"),
    "resume": ("Resumed", "Asked to resume"),
    "schedule": ("Changed hours", "Asked to change hours"),
}
CONFIRMED, CANCELLED, SUPERSEDED = "CONFIRMED", "CANCELLED", "SUPERSEDED"
# Tone, shape and word by the final state of an operation.
STATES = {
    CONFIRMED: ("good", "check", "Confirmed"),
    "SKIPPED": ("quiet", "skip", "Already so"),
    "REJECTED": ("warning", "stop", "Rejected"),
    "CONFLICT": ("bad", "clash", "Conflict"),
    "FAILED": ("bad", "cross", "Failed"),
    "UNCONFIRMED": ("bad", "alert", "Unconfirmed"),
    CANCELLED: ("quiet", "slash", "Cancelled"),
    SUPERSEDED: ("quiet", "skip", "Superseded"),
}
STATUSES = {
    Status.FAILURE: ("bad", "cross", "Failure"),
    Status.REJECTED: ("warning", "stop", "Rejected"),
    Status.SKIPPED: ("quiet", "skip", "Skipped"),
}
# What nobody here did.
BY_CXONE, BY_ITSELF = "CXone", "Campaign control"
OVERRIDDEN = "OVERRIDDEN"


class RowOutcome(NamedTuple):
    """A chip, and how long it took; all "" if there is nothing to say."""

    tone: str
    shape: str
    word: str
    after: str = ""


NOTHING = RowOutcome("", "", "")


class RowStep(NamedTuple):
    """A record of an operation, in the unfolded row. `left_out`: how many before it the row doesn't have."""

    number: int
    at: datetime
    did: str
    by: str
    left_out: int = 0


@dataclass(frozen=True)
class AuditRow:
    """A row of the list. `number`: of the record that it leads to. `campaign_id`: "" for a row of no campaign.
    `is_person`: `who` is the name of one. `steps`, `count` of them and `operation` are empty for a single record.
    `is_chosen`: it is open beside the list. `approved_by`: the second person, where the policy wanted one.
    """

    number: int
    campaign_id: str
    at: datetime
    who: str
    is_person: bool
    did: str
    campaign: str
    why: str
    outcome: RowOutcome
    is_overridden: bool
    steps: tuple[RowStep, ...] = ()
    count: int = 0
    operation: str = ""
    is_chosen: bool = False
    approved_by: str = ""

    @property
    def iso(self) -> str:
        return self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rows_of_groups(groups: Sequence[RecordGroup], labels: Mapping[str, str]) -> list[AuditRow]:
    """`labels`: of reason codes."""
    return [
        _row_of_operation(group, labels) if group.is_operation else row_of_record(group.record, labels)
        for group in groups
    ]


def row_of_record(record: Record, labels: Mapping[str, str]) -> AuditRow:
    if not isinstance(record.timestamp, datetime):
        raise TypeError("a record without a time can’t be read")
    return AuditRow(
        number=record.number,
        campaign_id=record.campaign_id,
        at=record.timestamp,
        who=_who(record),
        is_person=bool(record.by),
        did=sentences.did_of(record),
        campaign=record.campaign_name or record.campaign_id,
        why=sentences.why_of(record, labels),
        outcome=_outcome_of_record(record),
        is_overridden=record.compliance_check == OVERRIDDEN,
    )


def _row_of_operation(group: RecordGroup, labels: Mapping[str, str]) -> AuditRow:
    """As of its request; the newest step says how it is or how it ended."""
    records = [step.record for step in group.steps]
    first, last = records[0], _last_word(records)
    state = _state(last)
    done, asked = VERBS.get(first.action, (first.action.capitalize(), f"Asked to {first.action}"))
    return AuditRow(
        # Not the newest: after the end, calls are followed for a while.
        number=last.number,
        campaign_id=last.campaign_id,
        at=first.timestamp,
        who=_who(first),
        is_person=bool(last.by),
        did=done if state == CONFIRMED else asked,
        campaign=first.campaign_name or first.campaign_id,
        why=" · ".join(filter(None, [_reason(first, labels), _trouble(last, state)])),
        outcome=_outcome_of_operation(first, last, state),
        is_overridden=last.compliance_check == OVERRIDDEN,
        steps=tuple(_row_steps(group.steps)),
        count=group.steps[-1].place,
        operation=str(first.operation),
        approved_by=_approver(records),
    )


def _row_steps(steps: Sequence[GroupStep]) -> Iterator[RowStep]:
    before = 0
    for place, record in steps:
        yield RowStep(record.number, record.timestamp, _step(record), _who(record), left_out=place - before - 1)
        before = place


def _who(record: Record) -> str:
    if record.by:
        return record.by
    if record.kind.startswith("campaign.") and record.kind != RecordKind.CAMPAIGN_CHANGED_LATE:
        return BY_CXONE
    return BY_ITSELF


def _last_word(steps: Sequence[Record]) -> Record:
    """The step that says how the operation ended; the newest while it hasn't."""
    ends = [step for step in steps if step.kind in ENDS]
    return ends[-1] if ends else steps[-1]


def _state(last: Record) -> str:
    """The final state; "" while the operation is in progress."""
    if last.kind == RecordKind.OPERATION_CANCELLED:
        return CANCELLED
    if last.kind == RecordKind.OPERATION_ENDED:
        return str(_details(last).get("state", ""))
    return ""


def _approver(steps: Sequence[Record]) -> str:
    """The last one: another time of what is held has to be approved again."""
    given = [step.by for step in steps if step.kind == RecordKind.APPROVAL_GIVEN]
    # Of a bulk, all its operations were approved at once.
    return given[-1] if given else str(_details(steps[0]).get("approved_by", ""))


def _reason(first: Record, labels: Mapping[str, str]) -> str:
    note = str(_details(first).get("note") or "")
    return " · ".join(filter(None, [labels.get(first.reason, first.reason), note]))


def _trouble(last: Record, state: str) -> str:
    """What went wrong, unless it was overcome."""
    return "" if state == CONFIRMED else sentences.failure_of(last)


def _outcome_of_operation(first: Record, last: Record, state: str) -> RowOutcome:
    if not state:
        return RowOutcome("busy", "half", "In progress")
    tone, shape, word = STATES.get(state, ("quiet", "ring", state.capitalize()))
    return RowOutcome(tone, shape, word, _duration(first, last) if state == CONFIRMED else "")


def _duration(first: Record, last: Record) -> str:
    """From the request, or from when it was due, to the confirmation."""
    took = _details(last).get("confirmation_ms")
    if isinstance(took, bool) or not isinstance(took, int | float) or took < 0:
        took = (last.timestamp - first.timestamp).total_seconds() * 1000
    return duration_in_words(max(took, 0))


def _outcome_of_record(record: Record) -> RowOutcome:
    """A chip only where it says something: a sign-in that succeeded is no news."""
    if record.kind == RecordKind.OPERATION_ENDED:
        state = _state(record)
        return RowOutcome(*STATES.get(state, ("quiet", "ring", state.capitalize())))
    if record.status in STATUSES:
        return RowOutcome(*STATUSES[Status(record.status)])
    return NOTHING


def _step(step: Record) -> str:
    said = sentences.did_of(step)
    answered = f", answered {step.api_response_status}" if step.kind == RecordKind.OPERATION_TRIED else ""
    return f"{said}{answered if step.api_response_status else ''}"


def _details(record: Record) -> Mapping[str, object]:
    return record.details if isinstance(record.details, dict) else {}
