"""Imports of holidays by country or from a file: choosing the source, the preview, and adding what is selected."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from campaigns.errors import Refusal
from campaigns.holidays import calendars, ical
from campaigns.holidays.comparison import compare_import
from campaigns.holidays.dates import horizon
from campaigns.holidays.import_offers import Offer, offer_of_file
from campaigns.holidays.lookups import today_of
from campaigns.models import Calendar
from campaigns.pages.access import get_calendar_for
from campaigns.pages.holidays.forms import CountryForm, TakeForm, carry_out, pack_preview
from campaigns.pages.holidays.queries import outdated_of, preview_of
from campaigns.pages.responses import SeeOther, allow_get_or_post

# What a request may have besides its file: boundaries, headers and the CSRF token, generously.
FORM_BYTES = 64 * 1024
# A cookie: the country of the last preview. Holidays are imported once a year, and no session lasts that long.
_RECENT = "holiday_country"
_RECENT_SECONDS = 400 * 24 * 3600


@allow_get_or_post
@never_cache
def show_import(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """The choice of a source, and the preview of an import by country."""
    # That preview is a GET with the choice in its address: it changes nothing, and can be reloaded or bookmarked.
    calendar = get_calendar_for(request.user, calendar_id)
    if request.method == "POST":
        return _take(request, calendar)
    form = CountryForm(request.GET if request.GET.get("country") else None, _today(calendar), _recent(request))
    if not form.chosen or not request.GET.get("preview"):
        unknown = form.is_bound and not form.chosen
        return _ways(request, calendar, form=form, asked=unknown, status=422 if unknown else 200)
    found = carry_out(form, form.find) if form.is_valid() else None
    if found is None:
        return _ways(request, calendar, form=form, asked=True, status=422)
    response = _preview(request, calendar, found)
    response.set_cookie(
        settings.COOKIE_PREFIX + _RECENT,
        form.chosen,
        max_age=_RECENT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@csrf_exempt
@require_POST
def upload_file(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """The preview of a calendar file."""
    calendar = get_calendar_for(request.user, calendar_id)
    # A file that is too large is refused by its Content-Length, before any of it is read. Checking the CSRF token
    # reads the whole body, so this view is exempt, and `_read` checks it.
    length = str(request.META.get("CONTENT_LENGTH", ""))
    if length.isdecimal() and int(length) > ical.MOST_BYTES + FORM_BYTES:
        return _ways(request, calendar, problems=[ical.TOO_LARGE], status=413)
    return _read(request, calendar)


@csrf_protect
def _read(request: HttpRequest, calendar: Calendar) -> HttpResponse:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return _ways(request, calendar, problems=["Choose a file first."], status=422)
    # One byte more than allowed shows that the file is too large.
    try:
        offer = offer_of_file(file.read(ical.MOST_BYTES + 1), str(file.name), calendar)
    except ical.Unreadable as unreadable:
        return _ways(request, calendar, problems=unreadable.problems, file_name=file.name, status=422)
    return _preview(request, calendar, offer)


def _take(request: HttpRequest, calendar: Calendar) -> HttpResponse:
    try:
        form = TakeForm(request.POST, calendar)
        if not form.is_valid():
            return _preview(request, calendar, form.offer, form)
        done = calendars.import_holidays(
            calendar=calendar,
            entries=form.taken,
            source=form.offer.source,
            by=request.user.get_username(),
            take_out=form.taken_out,
        )
    except Refusal as refused:
        return _ways(request, calendar, problems=[refused.sentence], status=422)
    out = f", {done.taken_out:,} removed" if done.taken_out else ""
    outcome = f"{done.added:,} added, {done.unchanged:,} there already{out}, from {form.offer.source}."
    messages.success(request, outcome)
    return SeeOther(reverse("campaigns:calendar", args=[calendar.pk]))


def _preview(request: HttpRequest, calendar: Calendar, offer: Offer, form: TakeForm | None = None) -> HttpResponse:
    """`form`: a submitted one with errors, whose ticks are kept."""
    comparison = form.comparison if form else compare_import(calendar, offer)
    ticked = form.ticked if form else None
    context = {
        "calendar": calendar,
        "offer": offer,
        "rows": preview_of(offer, comparison, ticked),
        "outdated": outdated_of(comparison, ticked),
        "packed": pack_preview(calendar, offer),
        "problem": form.problem if form else "",
    }
    return render(request, "holidays/import_preview.html", context, status=422 if form else 200)


def _ways(request: HttpRequest, calendar: Calendar, *, status: int = 200, **context: Any) -> HttpResponse:
    today = _today(calendar)
    first, last = horizon(today)
    context = {
        "form": CountryForm(None, today, _recent(request)),
        "calendar": calendar,
        "first": first,
        "last": last,
    } | context
    return render(request, "holidays/import.html", context, status=status)


def _today(calendar: Calendar) -> date:
    return today_of([calendar])[calendar.pk]


def _recent(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.COOKIE_PREFIX + _RECENT, "")
