"""What a person has arranged for themselves: which columns the list has, how high its rows are, views of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet
from django.http import QueryDict

from campaigns.models import Density, Preferences, SavedView, Star
from campaigns.pages.campaigns.columns import COLUMNS, chosen_columns
from campaigns.pages.campaigns.rows import ListColumn
from campaigns.prepared import fetch_objects
from campaigns.selection import CampaignSelection


@dataclass(frozen=True, slots=True)
class Desk:
    """`person`: the number of their account. `columns`: the keys of those that they have chosen, () for the usual."""

    person: int | None
    columns: tuple[str, ...]
    density: str

    def columns_for(self, selection: CampaignSelection) -> list[ListColumn]:
        """A view's own columns come first."""
        return chosen_columns(selection.columns.split(","), self.columns)


@dataclass(frozen=True, slots=True)
class ViewLink:
    """`address`: the parameters of the list that show it. `by`: whose it is, "" for the reader's own."""

    view: SavedView
    address: str
    by: str
    is_current: bool


def desk_of(user: User | AnonymousUser) -> Desk:
    """One query."""
    (own,) = fetch_objects(_preferences, person=user.pk or 0) or (None,)
    columns = own.columns if own and isinstance(own.columns, list) else []
    return Desk(user.pk, tuple(map(str, columns)), own.density if own else Density.DENSE)


def _preferences(person: int) -> QuerySet[Preferences]:
    return Preferences.objects.filter(user=person)


def views_for(user: User | AnonymousUser, selection: CampaignSelection) -> list[ViewLink]:
    """Their own and, after them, those that others share. One query."""
    views = SavedView.objects.filter(Q(owner=user.pk) | Q(shared=True)).select_related("owner")
    links = [_link(view, user.pk, selection) for view in views]
    return sorted(links, key=lambda link: bool(link.by))


def _link(view: SavedView, person: int | None, selection: CampaignSelection) -> ViewLink:
    address = address_of_view(view)
    shown = CampaignSelection.read(QueryDict(address))
    is_current = (shown.view_query, shown.columns) == (selection.view_query, selection.columns)
    return ViewLink(view, address, "" if view.owner_id == person else view.owner.get_username(), is_current)


def address_of_view(view: SavedView) -> str:
    columns = ",".join(key for key in view.columns if key in COLUMNS)
    return "&".join(filter(None, (view.query, f"columns={columns}" if columns else "")))


def keep_view(user: User, name: str, selection: CampaignSelection, *, shared: bool) -> bool:
    """Save what is shown under that name. False: it took the place of one of theirs of the same name."""
    columns = [column.key for column in desk_of(user).columns_for(selection)]
    values = {"query": selection.view_query, "columns": columns, "shared": shared}
    _, is_new = SavedView.objects.update_or_create(owner=user, name=name, defaults=values)
    return is_new


def keep_columns(user: User, keys: Iterable[str], density: str) -> None:
    columns = [key for key in dict.fromkeys(keys) if key in COLUMNS]
    values = {"columns": columns, "density": density if density in Density.values else Density.DENSE}
    Preferences.objects.update_or_create(user=user, defaults=values)


def switch_star(user: User, campaign_id: str) -> bool:
    """Whether the campaign has the person's star now."""
    removed, _ = Star.objects.filter(user=user, campaign=campaign_id).delete()
    if removed:
        return False
    Star.objects.get_or_create(user=user, campaign_id=campaign_id)
    return True
