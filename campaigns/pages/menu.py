"""The main menu, as data: an item is shown to whoever has its right."""

from dataclasses import dataclass

from django.http import HttpRequest

from campaigns.pages.access import (
    MANAGE_DELIVERIES,
    MANAGE_HOLIDAYS,
    MANAGE_POLICY,
    SEE_AUDIT,
    SEE_CAMPAIGNS,
    SEE_OPERATIONS,
)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """`address` is the name of the page it leads to; the pages below each of `paths` belong to it."""

    label: str
    right: str
    address: str
    paths: tuple[str, ...]


DELIVERIES = MenuItem("Deliveries", MANAGE_DELIVERIES, "campaigns:deliveries", ("/deliveries/",))
POLICY = MenuItem("Policy", MANAGE_POLICY, "campaigns:policy", ("/policy/",))
MENU = (
    MenuItem("Campaigns", SEE_CAMPAIGNS, "campaigns:list", ("/campaigns/",)),
    MenuItem("Operations", SEE_OPERATIONS, "campaigns:operations", ("/operations/", "/bulk/")),
    MenuItem("Holidays", MANAGE_HOLIDAYS, "campaigns:calendars", ("/holidays/",)),
    DELIVERIES,
    POLICY,
    MenuItem("Audit", SEE_AUDIT, "audit:list", ("/audit/",)),
)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    item: MenuItem
    is_current: bool


def menu_for(request: HttpRequest, *, any_parked: bool) -> list[MenuEntry]:
    """`any_parked`: a delivery has been given up, and somebody must be led to it."""
    items = [item for item in MENU if request.user.has_perm(item.right)]
    if POLICY in items and DELIVERIES in items and not any_parked:
        # Whoever may change the policy finds the deliveries there, until one is given up.
        items.remove(DELIVERIES)
    return [MenuEntry(item, _is_current(item, items, request.path)) for item in items]


def _is_current(item: MenuItem, items: list[MenuItem], path: str) -> bool:
    if path.startswith(DELIVERIES.paths) and DELIVERIES not in items:
        return item is POLICY
    return path.startswith(item.paths)
