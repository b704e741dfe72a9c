"""My operations, in the head of every page: what runs and what it waits for, then what has ended since one looked."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.models import Bulk, Operation, OperationKind, Preferences, SyncState
from campaigns.operations import undo
from campaigns.operations.descriptions import describe
from campaigns.operations.four_eyes import SecondWanted
from campaigns.operations.hours_back import hours_before
from campaigns.operations.labels import WAITS_FOR_SECOND, Tone, is_cancellable, tone_of, waits_for
from campaigns.operations.timed import begin_of
from campaigns.pages.access import SEE_OPERATIONS, require
from campaigns.pages.actions import (
    CANCEL_BULK,
    CANCEL_OPERATION,
    RESUME_EXACTLY,
    Action,
    undo_of_kind,
)
from campaigns.pages.freshness import second_wanted, wanted_in
from campaigns.pages.live import HtmxRequest
from campaigns.pages.version import version_of
from campaigns.policy.holds import stops
from campaigns.prepared import fetch_objects
from campaigns.states import BAD_ENDS, ENDS, IN_PROGRESS, State

# Rows of a kind that are looked at. Whoever has more of them looks at their list.
MOST = 30
# That are shown.
SHOWN = 8
# What ended this long ago is shown although it was seen: somebody may want to undo it, or look at it once more.
STILL_SHOWN = timedelta(minutes=10)
# What ended longer ago is no news, also for somebody who never looked.
NO_NEWS = timedelta(hours=24)
# Between two refreshes: while something of one's own runs, and otherwise as the head of a page.
RUNNING_SECONDS, IDLE_SECONDS = 2, 15


# What takes a change back.
_OPPOSITE = {
    OperationKind.PAUSE: OperationKind.RESUME,
    OperationKind.RESUME: OperationKind.PAUSE,
    OperationKind.SCHEDULE: OperationKind.SCHEDULE,
}


@dataclass(frozen=True, slots=True)
class TrayItem:
    """One operation, or one bulk. `wait`: what it waits for, `age_seconds` since it was asked for; "" once it has
    ended.

    `label` and `happened`: how it ended. `is_new`: it has ended, and its person hasn't looked since.
    """

    key: str
    title: str
    address: str
    argument: Any
    tone: str
    state: str
    wait: str
    age_seconds: int
    label: str
    happened: str
    ended_at: datetime | None
    is_new: bool
    actions: tuple[Action, ...] = ()

    @property
    def is_bad(self) -> bool:
        return self.state in BAD_ENDS

    @property
    def shown(self) -> tuple[Any, ...]:
        """All that decides how it looks, but for its age, which counts on by itself."""
        return self.key, self.title, self.state, self.wait, self.label, self.happened, self.is_new, self.actions


@dataclass(frozen=True, slots=True)
class Tray:
    """The newest first. `notifies`, `sounds`: its person wants to be told of ends by the desktop, by a sound."""

    running: list[TrayItem]
    ended: list[TrayItem]
    notifies: bool
    sounds: bool

    @property
    def bad(self) -> int:
        """How many ended badly since the person looked."""
        return sum(item.is_bad and item.is_new for item in self.ended)

    @property
    def new(self) -> int:
        return sum(item.is_new for item in self.ended)

    @property
    def seconds(self) -> int:
        """Until the next refresh."""
        return RUNNING_SECONDS if self.running else IDLE_SECONDS

    @property
    def version(self) -> str:
        items = [item.shown for item in (*self.running, *self.ended)]
        return version_of(items, self.notifies, self.sounds)


def tray_for_pages(request: HttpRequest) -> dict[str, Any]:
    """Context processor: read only by pages that show it."""
    return {"tray": SimpleLazyObject(lambda: read_tray(request.user))}


def read_tray(user: User | AnonymousUser) -> Tray:
    """Three queries, and one more while there are bulks."""
    (at,) = fetch_objects(_own, person=user.pk or 0)
    now = at.now
    seen_at = max(at.seen_operations_at or now - NO_NEWS, now - NO_NEWS)
    since = min(seen_at, now - STILL_SHOWN)
    items = [*_bulks(user, since, now, seen_at), *_operations(user, since, now, seen_at, wanted_in(at))]
    ended = [item for item in items if item.ended_at is not None]
    return Tray(
        running=[item for item in items if item.ended_at is None],
        ended=sorted(ended, key=lambda item: item.ended_at or now, reverse=True)[:SHOWN],
        notifies=bool(at.desktop_notifications),
        sounds=bool(at.sound),
    )


def _own(person: int) -> QuerySet[Any, Any]:
    """The time, and what the person prefers."""
    mine = Preferences.objects.filter(user=person)
    names = ("seen_operations_at", "desktop_notifications", "sound")
    return SyncState.objects.filter(pk=1).annotate(
        now=Now(), **{name: Subquery(mine.values(name)) for name in names}, **second_wanted()
    )


def _operations(
    user: User | AnonymousUser, since: datetime, now: datetime, seen_at: datetime, wanted: SecondWanted
) -> list[TrayItem]:
    """Those of one's own that aren't part of a bulk. What is held for its time isn't in progress."""
    found = fetch_objects(_newest, by=user.get_username(), since=since)
    return [_item(operation, user, now, seen_at, wanted) for operation in found]


