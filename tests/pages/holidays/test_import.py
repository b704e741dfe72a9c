"""Importing holidays: chosen by country or read from a file, looked over, taken over once."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from audit.models import Record
from campaigns.holidays import ical
from campaigns.models import Calendar, Holiday
from tests.factories import make_calendar, make_holiday, make_user
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
FILE = b"""BEGIN:VCALENDAR
BEGIN:VEVENT
UID:fair
SUMMARY:Fair <1>
DTSTART;VALUE=DATE:20261201
DTEND;VALUE=DATE:20261203
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


@pytest.fixture
def calendar() -> Calendar:
    return make_calendar(name="US", id=7)


def upload(admin: Client, data: bytes, name: str = "fair.ics") -> Any:
    return admin.post("/holidays/7/import/file/", {"file": SimpleUploadedFile(name, data)})


def look_up(admin: Client, **chosen: Any) -> Any:
    return admin.get("/holidays/7/import/", {"country": "US", "subdivision": "", "preview": "1", **chosen})


def take(admin: Client, preview: Any, *numbers: int) -> Any:
    return admin.post("/holidays/7/import/", {"preview": preview.context["packed"], "take": numbers})


# --- By country ---


def test_country_is_chosen_first(admin: Client, calendar: Calendar) -> None:
    page = admin.get("/holidays/7/import/").text
    assert '<option value="US">United States (US)</option>' in page
    assert "Florida" not in page


def test_its_states_and_years_come_next(admin: Client, calendar: Calendar) -> None:
    page = admin.get("/holidays/7/import/?country=US").text
    assert all(words in page for words in ("Florida (FL)", 'value="2026"', 'value="2030"'))


def test_preview_saves_nothing(admin: Client, calendar: Calendar) -> None:
    page = look_up(admin, years=["2027"], subdivision="FL")
    assert "Friday After Thanksgiving" in page.text
    assert (page.status_code, Holiday.objects.count(), Record.objects.filter(kind="holiday.changed").count()) == (
        200,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({}, "Choose at least one year"),
        ({"years": "1492"}, "Choose years from the list"),
        ({"years": "٢٠٢٧"}, "Choose years from the list"),
        ({"years": "2027", "subdivision": "ZZ"}, "This country has no such part"),
        ({"years": "2027", "country": "XX"}, "Choose a country from the list"),
        ({"years": "2027", "country": "HM"}, "No public holidays are known there"),
    ],
)
def test_choice_that_leads_nowhere_is_told(
    admin: Client, calendar: Calendar, chosen: dict[str, str], words: str
) -> None:
    response = look_up(admin, **chosen)
    assert response.status_code == 422
    assert words in response.text


# --- From a file ---


def test_file_is_shown_as_rows(admin: Client, calendar: Calendar) -> None:
    response = upload(admin, FILE)
    assert [str(row.entry.date) for row in response.context["rows"]] == ["2026-12-01", "2026-12-02"]
    assert escape("Fair <1>") in response.text


def test_broken_event_is_listed_by_line(admin: Client, calendar: Calendar) -> None:
    response = upload(admin, FILE.replace(b"20261203", b"tomorrow"), "fair <2>.ics")
    assert response.status_code == 200
    assert "Line 6:" in response.text
    assert "DTEND is “tomorrow”" in response.text
    assert escape("fair <2>.ics") in response.text


@pytest.mark.parametrize("data", [b"", b"\0" * 5000, b"<html>", "BEGIN:VCALENDAR\nSUMMARY:ä".encode("latin-1")])
def test_no_calendar_file_is_told(admin: Client, calendar: Calendar, data: bytes) -> None:
    response = upload(admin, data)
    assert response.status_code == 422
    assert "nothing was added" in response.text.lower()


def test_missing_file_is_told(admin: Client, calendar: Calendar) -> None:
    response = admin.post("/holidays/7/import/file/", {})
    assert response.status_code == 422
    assert "Choose a file first" in response.text


def test_file_just_too_large_is_told(admin: Client, calendar: Calendar) -> None:
    response = upload(admin, b"X" * (ical.MOST_BYTES + 1))
    assert response.status_code == 422
    assert "larger than 2 MB" in response.text


class Untouchable(BytesIO):
    """A body that must not be read."""

    def read(self, *_: int | None) -> bytes:
        raise AssertionError("the upload was read")

    readline = read


