"""Approvals for their pages, with what each would do. The list costs the same however many wait."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.db.models.functions import Lower

from campaigns.dialing import is_open_at
from campaigns.models import Approval, Bulk, Campaign, Decision, Operation, OperationKind
from campaigns.operations.bulk.preview import preview
from campaigns.operations.four_eyes import is_same_person
from campaigns.operations.phrases import calls, calls_are
from campaigns.operations.timed import due_in_words
from campaigns.pages.access import APPROVE, EDIT_SCHEDULE, IN_WORDS, RESUME
from campaigns.pages.bulk.words import effect_on_many
from campaigns.pages.freshness import Freshness
from campaigns.pages.operations.queries import labels_of_reasons
from campaigns.pages.version import version_of
from campaigns.policy.in_force import read_findings
from campaigns.schedule import ScheduleFinding, Severity
from campaigns.schedule.in_words import PartChange, changed_days
from campaigns.schedule.what_if import WhatIf, what_if
from campaigns.states import status_word

# Of each kind; what is older is in the audit.
MOST_WAITING, MOST_DECIDED = 50, 20
# Campaigns of a bulk that its page names.
MOST_NAMED = 50
_LOOKS = {
    Decision.APPROVED: ("good", "check"),
    Decision.REFUSED: ("warning", "stop"),
    Decision.LAPSED: ("quiet", "hourglass"),
    Decision.WITHDRAWN: ("quiet", "slash"),
}


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """One approval. `do`: what it is to do, before the campaign's name. `impact`: sentences about what that means now.

    `asker`: that whoever asked couldn't ask for it now, in a sentence; "" if they could, or have no account.
    `may_decide`: the reader is a second person. `outlook`: of changed hours, by the windows alone.
    """

    approval: Approval
    reason: str
    is_mine: bool
    may_decide: bool
    impact: tuple[str, ...]
    asker: str = ""
    changes: tuple[PartChange, ...] = ()
    outlook: WhatIf | None = None
    findings: tuple[ScheduleFinding, ...] = ()
    campaigns: tuple[Campaign, ...] = ()

    @property
    def operation(self) -> Operation | None:
        return self.approval.operation

    @property
    def bulk(self) -> Bulk | None:
        return self.approval.bulk

    @property
    def subject(self) -> Operation | Bulk:
        subject = self.approval.operation or self.approval.bulk
        if subject is None:
            raise ValueError(f"{self.approval} is about nothing")
        return subject

    @property
    def do(self) -> str:
        return "change the dialing hours of" if self.subject.kind == OperationKind.SCHEDULE else "resume"

    @property
    def about(self) -> str:
        """What it is about, in a few words."""
        if self.bulk:
            return f"{self.bulk.number:,} campaign{'' if self.bulk.number == 1 else 's'}"
        return str(self.operation.campaign) if self.operation else ""

    @property
    def due(self) -> str:
        return due_in_words(self.operation) if self.operation else ""

    @property
    def is_shown_whole(self) -> bool:
        """The list shows all that somebody has to know before they approve it."""
        return self.bulk is None and self.subject.kind == OperationKind.RESUME

    @property
    def look(self) -> tuple[str, str, str]:
        """Tone, shape and word of the decision."""
        decision = Decision(self.approval.decision)
        return (*_LOOKS[decision], decision.label)

    @property
    def further(self) -> int:
        """How many campaigns aren't named."""
        return self.bulk.number - len(self.campaigns) if self.bulk else 0


class _Account(NamedTuple):
    is_active: bool
    is_superuser: bool
    rights: set[str]


@dataclass(frozen=True, slots=True)
class ApprovalsPage:
    """`others`: what the reader may decide on, or see others decide on; `own`: what they asked for themselves."""

    others: list[ApprovalView]
    own: list[ApprovalView]
    decided: list[ApprovalView]

    def version(self, fresh: Freshness) -> str:
        waiting = [
            (view.approval.pk, view.approval.digest, view.impact, view.asker) for view in (*self.others, *self.own)
        ]
        decided = [(view.approval.pk, view.approval.decision) for view in self.decided]
        return version_of(waiting, decided, fresh.shown)


def read_approvals(user: User | AnonymousUser, now: datetime) -> ApprovalsPage:
    """Four queries."""
    labels = labels_of_reasons()
    soonest_first = _found().filter(decision="").order_by("lapses_at", "pk")
    waiting = _with_askers([_view(each, user, labels, now) for each in soonest_first[:MOST_WAITING]])
    decided = _found().exclude(decision="").order_by("-decided_at")[:MOST_DECIDED]
    return ApprovalsPage(
        others=[view for view in waiting if not view.is_mine],
        own=[view for view in waiting if view.is_mine],
        decided=[_view(each, user, labels, now) for each in decided],
    )


