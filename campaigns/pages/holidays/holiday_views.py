"""One holiday of a calendar: adding, changing and deleting it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from campaigns.errors import Refusal
from campaigns.holidays import calendars
from campaigns.models import Calendar
from campaigns.pages.access import get_calendar_for, get_holiday_for
from campaigns.pages.holidays.forms import HolidayForm, carry_out, initial_of
from campaigns.pages.responses import SeeOther, allow_get_or_post


@allow_get_or_post
@never_cache
def new_holiday(request: HttpRequest, calendar_id: int) -> HttpResponse:
    calendar, by = get_calendar_for(request.user, calendar_id), request.user.get_username()
    form = HolidayForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        holiday = carry_out(form, calendars.add_holiday, calendar=calendar, by=by, **form.cleaned_data)
        if holiday:
            messages.success(request, f"{holiday.name} was added.")
            return _to(calendar)
    return render(request, "holidays/holiday.html", {"form": form, "calendar": calendar}, status=_status(form))


@allow_get_or_post
@never_cache
def edit_holiday(request: HttpRequest, calendar_id: int, holiday_id: int) -> HttpResponse:
    holiday, by = get_holiday_for(request.user, calendar_id, holiday_id), request.user.get_username()
    form = HolidayForm(request.POST if request.method == "POST" else None, initial=initial_of(holiday))
    if form.is_valid():
        carry_out(form, calendars.change_holiday, holiday=holiday, by=by, **form.cleaned_data)
        if form.is_valid():
            messages.success(request, f"{form.cleaned_data['name']} was changed.")
            return _to(holiday.calendar)
    context = {"form": form, "calendar": holiday.calendar, "holiday": holiday}
    return render(request, "holidays/holiday.html", context, status=_status(form))


@require_POST
def remove_holiday(request: HttpRequest, calendar_id: int, holiday_id: int) -> HttpResponse:
    holiday = get_holiday_for(request.user, calendar_id, holiday_id)
    try:
        calendars.delete_holiday(holiday=holiday, by=request.user.get_username())
        messages.success(request, f"{holiday.name} was deleted.")
    except Refusal as refused:
        messages.error(request, refused.sentence)
    return _to(holiday.calendar)


def _status(form: HolidayForm) -> int:
    return 422 if form.is_bound else 200


def _to(calendar: Calendar) -> HttpResponse:
    return SeeOther(reverse("campaigns:calendar", args=[calendar.pk]))