def _newest(by: str, since: datetime) -> QuerySet[Operation]:
    undone = Operation.objects.filter(undoes=OuterRef("pk"), not_before=None)
    wanted = Q(ended_at__gt=since) | Q(ended_at=None, state__in=(State.PENDING, *IN_PROGRESS))
    found = Operation.objects.filter(wanted, by=by, bulk=None).select_related("campaign", "superseded_by")
    found = found.defer("campaign__schedule").annotate(is_undone=Exists(undone))
    return found.order_by("-requested_at")[:MOST]


def _item(
    operation: Operation, user: User | AnonymousUser, now: datetime, seen_at: datetime, wanted: SecondWanted
) -> TrayItem:
    description = describe(operation)
    return TrayItem(
        key=operation.pk.hex,
        title=f"{operation.get_kind_display()} of {operation.campaign}",
        address="campaigns:operation",
        argument=operation.pk,
        tone=tone_of(operation),
        state=operation.state,
        wait=_until_lapse(operation, now) if operation.state == State.PENDING else waits_for(operation),
        age_seconds=max(int((now - begin_of(operation)).total_seconds()), 0),
        label=description.label,
        happened=description.happened,
        ended_at=operation.ended_at,
        is_new=operation.ended_at is not None and operation.ended_at > seen_at,
        actions=tuple(action for action in _possible(operation, now, wanted) if user.has_perm(action.right)),
    )


def _possible(operation: Operation, now: datetime, wanted: SecondWanted) -> list[Action]:
    kind = OperationKind(operation.kind)
    if is_cancellable(operation):
        return [CANCEL_OPERATION[kind]]
    if not undo.is_recent(operation, now) or operation.is_undone:  # type: ignore[attr-defined]
        return []
    if stops(_OPPOSITE[kind], operation.campaign):
        return []
    if kind == OperationKind.SCHEDULE and hours_before(operation) is None:
        return []
    return [undo_of_kind(kind, wanted)]


def _bulks(user: User | AnonymousUser, since: datetime, now: datetime, seen_at: datetime) -> list[TrayItem]:
    bulks = fetch_objects(_newest_bulks, by=user.get_username(), since=since)
    ends = _ends_of(bulks) if bulks else {}
    return [_bulk_item(bulk, ends.get(bulk.pk, Counter()), user, now, seen_at) for bulk in bulks]


def _newest_bulks(by: str, since: datetime) -> QuerySet[Bulk]:
    found = Bulk.objects.filter(Q(ended_at__gt=since) | Q(ended_at=None), by=by)
    undone = Exists(Bulk.objects.filter(undoes=OuterRef("pk")))
    return found.annotate(is_undone=undone).defer("campaign_ids", "selection").order_by("-requested_at")[:MOST]


def _ends_of(bulks: Sequence[Bulk]) -> dict[UUID, Counter[str]]:
    """How many of each bulk's operations ended how."""
    ends: dict[UUID, Counter[str]] = defaultdict(Counter)
    ended = Operation.objects.filter(bulk__in=bulks, state__in=ENDS).order_by().values_list("bulk", "state")
    for bulk, state, number in ended.annotate(number=Count("pk")):
        ends[bulk][state] = number
    return ends


