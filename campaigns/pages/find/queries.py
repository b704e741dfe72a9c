"""What a few typed letters find. The number of queries is always the same."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Now
from django.urls import reverse

from campaigns.models import Campaign, Operation
from campaigns.pages.access import SEE_AUDIT, SEE_CAMPAIGNS, SEE_OPERATIONS
from campaigns.pages.actions import Action, change_of_dialing, rights_of
from campaigns.pages.find.destinations import ACTIONS, ON_ALL, PAGES, Findable, destinations_for, matching
from campaigns.selection import has_in_its_name, known_tags, tag_label
from campaigns.states import IN_PROGRESS

# More could not be taken in at a glance; another letter narrows them.
MOST_CAMPAIGNS, MOST_GROUPS, MOST_PEOPLE = 8, 4, 4
# Typed before a name, it says what is to be done.
VERBS = ("pause", "stop", "resume", "start")


@dataclass(frozen=True, slots=True)
class FoundCampaign:
    """`campaign`: with `now`, the database's time. `action`: its pause or resume, if the reader may."""

    campaign: Campaign
    action: Action | None


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """All campaigns with one tag. `address`: the list of them, or with a verb before the tag the form about all."""

    label: str
    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """`address`: what that person did."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Found:
    """`act_first`: a verb was typed, so choosing a campaign leads to its form at once."""

    typed: str
    act_first: bool
    campaigns: list[FoundCampaign]
    groups: list[FoundGroup]
    actions: list[Findable]
    pages: list[Findable]
    people: list[FoundPerson]

    @property
    def is_empty(self) -> bool:
        return not (self.campaigns or self.groups or self.actions or self.pages or self.people)


def find(user: User | AnonymousUser, typed: str) -> Found:
    verb, _, rest = typed.partition(" ")
    act_first = bool(rest.strip()) and verb.casefold() in VERBS
    name = rest.strip() if act_first else typed
    return Found(
        typed=typed,
        act_first=act_first,
        campaigns=_campaigns(user, name),
        groups=_groups(user, name, verb.casefold() if act_first else ""),
        actions=matching(destinations_for(user, ACTIONS), typed),
        pages=matching(destinations_for(user, PAGES), typed),
        people=_people(user, typed),
    )


def _campaigns(user: User | AnonymousUser, name: str) -> list[FoundCampaign]:
    """Those of which every typed word is in the name, or whose id begins so. Names that begin so come first."""
    if not name or not user.has_perm(SEE_CAMPAIGNS):
        return []
    begins = Case(When(name__istartswith=name, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = Campaign.objects.filter(has_in_its_name(name) | Q(id__istartswith=name), gone_at=None)
    # By the database's clock, as every page judges what a campaign does.
    shown = found.defer("schedule").annotate(now=Now())
    campaigns = list(shown.order_by(begins, "-urgency", "-active_calls", "name", "id")[:MOST_CAMPAIGNS])
    busy = Operation.objects.filter(campaign__in=[campaign.pk for campaign in campaigns], state__in=IN_PROGRESS)
    in_progress = {operation.campaign_id: operation for operation in busy}
    rights = rights_of(user)
    rows = []
    for campaign in campaigns:
        action = change_of_dialing(campaign, in_progress.get(campaign.pk))
        rows.append(FoundCampaign(campaign, action if action and action.right in rights else None))
    return rows


def _groups(user: User | AnonymousUser, name: str, verb: str) -> list[FoundGroup]:
    """The tags of which each typed word begins a word."""
    if not name or not user.has_perm(SEE_CAMPAIGNS):
        return []
    wanted = name.casefold().split()
    found = []
    for kind, texts in known_tags().items():
        for text in texts:
            words = text.casefold().split()
            if all(any(word.startswith(each) for word in words) for each in wanted):
                found.append(_group(user, kind, text, verb))
    return found[:MOST_GROUPS]


def _group(user: User | AnonymousUser, kind: str, text: str, verb: str) -> FoundGroup:
    tag = {"tag": f"{kind}:{text}"}
    action = ON_ALL.get(verb)
    if action is None or not user.has_perm(action.right):
        return FoundGroup(f"All of {text}", tag_label(kind), f"{reverse('campaigns:list')}?{urlencode(tag)}")
    address = f"{reverse(action.address)}?{urlencode({'all': '1', **tag})}"
    return FoundGroup(f"{action.label} all of {text}", tag_label(kind), address)


def _people(user: User | AnonymousUser, typed: str) -> list[FoundPerson]:
    if not typed:
        return []
    if user.has_perm(SEE_AUDIT):
        address = reverse("audit:list")
    elif user.has_perm(SEE_OPERATIONS):
        address = reverse("campaigns:operations")
    else:
        return []
    names = User.objects.filter(username__icontains=typed).order_by("username").values_list("username", flat=True)
    return [FoundPerson(name, f"{address}?{urlencode({'by': name})}") for name in names[:MOST_PEOPLE]]
