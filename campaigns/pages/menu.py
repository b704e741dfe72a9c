"""The main menu, as data: an item is shown to whoever has its right."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.urls import reverse

from campaigns.models import Approval
from campaigns.pages.access import (
    APPROVE,
    MANAGE_DELIVERIES,
    MANAGE_HOLIDAYS,
    MANAGE_PEOPLE,
    MANAGE_POLICY,
    SEE_AUDIT,
    SEE_CAMPAIGNS,
    SEE_OPERATIONS,
)
from campaigns.pages.freshness import Freshness


@dataclass(frozen=True, slots=True)
class MenuItem:
    """`address` is the name of the page it leads to; the pages below each of `paths` belong to it."""

    label: str
    right: str
    address: str
    paths: tuple[str, ...]


ATTENTION = MenuItem("Attention", SEE_CAMPAIGNS, "campaigns:attention", ("/attention/",))
CAMPAIGNS = MenuItem("Campaigns", SEE_CAMPAIGNS, "campaigns:list", ("/campaigns/",))
OPERATIONS = MenuItem("Operations", SEE_OPERATIONS, "campaigns:operations", ("/operations/", "/bulk/", "/timeline/"))
APPROVALS = MenuItem("Approvals", APPROVE, "campaigns:approvals", ("/approvals/",))
AUDIT = MenuItem("Audit", SEE_AUDIT, "audit:list", ("/audit/",))
HOLIDAYS = MenuItem("Holidays", MANAGE_HOLIDAYS, "campaigns:calendars", ("/holidays/",))
DELIVERIES = MenuItem("Notices", MANAGE_DELIVERIES, "campaigns:deliveries", ("/deliveries/",))
POLICY = MenuItem("Policy", MANAGE_POLICY, "campaigns:policy", ("/policy/", "/wall/"))
PEOPLE = MenuItem("People", MANAGE_PEOPLE, "people", ("/people/",))
# The pages of settings, beside each other.
SETTINGS = (
    MenuItem("Limits", MANAGE_POLICY, "campaigns:policy", ("/policy/thresholds/",)),
    MenuItem("Reasons", MANAGE_POLICY, "campaigns:reasons", ("/policy/reasons/",)),
    MenuItem("Calling hours", MANAGE_POLICY, "campaigns:rules", ("/policy/hours/",)),
    MenuItem("Integrations", MANAGE_POLICY, "campaigns:integrations", ("/policy/integrations/",)),
    MenuItem("Wallboard links", MANAGE_POLICY, "campaigns:wall_links", ("/wall/",)),
    MenuItem("Notices", MANAGE_DELIVERIES, "campaigns:deliveries", ("/deliveries/",)),
)
# The work of every day is always in sight. What is set once in a while is under More.
MENU = (ATTENTION, CAMPAIGNS, OPERATIONS, APPROVALS, AUDIT, HOLIDAYS, DELIVERIES, POLICY, PEOPLE)
UNDER_MORE = {HOLIDAYS, DELIVERIES, POLICY, PEOPLE}
# A phone has room for the first few of these that the person may see; the others are under More there, too.
ON_A_PHONE = (ATTENTION, CAMPAIGNS, APPROVALS, AUDIT, OPERATIONS)
MOST_ON_A_PHONE = 3


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """`count`: how many things wait there; None where nothing is counted. `counts`: what pages that refresh themselves
    keep up to date there, by its name in the scripts."""

    item: MenuItem
    is_current: bool
    count: int | None = None
    counts: str = ""


@dataclass(frozen=True, slots=True)
class MainMenu:
    """What is in sight, and what is under More. `on_a_phone`: what is in sight on a phone."""

    entries: tuple[MenuEntry, ...]
    on_a_phone: frozenset[MenuItem]

    @property
    def in_sight(self) -> list[tuple[MenuEntry, bool]]:
        """Each with whether it is in sight on a phone, too."""
        return [(entry, entry.item in self.on_a_phone) for entry in self.entries if entry.item not in UNDER_MORE]

    @property
    def more(self) -> list[tuple[MenuEntry, bool]]:
        """Each with whether it is under More on a phone alone."""
        hidden = [entry for entry in self.entries if entry.item not in self.on_a_phone]
        return [(entry, entry.item not in UNDER_MORE) for entry in hidden]

    @property
    def is_more_on_a_phone_alone(self) -> bool:
        return all(on_a_phone_alone for _, on_a_phone_alone in self.more)

    @property
    def more_is_current(self) -> str:
        """Where the page belongs to what is under More: "everywhere", on a phone, or "" nowhere."""
        for entry, on_a_phone_alone in self.more:
            if entry.is_current:
                return "phone" if on_a_phone_alone else "everywhere"
        return ""

    @property
    def more_count(self) -> int:
        """What is under More must not be out of mind."""
        return sum(entry.count or 0 for entry, _ in self.more)

    def number_of(self, item: MenuItem) -> int:
        """How many things wait there; 0 where the person isn't led there."""
        return sum(entry.count or 0 for entry in self.entries if entry.item == item)


def menu_for(
    request: HttpRequest, *, gave_up: int, findings: int, approvals: int = 0, wants_approvals: bool = False
) -> MainMenu:
    """`gave_up`: how many notices were given up, to which somebody must be led. `findings`: how many are open.
    `approvals`: how many wait for this person; `wants_approvals`: the policy wants any, or some wait."""
    items = [item for item in MENU if request.user.has_perm(item.right)]
    if POLICY in items and DELIVERIES in items and not gave_up:
        # Whoever may change the policy finds the notices there, until one is given up.
        items.remove(DELIVERIES)
    if APPROVALS in items and not (wants_approvals or request.path.startswith(APPROVALS.paths)):
        items.remove(APPROVALS)
    counts = {ATTENTION: findings, DELIVERIES: gave_up or None, APPROVALS: approvals}
    live = {ATTENTION: "findings", APPROVALS: "approvals"}
    on_a_phone = [item for item in ON_A_PHONE if item in items][:MOST_ON_A_PHONE]
    return MainMenu(
        tuple(
            MenuEntry(item, _is_current(item, items, request.path), counts.get(item), live.get(item, ""))
            for item in items
        ),
        frozenset(on_a_phone),
    )


def settings_for(request: HttpRequest) -> list[MenuEntry]:
    """The pages of settings that the person may see; the one with this page in it is current."""
    items = [item for item in SETTINGS if request.user.has_perm(item.right)]
    return [
        MenuEntry(item, request.path == reverse(item.address) or request.path.startswith(item.paths)) for item in items
    ]


def _is_current(item: MenuItem, items: list[MenuItem], path: str) -> bool:
    if path.startswith(DELIVERIES.paths) and DELIVERIES not in items:
        return item is POLICY
    return path.startswith(item.paths)


def number_waiting(user: User | AnonymousUser, fresh: Freshness) -> int:
    """For the menu: how many requests wait for this person's approval."""
    # Nobody is asked about approvals, and no page costs more, while none wait.
    if not fresh.approvals or not user.has_perm(APPROVE):
        return 0
    return Approval.objects.filter(decision="").exclude(by=user.get_username()).count()
