"""Holiday calendars: the list, one calendar with its settings and campaigns, and the preview of whom it affects."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from functools import wraps

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import Refusal
from campaigns.guard.outlook import outlook_of_calendar
from campaigns.holidays import calendars
from campaigns.holidays.lookups import SOON_DAYS, today_of
from campaigns.models import Calendar, Campaign
from campaigns.pages.access import MANAGE_HOLIDAYS, get_calendar_for, require
from campaigns.pages.campaigns.picker import Search, pick_campaigns
from campaigns.pages.holidays import queries
from campaigns.pages.holidays.forms import CalendarForm, carry_out
from campaigns.pages.holidays.hits import read_hits
from campaigns.pages.holidays.year import year_in
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.queueing.rows import database_now
from campaigns.schedule import DAY_NAMES
from campaigns.schedule.zones import known_zones

# The preview offers this year and the two after it, as many as are read from a calendar file.
PREVIEW_YEARS = 3
_View = Callable[[HttpRequest, int], HttpResponse]


def show_refusals(view: _View) -> _View:
    """Show a Refusal of the view on the list of calendars, for views without a form to show it on."""

    @wraps(view)
    def guarded(request: HttpRequest, calendar_id: int) -> HttpResponse:
        try:
            return view(request, calendar_id)
        except Refusal as refused:
            messages.error(request, refused.sentence)
            return SeeOther(reverse("campaigns:calendars"))

    return guarded


@require_safe
@never_cache
def show_calendars(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_HOLIDAYS)
    rows = queries.read_calendars()
    any_guarded = any(row.calendar.guarded for row in rows)
    context = {"rows": rows, "coverage": queries.read_coverage(), "any_guarded": any_guarded}
    return render(request, "holidays/list.html", context)


@allow_get_or_post
@never_cache
def new_calendar(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_HOLIDAYS)
    form = CalendarForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (made := carry_out(form, calendars.make_calendar, by=_name(request), **form.cleaned_data)):
        messages.success(request, f"{made} was created. Import its holidays next, then choose its campaigns.")
        return _to(made)
    context = {"form": form, "zones": sorted(known_zones())}
    return render(request, "holidays/new.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def show_calendar(request: HttpRequest, calendar_id: int) -> HttpResponse:
    calendar = get_calendar_for(request.user, calendar_id)
    given = request.GET
    shown = queries.read_calendar(
        calendar, past=given.get("past") == "1", number=given.get("page", ""), year=given.get("year", "")
    )
    context = {"shown": shown, "calendar": calendar, "weekdays": DAY_NAMES.values()}
    return render(request, "holidays/calendar.html", context)


@allow_get_or_post
@never_cache
def edit_calendar(request: HttpRequest, calendar_id: int) -> HttpResponse:
    calendar = get_calendar_for(request.user, calendar_id)
    now = {"name": calendar.name, "zone": calendar.zone}
    form = CalendarForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        carry_out(form, calendars.change_calendar, calendar=calendar, by=_name(request), **form.cleaned_data)
        if form.is_valid():
            return _to(calendar)
    context = {
        "form": form,
        "calendar": calendar,
        "zones": sorted(known_zones()),
        "outlook": outlook_of_calendar(calendar, database_now()),
    }
    return render(request, "holidays/settings.html", context, status=422 if form.is_bound else 200)


@require_POST
def change_guard(request: HttpRequest, calendar_id: int) -> HttpResponse:
    calendar, choice = get_calendar_for(request.user, calendar_id), request.POST.get("guard")
    settings = SeeOther(reverse("campaigns:calendar_settings", args=[calendar.pk]))
    if choice not in {"on", "off"}:
        return settings
    try:
        calendars.switch_guard(calendar=calendar, guarded=choice == "on", by=_name(request))
    except Refusal as refused:
        messages.error(request, refused.sentence)
        return settings
    messages.success(request, f"The holiday guard of {calendar} is {choice}.")
    return _to(calendar)


@allow_get_or_post
@never_cache
@show_refusals
def remove_calendar(request: HttpRequest, calendar_id: int) -> HttpResponse:
    calendar = get_calendar_for(request.user, calendar_id)
    if request.method != "POST":
        shown = queries.read_calendar(calendar)
        return render(request, "holidays/delete.html", {"shown": shown, "calendar": calendar})
    calendars.delete_calendar(calendar=calendar, by=_name(request))
    messages.success(request, f"The calendar {calendar.name} was deleted.")
    return SeeOther(reverse("campaigns:calendars"))


@allow_get_or_post
@never_cache
@show_refusals
def choose_calendar_campaigns(request: HttpRequest, calendar_id: int) -> HttpResponse:
    calendar = get_calendar_for(request.user, calendar_id)

    def find(search: Search) -> QuerySet[Campaign]:
        return queries.campaigns_for_calendar(calendar, search)

    def assign(asked: Mapping[str, Collection[str]]) -> str:
        added, removed = calendars.assign_calendar(calendar=calendar, by=_name(request), **asked)
        return _describe_assigned(calendar, list(asked), added, removed)

    return pick_campaigns(request, find, assign, "holidays/campaigns.html", {"calendar": calendar})


def _describe_assigned(calendar: Calendar, asked: list[str], added: int, removed: int) -> str:
    if not added and not removed and asked == ["remove"]:
        return "Nothing was changed: none of these campaigns has the calendar."
    if not added and not removed:
        return "Nothing was changed: the calendar has these campaigns already."
    said = (f"{number:,} {did}" for number, did in ((added, "added"), (removed, "removed")) if number)
    return f"Campaigns of {calendar.name}: {', '.join(said)}."


@require_safe
@never_cache
def show_hits(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """The campaigns that dial on restricted days: in the next 60 days, or in a whole year."""
    calendar = get_calendar_for(request.user, calendar_id)
    today = today_of([calendar])[calendar.pk]
    year = year_in(request.GET.get("span", ""), 0)
    years = sorted({*range(today.year, today.year + PREVIEW_YEARS), *([year] if year else [])})
    first, last = today, today + timedelta(days=SOON_DAYS - 1)
    if year:
        first, last = date(year, 1, 1), date(year, 12, 31)
    hits = read_hits(calendar, first, last, request.GET.get("page", ""))
    context = {"calendar": calendar, "year": year, "years": years, "soon": SOON_DAYS, **hits._asdict()}
    return render(request, "holidays/preview.html", context)


def _to(calendar: Calendar) -> HttpResponse:
    return SeeOther(reverse("campaigns:calendar", args=[calendar.pk]))


def _name(request: HttpRequest) -> str:
    return request.user.get_username()