def test_more_than_two_megabytes_are_refused_unread(admin: Client, calendar: Calendar) -> None:
    response = admin.generic(
        "POST",
        "/holidays/7/import/file/",
        content_type="multipart/form-data; boundary=b",
        **{"CONTENT_LENGTH": str(5 * 1024 * 1024 // 2), "wsgi.input": Untouchable()},  # type: ignore[arg-type]
    )
    assert response.status_code == 413
    assert "larger than 2 MB, so it was not read" in response.text


def test_upload_needs_the_forms_token(calendar: Calendar) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("admin"))
    assert upload(client, FILE).status_code == 403


def test_empty_horizon_is_said(admin: Client, calendar: Calendar) -> None:
    assert "No holidays found" in upload(admin, FILE.replace(b"2026", b"1999")).text


def test_note_on_what_was_left_out(admin: Client, calendar: Calendar) -> None:
    cancelled = FILE.replace(b"UID:fair", b"STATUS:CANCELLED")
    assert f"<strong>{escape('Fair <1>')}</strong>. It was cancelled." in upload(admin, cancelled).text


# --- Taking over ---


def test_ticked_are_added(admin: Client, calendar: Calendar) -> None:
    response = take(admin, upload(admin, FILE), 1)
    assert (response.status_code, response["Location"]) == (303, "/holidays/7/")
    assert str(Holiday.objects.get().date) == "2026-12-02"
    assert Record.objects.get(kind="holiday.changed").details["source"] == "the file fair.ics"


def test_second_import_offers_nothing(admin: Client, calendar: Calendar) -> None:
    first = look_up(admin, years=["2027"])
    take(admin, first, *range(len(first.context["rows"])))
    again = look_up(admin, years=["2027"])
    assert not any(row.is_new for row in again.context["rows"])
    assert 'name="take"' not in again.text


def test_preview_sent_twice_doubles_nothing(admin: Client, calendar: Calendar) -> None:
    preview = upload(admin, FILE)
    take(admin, preview, 0, 1)
    take(admin, preview, 0, 1)
    assert Holiday.objects.count() == 2


def test_other_hours_in_the_calendar_are_told(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, "2026-12-01", name="Fair <1>", starts="09:00", ends="12:00")
    assert "there, restricted 09:00 to 12:00: it stays so" in words_of(upload(admin, FILE))


def test_none_ticked_is_told(admin: Client, calendar: Calendar) -> None:
    response = take(admin, upload(admin, FILE))
    assert response.status_code == 422
    assert "Tick at least one holiday" in response.text
    assert "2026-12-02" in response.text


@pytest.mark.parametrize("number", ["-1", "2", "x", chr(0x660)])
def test_row_that_is_not_there_is_told(admin: Client, calendar: Calendar, number: str) -> None:
    response = admin.post("/holidays/7/import/", {"preview": upload(admin, FILE).context["packed"], "take": number})
    assert response.status_code == 422
    assert not Holiday.objects.exists()


@pytest.mark.parametrize("preview", ["", "nonsense", "e30:1abcde:xyz"])
def test_preview_that_isn_t_ours_is_refused(admin: Client, calendar: Calendar, preview: str) -> None:
    response = admin.post("/holidays/7/import/", {"preview": preview, "take": "0"})
    assert response.status_code == 422
    assert "This isn’t a preview of an import into this calendar" in response.text


def test_preview_is_of_its_calendar_only(admin: Client, calendar: Calendar) -> None:
    other = make_calendar()
    packed = upload(admin, FILE).context["packed"]
    response = admin.post(f"/holidays/{other.pk}/import/", {"preview": packed, "take": "0"})
    assert (response.status_code, Holiday.objects.count()) == (422, 0)


def test_preview_lasts_a_day(admin: Client, calendar: Calendar, frozen: time_machine.Traveller) -> None:
    packed = upload(admin, FILE).context["packed"]
    frozen.shift(25 * 3600)
    late = sign_in("admin", "grace")
    assert "older than a day" in late.post("/holidays/7/import/", {"preview": packed, "take": "0"}).text


def test_largest_import_fits_one_form(admin: Client, calendar: Calendar) -> None:
    rule = b"DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;COUNT=900\n"
    data = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:" + b"x" * 300 + b"\n" + rule + b"END:VEVENT\nEND:VCALENDAR\n"
    assert take(admin, upload(admin, data), *range(900)).status_code == 303
    assert Holiday.objects.count() == 900


def countries_offered(client: Client, calendar: Calendar) -> list[str]:
    return re.findall(r'<option value="([A-Z]{2})"', client.get(f"/holidays/{calendar.pk}/import/").text)


def test_the_last_country_and_the_us_are_offered_first() -> None:
    admin, calendar = sign_in("admin", "iris"), make_calendar()
    assert countries_offered(admin, calendar)[0] == "US"
    admin.get(f"/holidays/{calendar.pk}/import/?country=CA&years=2027&preview=1")
    offered = countries_offered(admin, calendar)
    assert offered[:2] == ["CA", "US"]
    assert len(offered) == len(set(offered))


def test_last_country_outlives_the_session() -> None:
    """Holidays are imported once a year."""
    admin, calendar = sign_in("admin", "iris"), make_calendar()
    admin.get(f"/holidays/{calendar.pk}/import/?country=CA&years=2027&preview=1")
    admin.force_login(make_user("admin"))
    assert countries_offered(admin, calendar)[:2] == ["CA", "US"]


def test_unknown_country_in_the_cookie_is_ignored() -> None:
    admin, calendar = sign_in("admin", "iris"), make_calendar()
    admin.cookies["holiday_country"] = "<XX>"
    assert countries_offered(admin, calendar)[0] == "US"
