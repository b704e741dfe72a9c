"""The forms that put one campaign on hold, and lift that."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from campaigns.errors import OperationRefusal, Refusal
from campaigns.models import Campaign
from campaigns.operations.holding import Placed, lift_hold, pause_held, place_holds
from campaigns.pages.access import HOLD, get_campaign_for
from campaigns.pages.freshness import read_freshness
from campaigns.pages.holds.forms import HoldForm, LiftForm
from campaigns.pages.holds.words import what_was_sent
from campaigns.pages.responses import SeeOther, allow_get_or_post


@allow_get_or_post
@never_cache
def place(request: HttpRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id, HOLD)
    if campaign.hold is not None:
        messages.info(request, "The campaign is on hold already. Nothing was changed.")
        return _to_page(campaign)
    form, refusal = HoldForm(request.POST if request.method == "POST" else None, [campaign], share_a_zone=True), None
    if form.is_valid():
        try:
            return _place(request, campaign, form)
        except Refusal as caught:
            refusal = caught
    context = {"form": form, "refusal": refusal, "freshness": read_freshness(), "campaign": campaign}
    return render(request, "holds/place.html", context, status=422 if form.is_bound else 200)


def _place(request: HttpRequest, campaign: Campaign, form: HoldForm) -> HttpResponse:
    by = request.user.get_username()
    placed = place_holds(campaign_ids=[campaign.pk], by=by, reason=form.cleaned_data["reason"], until=form.until)
    if not placed.holds:
        messages.warning(request, "Somebody else has just put it on hold. Nothing was changed: look at that hold.")
        return _to_page(campaign)
    messages.success(request, f"{campaign} is on hold: nobody can resume it or change its schedule.")
    if said := what_was_sent(placed):
        messages.warning(request, said)
    if form.cleaned_data["pause"]:
        _pause(request, placed)
    return _to_page(campaign)


def _pause(request: HttpRequest, placed: Placed) -> None:
    """The hold stands, whatever comes of this."""
    try:
        pause_held(placed.holds[0])
    except OperationRefusal as refusal:
        messages.warning(request, f"It is on hold, but it was not asked to pause. {refusal.sentence}")


@allow_get_or_post
@never_cache
def lift(request: HttpRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id, HOLD)
    if campaign.hold is None:
        messages.info(request, "There is no hold on this campaign any more. Nothing was changed.")
        return _to_page(campaign)
    form, refusal = LiftForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        asked = form.cleaned_data
        try:
            lift_hold(campaign=campaign, by=request.user.get_username(), reason=asked["reason"], seen=asked["seen"])
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, "The hold is lifted. Nothing was resumed.")
            return _to_page(campaign)
    status = 200
    if form.is_bound:
        status = 409 if refusal else 422
    context = {"form": form, "refusal": refusal, "freshness": read_freshness(), "campaign": campaign}
    return render(request, "holds/lift.html", context, status=status)


def _to_page(campaign: Campaign) -> HttpResponse:
    return SeeOther(reverse("campaigns:detail", args=[campaign.pk]))
