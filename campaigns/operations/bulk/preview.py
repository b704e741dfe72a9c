"""What a bulk would do to each campaign, from the rows as last read. Two queries, however many campaigns there are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from campaigns.models import Campaign, Operation, OperationKind, Policy
from campaigns.operations import four_eyes
from campaigns.policy.holds import stops
from campaigns.policy.in_force import limit_for
from campaigns.states import ACTIVE, IN_PROGRESS, PAUSED, may_be_paused, may_be_resumed, plain


class Effect(StrEnum):
    """What a bulk does to one campaign."""

    SENT = "sent"
    ALREADY = "already"  # it is as asked for: nothing is sent
    OVER_LIMIT = "over_limit"  # more calls are in progress than its limit
    IN_THE_WAY = "in_the_way"  # another operation is in progress on it
    ON_HOLD = "on_hold"  # nobody resumes it until its hold is lifted
    AT_REST = "at_rest"  # CXone takes no pause or resume of it
    GONE = "gone"  # CXone no longer lists it


@dataclass(frozen=True, slots=True)
class Expected:
    """`calls` in progress against `limit`, as last counted; `in_the_way`: the other operation, if one is."""

    campaign: Campaign
    effect: Effect
    calls: int
    limit: int
    in_the_way: Operation | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """`calls`: in progress on the campaigns that would be sent a change. `waits`: for a second person, before that."""

    expected: tuple[Expected, ...]
    counts: dict[Effect, int]
    calls: int
    waits: bool

    def count(self, effect: Effect) -> int:
        return self.counts.get(effect, 0)


def preview(kind: OperationKind, campaigns: Iterable[Campaign], override: bool) -> Preview:
    """What the bulk would do. `override`: its reason overrides the calls check."""
    policy = Policy.current()
    others = {other.campaign_id: other for other in Operation.objects.filter(state__in=IN_PROGRESS)}
    expected = []
    for campaign in campaigns:
        limit = limit_for(campaign, policy)
        other = others.get(campaign.pk)
        effect = _effect(kind, campaign, other, over=campaign.active_calls > limit and not override)
        expected.append(Expected(campaign, effect, campaign.active_calls, limit, other))
    counts = Counter(each.effect for each in expected)
    calls = sum(each.calls for each in expected if each.effect == Effect.SENT)
    return Preview(tuple(expected), dict(counts), calls, four_eyes.bulk_waits(kind, policy))


def _effect(kind: OperationKind, campaign: Campaign, other: Operation | None, *, over: bool) -> Effect:
    if campaign.gone_at:
        return Effect.GONE
    if stops(kind, campaign):
        return Effect.ON_HOLD
    pauses = kind == OperationKind.PAUSE
    sent = Effect.OVER_LIMIT if pauses and over else Effect.SENT
    if other:
        # A stop always wins over anything but a pause. Over which pauses one that overrides the calls check wins is
        # known only when it runs.
        return sent if pauses and other.kind != OperationKind.PAUSE else Effect.IN_THE_WAY
    if plain(campaign.status) == (PAUSED if pauses else ACTIVE):
        return Effect.ALREADY
    possible = may_be_paused(campaign.status) if pauses else may_be_resumed(campaign.status)
    if not possible:
        return Effect.AT_REST
    return sent
