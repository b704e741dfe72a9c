"""The list of campaigns, whole and as rows that refresh themselves."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.pages.access import SEE_CAMPAIGNS, require
from campaigns.pages.actions import Rights, rights_of
from campaigns.pages.campaigns import campaign_list
from campaigns.pages.freshness import Freshness, read_freshness
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.selection import SORTS, CampaignSelection


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_CAMPAIGNS)
    selection, rights, fresh = CampaignSelection.read(request.GET), rights_of(request.user), read_freshness()
    choices = campaign_list.read_filter_choices(selection)
    context = {**_rows_context(selection, rights, fresh), "choices": choices, "sorts": SORTS.items()}
    return render(request, "campaigns/list.html", context)


@require_safe
@never_cache
def show_rows(request: HtmxRequest) -> HttpResponse:
    require(request.user, SEE_CAMPAIGNS)
    selection, rights, fresh = CampaignSelection.read(request.GET), rights_of(request.user), read_freshness()
    if not request.htmx:
        return redirect(f"{reverse('campaigns:list')}?{selection.query}")
    version = campaign_list.listing_version(selection, rights, fresh)
    return aged_fragment(
        request, "campaigns/_live_list.html", version, fresh, lambda: _rows_context(selection, rights, fresh)
    )


def _rows_context(selection: CampaignSelection, rights: Rights, fresh: Freshness) -> dict[str, Any]:
    return {
        "selection": selection,
        "freshness": fresh,
        "listing": campaign_list.read_listing(selection, rights, fresh),
        "token": campaign_list.listing_version(selection, rights, fresh),
    }