def find_approval(approval_id: Any) -> Approval | None:  # noqa: ANN401 - whatever an address or a shell has
    return _found().filter(pk=approval_id).first()


def read_approval(approval: Approval, user: User | AnonymousUser, now: datetime) -> ApprovalView:
    """With what takes further queries: the checks of changed hours, and the campaigns of a bulk."""
    view = _view(approval, user, labels_of_reasons(), now)
    if not approval.is_open:
        return view
    [view] = _with_askers([view])
    if approval.bulk_id:
        return _with_campaigns(view)
    operation = approval.operation
    if operation is None or operation.kind != OperationKind.SCHEDULE:
        return view
    payload = operation.payload
    found = read_findings(operation.campaign, payload["ours"], payload["base"])
    return replace(view, findings=tuple(each for each in found if each.severity != Severity.HINT))


def _found() -> QuerySet[Approval]:
    return Approval.objects.select_related("operation__campaign", "bulk").defer("bulk__campaign_ids")


def _view(approval: Approval, user: User | AnonymousUser, labels: Mapping[str, str], now: datetime) -> ApprovalView:
    is_mine = is_same_person(approval.by, user.get_username())
    view = ApprovalView(
        approval=approval,
        reason="",
        is_mine=is_mine,
        may_decide=approval.is_open and not is_mine and user.has_perm(APPROVE),
        impact=(),
    )
    reason = view.subject.reason
    view = replace(view, reason=labels.get(reason, reason))
    operation = approval.operation
    if operation is None:
        return view
    if operation.kind != OperationKind.SCHEDULE:
        return replace(view, impact=tuple(_impact(operation.campaign, now)) if approval.is_open else ())
    base, ours = operation.payload["base"], operation.payload["ours"]
    return replace(
        view,
        changes=tuple(changed_days(base, ours)),
        outlook=what_if(operation.campaign.schedule or base, ours, now) if approval.is_open else None,
    )


def _with_askers(views: list[ApprovalView]) -> list[ApprovalView]:
    """Each with what is to be said of its asker. One query, however many there are."""
    accounts = User.objects.filter(username__in={view.approval.by for view in views})
    known: dict[str, _Account] = {}
    for name, is_active, is_superuser, right in accounts.values_list(
        "username", "is_active", "is_superuser", "groups__permissions__codename"
    ):
        account = known.setdefault(name, _Account(is_active, is_superuser, set()))
        account.rights.add(f"campaigns.{right}")
    return [replace(view, asker=_about_asker(view, known.get(view.approval.by))) for view in views]


def _about_asker(view: ApprovalView, account: _Account | None) -> str:
    """Nobody may stand behind it any more. Whoever asked by a command may have no account."""
    by = view.approval.by
    needed = EDIT_SCHEDULE if view.subject.kind == OperationKind.SCHEDULE else RESUME
    if account is None or (account.is_active and (account.is_superuser or needed in account.rights)):
        return ""
    if not account.is_active:
        return f"The account of {by} has been disabled since. Make sure that this is still wanted."
    return f"{by} may no longer {IN_WORDS[needed]}. Make sure that this is still wanted."


def _impact(campaign: Campaign, now: datetime) -> Iterator[str]:
    """What it would mean to resume it now."""
    if campaign.gone_at:
        yield "It is no longer in CXone."
        return
    if not campaign.is_paused:
        yield f"It is {status_word(campaign.status)} in CXone now, not paused."
    is_open = is_open_at(campaign.window_open, campaign.window_changes_at, now)
    if is_open:
        yield "Its window is open now: it dials as soon as it is resumed."
    elif is_open is False:
        yield "Its window is closed now: it dials when that opens."
    if campaign.active_calls:
        yield f"{calls_are(campaign.active_calls)} in progress on it."


def _with_campaigns(view: ApprovalView) -> ApprovalView:
    bulk = view.bulk
    if bulk is None:
        return view
    ids = Bulk.objects.values_list("campaign_ids", flat=True).get(pk=bulk.pk)
    campaigns = list(Campaign.objects.defer("schedule").filter(pk__in=ids).order_by(Lower("name"), "pk"))
    found = preview(OperationKind(bulk.kind), campaigns, bulk.override)
    impact = [
        effect_on_many(OperationKind(bulk.kind), effect, number) for effect, number in found.counts.items() if number
    ]
    if total := sum(campaign.active_calls for campaign in campaigns):
        impact.append(f"{calls(total)} in progress on them now.")
    return replace(view, impact=tuple(impact), campaigns=tuple(campaigns[:MOST_NAMED]))
