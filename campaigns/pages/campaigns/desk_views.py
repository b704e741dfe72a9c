"""Buttons of the list that arrange it for a person: stars, views, columns; and what it shows as a file."""

import re

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from campaigns.models import SavedView
from campaigns.pages.access import SEE_CAMPAIGNS, get_campaign_for, require
from campaigns.pages.campaigns import desk
from campaigns.pages.campaigns.list_export import export_list
from campaigns.pages.freshness import read_freshness
from campaigns.pages.responses import SeeOther
from campaigns.selection import CampaignSelection

LONGEST_NAME = 60
MOST_VIEWS = 50


@require_POST
def star(request: HttpRequest) -> HttpResponse:
    """Gives the campaign the person's star, or takes it away. To a script, an empty answer says that it is done."""
    campaign = get_campaign_for(request.user, request.POST.get("star", ""))
    desk.switch_star(_person(request), campaign.pk)
    if request.headers.get("X-Requested-With") == "script":
        return HttpResponse(status=204)
    return _back(request)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_CAMPAIGNS)
    person, name, shared = _person(request), _name_in(request), request.POST.get("shared") == "1"
    if not name:
        messages.error(request, "The view was not saved. Give it a name.")
    elif SavedView.objects.filter(owner=person).exclude(name=name).count() >= MOST_VIEWS:
        messages.error(request, f"The view was not saved. You have {MOST_VIEWS} views; delete one first.")
    else:
        is_new = desk.keep_view(person, name, _listed(request), shared=shared)
        messages.success(request, f"Saved the view {name}." if is_new else f"Updated the view {name}.")
    return _back(request)


@require_POST
def change_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename it, share it or stop sharing it, or delete it. Only their own."""
    require(request.user, SEE_CAMPAIGNS)
    view, name = get_object_or_404(SavedView, pk=view_id, owner=request.user.pk), _name_in(request)
    if request.POST.get("do") == "delete":
        view.delete()
        messages.success(request, f"Deleted the view {view.name}.")
    elif not name:
        messages.error(request, f"The view {view.name} was not changed. Give it a name.")
    elif SavedView.objects.filter(owner=request.user.pk, name=name).exclude(pk=view.pk).exists():
        messages.error(request, f"The view {view.name} was not changed. Another one of yours is called {name}.")
    else:
        view.name, view.shared = name, request.POST.get("shared") == "1"
        view.save(update_fields=["name", "shared"])
        messages.success(request, f"Saved the view {name}.")
    return _back(request)


@require_POST
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Which columns the list has, in which order, and how high its rows are."""
    require(request.user, SEE_CAMPAIGNS)
    shown = request.POST.getlist("column")
    order = [key for key in request.POST.getlist("order") if key in shown]
    moved = request.POST.get("earlier")
    if moved in order[1:]:
        place = order.index(moved)
        order[place - 1 : place + 1] = reversed(order[place - 1 : place + 1])
    keys = [] if request.POST.get("do") == "reset" else order
    desk.keep_columns(_person(request), keys, request.POST.get("density", ""))
    return _back(request, without_columns=True)


@require_POST
@never_cache
def download_list(request: HttpRequest) -> HttpResponseBase:
    """All that match, with the columns that are shown."""
    require(request.user, SEE_CAMPAIGNS)
    person, selection, fresh = _person(request), _listed(request), read_freshness()
    export = export_list(selection, fresh, desk.desk_of(person), by=person.get_username())
    name = f"campaigns-{timezone.localtime(fresh.now):%Y-%m-%d}-{export.campaigns}.csv"
    return StreamingHttpResponse(
        export.blocks,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _listed(request: HttpRequest) -> CampaignSelection:
    """What the list's address said when the button was pressed."""
    return CampaignSelection.read(QueryDict(request.POST.get("listed", "")))


def _name_in(request: HttpRequest) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", request.POST.get("name", "")).strip()[:LONGEST_NAME]


def _back(request: HttpRequest, *, without_columns: bool = False) -> SeeOther:
    selection = _listed(request)
    if without_columns:
        selection = selection.without("columns")
    return SeeOther("?".join(filter(None, (reverse("campaigns:list"), selection.query))))
