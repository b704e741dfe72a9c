"""What became of bulks: the list of them, and one with the result for each of its campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.db.models.functions import Lower

from campaigns.models import Approval, Bulk, Operation, OperationKind, ReasonCode
from campaigns.operations.bulk.progress import BulkProgress, read_progress
from campaigns.operations.bulk.requests import WORTH_RETRYING, untouched_since
from campaigns.operations.descriptions import Description, describe
from campaigns.operations.labels import Tone, tone_of
from campaigns.pages.access import CANCEL, PAUSE, RESUME
from campaigns.pages.actions import Rights
from campaigns.pages.bulk.selection import selection_in_words
from campaigns.pages.bulk.words import BulkOutcome, bulk_outcome, wait_in_words
from campaigns.pages.freshness import Freshness
from campaigns.pages.version import version_of
from campaigns.states import ENDS, LABELS, State

# Of bulks, and of a bulk's campaigns, on one page.
BULKS, ROWS = 20, 100
# Bulks that resume what one has paused, on its page.
MOST_UNDOING = 3
# Between two refreshes.
RUNNING_SECONDS = 2
# What somebody should look at comes first, then what is still to end.
STATES_BY_URGENCY = (
    State.UNCONFIRMED,
    State.FAILED,
    State.CONFLICT,
    State.REJECTED,
    State.SUPERSEDED,
    State.CANCELLED,
    State.ACCEPTED,
    State.RUNNING,
    State.WAITING,
    State.QUEUED,
    State.PENDING,
    State.SCHEDULED,
    State.SKIPPED,
    State.CONFIRMED,
)


@dataclass(frozen=True, slots=True)
class StateShare:
    """How many of a bulk's campaigns are in one state. `x` and `width`: its part of a bar that is 1,000 wide."""

    state: State
    label: str
    tone: Tone
    number: int
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One bulk in the list. `reason`: its label. `ended`: how many of its campaigns are done."""

    bulk: Bulk
    reason: str
    ended: int
    outcome: BulkOutcome


@dataclass(frozen=True, slots=True)
class ResultRow:
    operation: Operation
    description: Description


@dataclass(frozen=True, slots=True)
class BulkPage:
    rows: list[BulkRow]
    page: Page[Bulk]

    def version(self, fresh: Freshness) -> str:
        shown = [(row.bulk.pk, row.reason, row.ended, row.outcome) for row in self.rows]
        return version_of(shown, self.page.number, self.page.paginator.num_pages, fresh.level)


@dataclass(frozen=True, slots=True)
class BulkDetail:
    """A bulk's page. `reason`: its label. `state`: the one that its campaigns are narrowed to, or "". `retryable` and
    `resumable`: how many campaigns another try, or a resume of exactly what it paused, would be about; `again`: that
    other try, once it was asked for. `undone_by`: the newest bulks that were asked to resume what this one paused."""

    bulk: Bulk
    reason: str
    progress: BulkProgress
    shares: list[StateShare]
    rows: list[ResultRow]
    page: Page[Operation]
    state: str
    retryable: int
    resumable: int
    again: Bulk | None
    undone_by: list[Bulk]
    rights: Rights
    freshness: Freshness
    # By which it waits, or has waited, for a second person.
    approval: Approval | None = None

    @property
    def chosen(self) -> str:
        return selection_in_words(self.bulk.selection)

    @property
    def state_label(self) -> str:
        return LABELS[State(self.state)] if self.state else ""

    @property
    def first_try(self) -> str:
        """The id of the bulk whose failures this one tries again."""
        return str(self.bulk.selection.get("failed_of", ""))

    @property
    def waiting(self) -> str:
        return wait_in_words(self.bulk)

    @property
    def seconds(self) -> int | None:
        """Until the next refresh; None where nothing changes any more but by hand."""
        return None if self.bulk.ended_at else RUNNING_SECONDS

    @property
    def is_cancellable(self) -> bool:
        is_open = self.bulk.ended_at is None and self.bulk.cancelled_at is None
        has_unbegun = self.bulk.pending or self.progress.begun < self.progress.total
        return is_open and CANCEL in self.rights and has_unbegun

    @property
    def may_retry(self) -> bool:
        right = PAUSE if self.bulk.kind == OperationKind.PAUSE else RESUME
        return bool(self.bulk.ended_at and self.retryable and not self.again) and right in self.rights

    @property
    def may_resume(self) -> bool:
        return bool(self.resumable) and RESUME in self.rights

    @property
    def version(self) -> str:
        bulk = self.bulk
        rows = [(row.operation.pk, row.operation.campaign.name, row.description) for row in self.rows]
        left = self.progress.seconds_left
        return version_of(
            (self.reason, bulk.started_at, bulk.cancelled_at, bulk.ended_at, bulk.waiting_for, bulk.pending),
            (self.progress.counts, self.progress.requests, left and round(left)),
            (rows, self.page.number, self.state, self.retryable, self.resumable),
            (self.again and self.again.pk, [other.pk for other in self.undone_by]),
            (self.rights, self.freshness.level),
        )


def key_of_retry(bulk: Bulk) -> str:
    """A bulk is tried again once, whoever clicks, and however often; after that, the new bulk is."""
    return f"retry-{bulk.pk.hex}"


def read_bulks(page: str) -> BulkPage:
    """The newest first. Four queries, and none reads which campaigns a bulk has."""
    bulks = Paginator(Bulk.objects.defer("campaign_ids", "selection"), BULKS).get_page(page)
    counts: dict[UUID, dict[State, int]] = {bulk.pk: {} for bulk in bulks}
    counted = Operation.objects.filter(bulk__in=counts).order_by().values_list("bulk", "state")
    for bulk_id, state, number in counted.annotate(number=Count("pk")):
        counts[bulk_id][State(state)] = number
    labels = ReasonCode.labels()
    return BulkPage([_row(bulk, labels, counts[bulk.pk]) for bulk in bulks], bulks)


def _row(bulk: Bulk, labels: Mapping[str, str], counts: Mapping[State, int]) -> BulkRow:
    ended = sum(number for state, number in counts.items() if state in ENDS)
    return BulkRow(bulk, labels.get(bulk.reason, bulk.reason), ended, bulk_outcome(bulk, counts))


def read_bulk_detail(bulk: Bulk, rights: Rights, fresh: Freshness, *, state: str = "", page: str = "") -> BulkDetail:
    """However many campaigns it has, the number of queries is the same."""
    progress = read_progress(bulk)
    wanted = state if state in {*State} else ""
    results = Paginator(_by_urgency(bulk, wanted), ROWS).get_page(page)
    may_be_undone = bulk.kind == OperationKind.PAUSE and bulk.ended_at is not None
    return BulkDetail(
        bulk=bulk,
        reason=ReasonCode.labels().get(bulk.reason, bulk.reason),
        progress=progress,
        shares=_shares(progress),
        rows=[ResultRow(operation, describe(operation)) for operation in results],
        page=results,
        state=wanted,
        retryable=progress.count(*WORTH_RETRYING),
        resumable=len(untouched_since(bulk)) if may_be_undone else 0,
        again=Bulk.objects.defer("campaign_ids").filter(idempotency_key=key_of_retry(bulk)).first(),
        undone_by=list(Bulk.objects.defer("campaign_ids").filter(undoes=bulk)[:MOST_UNDOING]),
        rights=rights,
        freshness=fresh,
        approval=bulk.approvals.first() if bulk.kind == OperationKind.RESUME else None,
    )


def _by_urgency(bulk: Bulk, state: str) -> QuerySet[Operation]:
    found = Operation.objects.filter(bulk=bulk).select_related("campaign", "superseded_by").defer("campaign__schedule")
    if state:
        found = found.filter(state=state)
    cases = (When(state=each, then=Value(place)) for place, each in enumerate(STATES_BY_URGENCY))
    return found.order_by(Case(*cases, output_field=IntegerField()), Lower("campaign__name"), "pk")


def _shares(progress: BulkProgress) -> list[StateShare]:
    """What is done first, so that the bar fills from the left."""
    ends = [state for state in reversed(STATES_BY_URGENCY) if state in ENDS]
    rest = [state for state in STATES_BY_URGENCY if state not in ENDS]
    shares, before = [], 0
    for state in (*ends, *rest):
        number = progress.count(state)
        if number:
            x, width = (f"{1000 * part / progress.total:.1f}" for part in (before, number))
            shares.append(StateShare(state, LABELS[state], tone_of(Operation(state=state)), number, x, width))
            before += number
    return shares
