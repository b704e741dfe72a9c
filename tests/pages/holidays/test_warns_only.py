"""No page lets a reader believe that a holiday stops dialing: a calendar warns, and that is all."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern
from django.utils.html import strip_tags

from campaigns.models import Calendar
from campaigns.urls import urlpatterns
from tests.factories import make_calendar, make_campaign, make_holiday
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.django_db

NOTICE = re.compile(r"warns?; (it does|they do) not stop dialing\. Pause .* for the day\.")
POSTED = ("calendar_guard", "calendar_rule_delete", "holiday_delete", "holiday_upload")


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


@pytest.fixture
def calendar() -> Calendar:
    calendar = make_calendar(make_campaign("spring"), name="US", id=7)
    make_holiday(calendar, id=3)
    return calendar


def spoken(response: Any) -> str:
    return strip_tags(words_of(response))


def addresses() -> list[str]:
    """Of every page of holidays that there is."""
    routes = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]
    pages = [str(route.pattern) for route in routes if route.name not in POSTED]
    return [
        "/" + route.replace("<int:calendar_id>", "7").replace("<int:holiday_id>", "3")
        for route in pages
        if route.startswith("holidays/")
    ]


@pytest.mark.parametrize(
    "address", [*addresses(), "/holidays/7/?past=1", "/holidays/7/import/?country=US&years=2027&preview=1"]
)
def test_page_of_holidays_says_so(admin: Client, calendar: Calendar, address: str) -> None:
    response = admin.get(address)
    assert response.status_code == 200
    assert NOTICE.search(spoken(response))


@pytest.mark.parametrize("data", [b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", b"no calendar"])
def test_import_of_a_file_says_so(admin: Client, calendar: Calendar, data: bytes) -> None:
    response = admin.post("/holidays/7/import/file/", {"file": SimpleUploadedFile("days.ics", data)})
    assert NOTICE.search(spoken(response))


def test_campaign_with_a_calendar_says_so(calendar: Calendar) -> None:
    page = spoken(sign_in("supervisor", "sue").get("/campaigns/spring/"))
    assert "Its calendar warns; it does not stop dialing. Pause the campaign for the day." in page


def test_campaign_with_two_calendars_speaks_of_both(calendar: Calendar) -> None:
    make_calendar(name="Florida").campaigns.add("spring")  # type: ignore[arg-type]  # a campaign's id is text
    page = spoken(sign_in("supervisor", "sue").get("/campaigns/spring/"))
    assert "Its calendars warn; they do not stop dialing." in page


def test_campaign_without_a_calendar_has_no_notice() -> None:
    make_campaign("free")
    assert not NOTICE.search(spoken(sign_in("supervisor", "sue").get("/campaigns/free/")))


def test_new_calendar_of_a_campaign_is_news(calendar: Calendar) -> None:
    """The page that refreshes itself shows the notice, although no holiday of the next 60 days is new."""
    make_campaign("free")
    sue = sign_in("supervisor", "sue")
    (seen,) = re.findall(r'hx-get="(/campaigns/free/live/[^"]*)"', sue.get("/campaigns/free/").text)
    Calendar.objects.create(name="Empty").campaigns.add("free")  # type: ignore[arg-type]
    assert NOTICE.search(spoken(sue.get(seen, headers={"HX-Request": "true"})))


@pytest.mark.parametrize("address", addresses())
def test_nothing_says_that_a_calendar_stops_dialing(admin: Client, calendar: Calendar, address: str) -> None:
    assert not re.search(r"would dial|may then dial", admin.get(address).text, re.IGNORECASE)
