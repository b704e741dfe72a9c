"""What was sent to the WFM system or waits to be sent, and sending it again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.deliveries import outbox
from campaigns.pages.access import MANAGE_DELIVERIES, get_delivery_for, require
from campaigns.pages.deliveries import queries
from campaigns.pages.deliveries.forms import DeliveryFilter
from campaigns.pages.responses import SeeOther


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_DELIVERIES)
    form = DeliveryFilter(request.GET)
    form.is_valid()
    page = queries.read_deliveries(**form.cleaned_data, before=request.GET.get("before", ""))
    context = {
        "form": form,
        "page": page,
        "filtered": any(form.cleaned_data.values()),
        "most_at_once": outbox.MOST_AT_ONCE,
    }
    return render(request, "deliveries/list.html", context)


@require_safe
@never_cache
def show_delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    detail = queries.read_delivery_detail(get_delivery_for(request.user, delivery_id))
    return render(request, "deliveries/delivery.html", {"detail": detail})


@require_POST
def send_again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    delivery = get_delivery_for(request.user, delivery_id)
    try:
        outbox.resend(delivery=delivery, by=request.user.get_username())
        messages.success(request, "Being sent again, with retries for another day if needed.")
    except outbox.OnItsWay:
        messages.warning(request, "It is on its way already, so nothing was changed. The next attempt is shown below.")
    return SeeOther(reverse("campaigns:delivery", args=[delivery_id]))


@require_POST
def send_parked_again(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_DELIVERIES)
    sent = outbox.resend_parked(by=request.user.get_username())
    if sent:
        what = "1 notice is" if sent == 1 else f"{sent:,} notices are"
        messages.success(request, f"{what} sent again, the oldest of each campaign first.")
    else:
        messages.warning(request, "No notice has given up any more, so nothing was changed.")
    return SeeOther(reverse("campaigns:deliveries"))