def _bulk_item(
    bulk: Bulk, ends: Counter[str], user: User | AnonymousUser, now: datetime, seen_at: datetime
) -> TrayItem:
    missed = sum(ends[state] for state in BAD_ENDS)
    state, label = State.CONFIRMED, "Done"
    if missed:
        state, label = State.FAILED, f"{missed:,} of {bulk.number:,} not {bulk.kind}d"
    elif bulk.cancelled_at or not (ends[State.CONFIRMED] or ends[State.SKIPPED]):
        state, label = State.CANCELLED, "Cancelled"
    may_resume = user.has_perm(RESUME_EXACTLY.right) and _is_resumable(bulk, ends, now)
    return TrayItem(
        key=bulk.pk.hex,
        title=str(bulk),
        address="campaigns:bulk",
        argument=bulk.pk,
        tone=tone_of(Operation(state=state)) if bulk.ended_at else Tone.BUSY,
        state=state if bulk.ended_at else _running(bulk),
        wait=_wait_of(bulk, now),
        age_seconds=max(int((now - bulk.requested_at).total_seconds()), 0),
        label=label,
        happened=_what_it_did(bulk, ends),
        ended_at=bulk.ended_at,
        is_new=bulk.ended_at is not None and bulk.ended_at > seen_at,
        actions=_actions_of(bulk, user, may_resume=may_resume),
    )


def _until_lapse(waiting: Operation | Bulk, now: datetime) -> str:
    minutes = max(round((waiting.next_attempt_at - now).total_seconds() / 60), 1)
    hours, rest = divmod(minutes, 60)
    left = f"{hours} h {rest} min" if hours else f"{minutes} min"
    return f"{WAITS_FOR_SECOND}, lapses in {left}"


def _wait_of(bulk: Bulk, now: datetime) -> str:
    if bulk.pending:
        return _until_lapse(bulk, now)
    return "" if bulk.ended_at else "In progress"


def _running(bulk: Bulk) -> State:
    return State.PENDING if bulk.pending else State.RUNNING


def _actions_of(bulk: Bulk, user: User | AnonymousUser, *, may_resume: bool) -> tuple[Action, ...]:
    if bulk.pending:
        return (CANCEL_BULK,) if user.has_perm(CANCEL_BULK.right) else ()
    return (RESUME_EXACTLY,) if may_resume else ()


def _is_resumable(bulk: Bulk, ends: Counter[str], now: datetime) -> bool:
    """As long as a single pause can be undone. Afterwards the bulk's own page offers it."""
    if bulk.kind != OperationKind.PAUSE or bulk.ended_at is None or bulk.is_undone:  # type: ignore[attr-defined]
        return False
    return ends[State.CONFIRMED] > 0 and now - bulk.ended_at < undo.WITHIN


def _what_it_did(bulk: Bulk, ends: Counter[str]) -> str:
    done, already = ends[State.CONFIRMED], ends[State.SKIPPED]
    said = [f"{done:,} campaign{'' if done == 1 else 's'} {bulk.kind}d"]
    if already:
        said.append(f"{already:,} already so")
    # Some may never have been made.
    unmade = max(bulk.number - ends.total(), 0) if bulk.ended_at else 0
    if cancelled := ends[State.CANCELLED] + unmade:
        said.append(f"{cancelled:,} cancelled")
    return f"{', '.join(said)}."


@require_safe
@never_cache
def show_tray(request: HtmxRequest) -> HttpResponse:
    """What refreshes itself; an empty answer where the page shows it already."""
    require(request.user, SEE_OPERATIONS)
    if not request.htmx:
        return redirect("campaigns:operations")
    tray = read_tray(request.user)
    if request.GET.get("seen") == tray.version:
        return HttpResponse(status=204)
    return render(request, "_tray.html", {"tray": tray})


@require_POST
def mark_seen(request: HttpRequest) -> HttpResponse:
    """The person has looked at what ended until now."""
    require(request.user, SEE_OPERATIONS)
    note_seen(request.user)
    return HttpResponse(status=204)


def note_seen(user: User | AnonymousUser) -> None:
    if user.pk is not None:
        Preferences.objects.update_or_create(user_id=user.pk, defaults={"seen_operations_at": Now()})
