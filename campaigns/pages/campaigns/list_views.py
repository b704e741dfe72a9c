"""The list of campaigns, whole and as rows that refresh themselves."""

import secrets
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.pages.access import SEE_CAMPAIGNS, require
from campaigns.pages.actions import rights_of
from campaigns.pages.campaigns import campaign_list
from campaigns.pages.campaigns.desk import Desk, desk_of
from campaigns.pages.campaigns.drawn_rows import minute_of
from campaigns.pages.campaigns.toolbar import read_toolbar, shown_in_words
from campaigns.pages.freshness import Freshness, read_freshness
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.pages.parts import draw_part
from campaigns.selection import SORTS, CampaignSelection

# Stand in a kept frame for the rows, which are each reader's own, and for the version, which is often another one.
ROWS_HERE = mark_safe("<tr data-rows-here>")
VERSION_HERE = secrets.token_hex(16)


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_CAMPAIGNS)
    page = _read_page(request, CampaignSelection.read(request.GET), read_freshness())
    selection, desk = page.selection, page.desk
    toolbar = read_toolbar(selection, request.user, desk, page.fresh)
    shown = shown_in_words(selection, page.listing.page.paginator.count)
    parts = {
        **page.parts(oob=False),
        "filter_fields": draw_part(
            request,
            "campaigns/_filter_fields.html",
            (toolbar.choices, replace(selection, page=1)),
            {"selection": selection, "toolbar": toolbar, "sorts": SORTS.items()},
        ),
        "columns": draw_part(
            request,
            "campaigns/_columns.html",
            (tuple((column.key, is_shown) for column, is_shown in toolbar.columns), desk.density, selection.query),
            {"selection": selection, "toolbar": toolbar, "desk": desk},
        ),
    }
    context = {"toolbar": toolbar, "desk": desk, "shown": shown, "parts": parts}
    return render(request, "campaigns/list.html", {**page.context, **context, "frame": page.frame})


@require_safe
@never_cache
def show_rows(request: HtmxRequest) -> HttpResponse:
    require(request.user, SEE_CAMPAIGNS)
    selection, fresh = CampaignSelection.read(request.GET), read_freshness()
    if not request.htmx:
        return redirect(f"{reverse('campaigns:list')}?{selection.query}")

    def read() -> dict[str, Any]:
        # The page tells which rows it has; without, as before it has any, it gets all of them.
        known = request.headers.get("X-Rows", "").split(",")
        page = _read_page(request, selection, fresh, known)
        return {**page.context, "frame": page.frame, "parts": page.parts(oob=True)}

    version = campaign_list.listing_version(selection, rights_of(request.user), fresh)
    return aged_fragment(request, "campaigns/_live_list.html", version, fresh, read)


@dataclass(frozen=True, slots=True)
class _ListPage:
    """What a reader sees of the list."""

    request: HttpRequest
    selection: CampaignSelection
    desk: Desk
    fresh: Freshness
    listing: campaign_list.CampaignListing
    token: str

    @property
    def context(self) -> dict[str, Any]:
        return {
            "selection": self.selection,
            "freshness": self.fresh,
            "listing": self.listing,
            "token": self.token,
        }

    def parts(self, *, oob: bool) -> dict[str, SafeString]:
        """What a refresh renews besides the rows, the same for all who see the same."""
        # The token tells of the selection and the data. Counts change with the minute, or with somebody's stars.
        count = self.listing.page.paginator.count
        strip = self.token, minute_of(self.fresh), oob
        return {
            "strip": self._draw("campaigns/_strip.html", strip, oob=oob),
            "all_matching": self._draw("campaigns/_all_matching.html", (self.selection, count, oob), oob=oob),
        }

    @property
    def frame(self) -> tuple[SafeString, SafeString]:
        """What stands before the rows, and what after them."""
        page, columns = self.listing.page, tuple(column.key for column in self.listing.columns)
        key = self.selection, page.number, page.paginator.count, columns, self.fresh.is_known
        # Rows are drawn and kept one by one.
        listing = replace(self.listing, sent=[ROWS_HERE] if self.listing.sent else [])
        drawn = self._draw("campaigns/_list_frame.html", key, listing=listing, token=VERSION_HERE)
        before, _, after = drawn.replace(VERSION_HERE, self.token).partition(ROWS_HERE)
        return mark_safe(before), mark_safe(after)  # noqa: S308

    def _draw(self, template: str, key: Hashable, **context: object) -> SafeString:
        return draw_part(self.request, template, key, {**self.context, **context})


def _read_page(
    request: HttpRequest, selection: CampaignSelection, fresh: Freshness, known: Sequence[str] = ()
) -> _ListPage:
    rights, desk = rights_of(request.user), desk_of(request.user)
    return _ListPage(
        request=request,
        selection=selection,
        desk=desk,
        fresh=fresh,
        listing=campaign_list.read_listing(selection, rights, fresh, desk, known),
        token=campaign_list.listing_version(selection, rights, fresh),
    )
