"""What a bulk would do: what its form shows before anything is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Page, Paginator

from campaigns.models import Campaign, OperationKind
from campaigns.operations.bulk.preview import Effect, Expected, preview
from campaigns.operations.labels import Tone, describe_control
from campaigns.pages.bulk.words import campaigns_in_words, effect_on_many, effect_on_one
from campaigns.pages.freshness import Freshness
from campaigns.pages.version import version_of
from campaigns.states import may_be_paused

# On one page of them: a form about 5,000 campaigns stays as small as one about a hundred.
ROWS = 100
# Between two refreshes. Reading thousands of campaigns takes a third of a second.
SECONDS, SECONDS_OF_MANY, MANY = 5, 15, 500
# What somebody should look at comes first.
EFFECTS = {
    Effect.OVER_LIMIT: (Tone.WARNING, "alert"),
    Effect.ON_HOLD: (Tone.WARNING, "lock"),
    Effect.IN_THE_WAY: (Tone.BUSY, "half"),
    Effect.GONE: (Tone.QUIET, "cross"),
    Effect.AT_REST: (Tone.QUIET, "ring"),
    Effect.SENT: (Tone.GOOD, "check"),
    Effect.ALREADY: (Tone.QUIET, "skip"),
}
ORDER = tuple(EFFECTS)

# How a campaign stands, in a letter. A change of this is a reason to ask again: calls change all the time.
ACTIVE, PAUSED, AT_REST, GONE = "a", "p", "r", "g"
STANDING_WORDS = {ACTIVE: "active", PAUSED: "paused", AT_REST: "at rest", GONE: "not in CXone"}


@dataclass(frozen=True, slots=True)
class EffectLine:
    """On how many campaigns the bulk would have one effect, with the shape and tone that stand for it."""

    tone: Tone
    shape: str
    words: str


@dataclass(frozen=True, slots=True)
class ProspectRow:
    campaign: Campaign
    calls: int
    limit: int
    words: str


@dataclass(frozen=True)
class BulkProspect:
    """`expected`: in the order of the page. `left_out`: campaigns that one might look for among them.
    `waits`: for a second person, before anything is sent."""

    kind: OperationKind
    expected: Sequence[Expected]
    freshness: Freshness
    page_number: str
    left_out: Sequence[Campaign]
    waits: bool

    @property
    def is_pause(self) -> bool:
        return self.kind == OperationKind.PAUSE

    @property
    def seconds(self) -> int:
        """Until the next refresh."""
        return SECONDS if self.number <= MANY else SECONDS_OF_MANY

    @property
    def title(self) -> str:
        return f"{self.kind.label} {campaigns_in_words(self.number)}"

    @cached_property
    def concerned(self) -> list[Expected]:
        """What the bulk would be about: CXone can do nothing to a campaign that it no longer has, and nobody resumes
        one that is on hold."""
        return [each for each in self.expected if each.effect not in {Effect.GONE, Effect.ON_HOLD}]

    @property
    def campaign_ids(self) -> list[str]:
        return [each.campaign.pk for each in self.concerned]

    @property
    def number(self) -> int:
        return len(self.concerned)

    @property
    def calls(self) -> int:
        return sum(each.calls for each in self.concerned)

    @property
    def over_limit(self) -> int:
        return sum(each.calls > each.limit for each in self.concerned)

    @cached_property
    def lines(self) -> list[EffectLine]:
        effects = [each.effect for each in self.expected]
        counts = {effect: effects.count(effect) for effect in ORDER}
        return [
            EffectLine(*EFFECTS[effect], effect_on_many(self.kind, effect, number))
            for effect, number in counts.items()
            if number
        ]

    @cached_property
    def standings(self) -> dict[str, str]:
        return {each.campaign.pk: standing_of(each.campaign) for each in self.expected}

    @cached_property
    def page(self) -> Page[Expected]:
        return Paginator(self.expected, ROWS).get_page(self.page_number)

    @cached_property
    def rows(self) -> list[ProspectRow]:
        return [
            ProspectRow(each.campaign, each.calls, each.limit, effect_on_one(self.kind, each)) for each in self.page
        ]

    @property
    def left_out_words(self) -> str:
        number = len(self.left_out)
        return f"{campaigns_in_words(number)} left out: no longer paused by this bulk"

    @property
    def left_out_rows(self) -> list[tuple[str, str]]:
        """The name of each, and who brought it into its state. As many as fit."""
        shown = self.left_out[:ROWS]
        return [(str(each), f"{STANDING_WORDS[standing_of(each)]}, {describe_control(each)}") for each in shown]

    @property
    def version(self) -> str:
        """Of all that decides how it looks."""
        rows = [(row.campaign.pk, row.campaign.name, row.campaign.status, row.calls, row.words) for row in self.rows]
        counts = self.number, self.calls, self.over_limit, self.waits
        return version_of(counts, self.lines, rows, self.left_out_rows, self.page.number, self.freshness.level)


def read_prospect(
    kind: OperationKind,
    campaigns: Sequence[Campaign],
    fresh: Freshness,
    *,
    page: str = "",
    left_out: Sequence[Campaign] = (),
) -> BulkProspect:
    """In two queries. What needs a look comes first, then the campaigns with the most calls.

    Whether the reason overrides the calls check isn't known yet, so campaigns over their limit are told as such.
    """
    found = preview(kind, campaigns, override=False)
    return BulkProspect(kind, sorted(found.expected, key=_urgency), fresh, page, left_out, found.waits)


def standing_of(campaign: Campaign) -> str:
    if campaign.gone_at:
        return GONE
    if campaign.is_paused:
        return PAUSED
    if may_be_paused(campaign.status):
        return ACTIVE
    return AT_REST


def _urgency(each: Expected) -> tuple[int, int]:
    return ORDER.index(each.effect), -each.calls
