"""The form that puts many campaigns on hold: those that were selected in the list."""

from collections.abc import Sequence
from functools import partial

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from campaigns.errors import OperationRefusal, Refusal
from campaigns.holidays.lookups import zone_from
from campaigns.models import Campaign, Hold, OperationKind
from campaigns.operations.bulk.requests import MOST_CAMPAIGNS, request_bulk
from campaigns.operations.holding import may_dial, pausing_reason, place_holds
from campaigns.pages.access import HOLD, require
from campaigns.pages.bulk.selection import BulkSelection, selection_in_words
from campaigns.pages.freshness import read_freshness
from campaigns.pages.holds.forms import HoldForm
from campaigns.pages.holds.words import what_was_sent
from campaigns.pages.responses import SeeOther, allow_get_or_post

# Listed by name; the rest is counted.
LISTED = 100
_TOO_MANY = (
    f"At most {MOST_CAMPAIGNS:,} campaigns can be put on hold at once. Nothing was changed: narrow the selection."
)


@allow_get_or_post
@never_cache
def place_many(request: HttpRequest) -> HttpResponse:
    require(request.user, HOLD)
    selection, fresh = BulkSelection.read(request.GET), read_freshness()
    campaigns = selection.find(fresh.now).defer("schedule").annotate(scheduled_zone=F("schedule__timezone"))
    found = list(campaigns[: MOST_CAMPAIGNS + 1])
    free = [campaign for campaign in found if campaign.hold_id is None]
    share_a_zone = len({zone_from(campaign.scheduled_zone, campaign.timezone) for campaign in free}) == 1
    form = HoldForm(request.POST if request.method == "POST" else None, free, share_a_zone=share_a_zone)
    refusal = None
    listed = selection.listed.query
    back = f"{reverse('campaigns:list')}?{listed}" if listed else reverse("campaigns:list")
    if free and len(found) <= MOST_CAMPAIGNS and form.is_valid():
        try:
            return _place(request, form, free, back)
        except Refusal as caught:
            refusal = caught
    context = {
        "form": form,
        "refusal": refusal,
        "free": free,
        "listed": free[:LISTED],
        "more": max(len(free) - LISTED, 0),
        "held": len(found) - len(free),
        "problem": _TOO_MANY if len(found) > MOST_CAMPAIGNS else "",
        "chosen": selection_in_words(selection.on_record),
        "address": f"{request.path}?{selection.query}",
        "back": back,
        "freshness": fresh,
    }
    return render(request, "holds/place_many.html", context, status=422 if form.is_bound else 200)


def _place(request: HttpRequest, form: HoldForm, campaigns: Sequence[Campaign], back: str) -> HttpResponse:
    by, reason = request.user.get_username(), form.cleaned_data["reason"]
    placed = place_holds(campaign_ids=[campaign.pk for campaign in campaigns], by=by, reason=reason, until=form.until)
    number = len(placed.holds)
    messages.success(request, f"{number:,} campaign{' is' if number == 1 else 's are'} on hold now.")
    if said := what_was_sent(placed):
        messages.warning(request, said)
    dialing = may_dial(placed.holds) if form.cleaned_data["pause"] else []
    return _pause(request, dialing, reason) if dialing else SeeOther(back)


def _pause(request: HttpRequest, holds: list[Hold], reason: str) -> HttpResponse:
    """The holds stand, whatever comes of this."""
    ask = partial(request_bulk, kind=OperationKind.PAUSE, by=request.user.get_username(), reason=pausing_reason())
    first = min(hold.pk for hold in holds)
    ids = [hold.campaign_id for hold in holds]
    try:
        bulk = ask(campaign_ids=ids, note=reason, selection={"holds": len(holds)}, key=f"holds-{first}")
    except OperationRefusal as refusal:
        messages.warning(request, f"They are on hold, but were not asked to pause. {refusal.sentence}")
        return SeeOther(reverse("campaigns:list"))
    return SeeOther(reverse("campaigns:bulk", args=[bulk.pk]))
