"""What a later import finds out of date, and what nobody takes unasked: shown, chosen, carried out on one record."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import holidays as library
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape, strip_tags
from pytest_django import DjangoAssertNumQueries

from audit.models import Record
from campaigns.holidays import comparison, import_offers
from campaigns.holidays import public as public_holidays
from campaigns.holidays.dates import HolidayEntry
from campaigns.models import Calendar, Holiday
from tests.factories import make_calendar, make_holiday
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in
from tests.pages.costs import HEAD_OF_READERS

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
HOSTILE = '<script>alert("1")</script> & =1+1 ' + "x" * 120


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


@pytest.fixture
def calendar() -> Calendar:
    return make_calendar(name="US", id=7)


def event(day: str, *lines: str, uid: str = "feast", name: str = "Feast") -> str:
    return "\n".join(
        ("BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{name}", f"DTSTART;VALUE=DATE:{day}", *lines, "END:VEVENT")
    )


def file_of(*events: str, method: str = "") -> bytes:
    head = f"METHOD:{method}\n" if method else ""
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{chr(10).join(events)}\nEND:VCALENDAR\n".encode()


def upload(admin: Client, *events: str, method: str = "") -> Any:
    file = SimpleUploadedFile("feed.ics", file_of(*events, method=method))
    return admin.post("/holidays/7/import/file/", {"file": file})


def submit(admin: Client, preview: Any, **ticked: list[int]) -> Any:
    return admin.post("/holidays/7/import/", {"preview": preview.context["packed"], **ticked})


def words(response: Any) -> str:
    return " ".join(strip_tags(words_of(response)).split())


def take_all(admin: Client, preview: Any) -> None:
    submit(admin, preview, take=[row.number for row in preview.context["rows"]])


def days(calendar: Calendar) -> list[str]:
    return [str(holiday) for holiday in calendar.holidays.all()]


# --- Moved ---


@pytest.fixture
def moved(admin: Client, calendar: Calendar) -> Any:
    """The preview of a corrected feed: one day later, and certain."""
    take_all(admin, upload(admin, event("20270309", name="Feast (tentative)")))
    return upload(admin, event("20270310", "SEQUENCE:1"))


def test_event_on_another_day_has_moved(moved: Any) -> None:
    assert "moved: was Tue 9 Mar 2027, same event in the file" in words(moved)
    assert "moved to Wed 10 Mar 2027 (same event in the file)" in words(moved)


def test_old_day_stays_unless_a_person_says_so(admin: Client, calendar: Calendar, moved: Any) -> None:
    """A day too many costs less than one on which nobody may be called."""
    (row,) = moved.context["outdated"]
    assert not row.ticked
    submit(admin, moved, take=[0])
    assert days(calendar) == ["Feast (tentative) on 2027-03-09", "Feast on 2027-03-10"]


def test_old_day_is_taken_out_on_the_record_that_adds_the_new(admin: Client, calendar: Calendar, moved: Any) -> None:
    (row,) = moved.context["outdated"]
    response = submit(admin, moved, take=[0], take_out=[row.outdated.pk])
    assert response["Location"] == "/holidays/7/"
    assert days(calendar) == ["Feast on 2027-03-10"]
    details = Record.objects.order_by("-number")[0].details
    assert (details["added"], details["unchanged"], details["taken_out"]) == (1, 0, 1)
    assert details["before"] == ["2027-03-09 Feast (tentative)"]
    assert details["after"] == ["2027-03-10 Feast"]
    assert "1 added, 0 there already, 1 removed, from the file feed.ics." in admin.get("/holidays/7/").text


def test_only_the_old_day_can_be_taken_out(admin: Client, calendar: Calendar, moved: Any) -> None:
    (row,) = moved.context["outdated"]
    assert submit(admin, moved, take_out=[row.outdated.pk]).status_code == 303
    assert days(calendar) == []


def test_day_that_changed_meanwhile_stays(admin: Client, calendar: Calendar, moved: Any) -> None:
    (row,) = moved.context["outdated"]
    Holiday.objects.update(date=date(2027, 3, 10))
    response = submit(admin, moved, take=[0], take_out=[row.outdated.pk])
    assert response.status_code == 422
    assert "A day that was to be removed has changed meanwhile." in words(response)
    assert days(calendar) == ["Feast (tentative) on 2027-03-10"]


def test_nothing_else_of_the_calendar_can_be_taken_out(admin: Client, calendar: Calendar, moved: Any) -> None:
    other = make_holiday(calendar)
    elsewhere = make_holiday()
    for holiday in (other, elsewhere):
        assert submit(admin, moved, take_out=[holiday.pk]).status_code == 422
    assert Holiday.objects.count() == 3


def test_same_file_again_finds_nothing_outdated(admin: Client, calendar: Calendar) -> None:
    series = event("20260305", "RRULE:FREQ=YEARLY")
    take_all(admin, upload(admin, series))
    again = upload(admin, series)
    assert again.context["outdated"] == []
    assert not any(row.is_new for row in again.context["rows"])


def test_each_day_of_a_series_is_paired_with_the_nearest(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20260305", "RRULE:FREQ=YEARLY")))
    response = upload(admin, event("20260306", "RRULE:FREQ=YEARLY"))
    pairs = [(str(row.outdated.date), str(row.outdated.to)) for row in response.context["outdated"]]
    assert pairs == [(f"{year}-03-05", f"{year}-03-06") for year in (2026, 2027, 2028)]


def test_day_that_a_series_leaves_out_now_is_outdated(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20260305", "RRULE:FREQ=YEARLY")))
    response = upload(admin, event("20260305", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20270305"))
    (row,) = response.context["outdated"]
    assert (str(row.outdated.date), row.outdated.to) == ("2027-03-05", None)


def test_event_of_several_days_that_moves_by_one(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20270309", "DTEND;VALUE=DATE:20270311")))
    response = upload(admin, event("20270310", "DTEND;VALUE=DATE:20270312"))
    (row,) = response.context["outdated"]
    assert (str(row.outdated.date), str(row.outdated.to)) == ("2027-03-09", "2027-03-11")


def test_years_that_were_not_read_are_not_outdated(admin: Client, calendar: Calendar) -> None:
    for year in (2025, 2029):
        make_holiday(calendar, f"{year}-03-05", uid="feast", name="Feast")
    assert upload(admin, event("20260305", "RRULE:FREQ=YEARLY")).context["outdated"] == []


def test_event_that_the_file_does_not_mention_is_not_outdated(admin: Client, calendar: Calendar) -> None:
    """A feed may begin with the next holiday, and a calendar may be filled from several."""
    take_all(admin, upload(admin, event("20270309"), event("20270501", uid="other", name="Other")))
    assert upload(admin, event("20270309")).context["outdated"] == []


def test_day_that_another_event_has_now_is_not_outdated(admin: Client, calendar: Calendar) -> None:
    """It is "there already" for the other event: without it, that day would be missing."""
    take_all(admin, upload(admin, event("20270309")))
    preview = upload(admin, event("20270310"), event("20270309", uid="other"))
    assert not preview.context["outdated"]
    take_all(admin, preview)
    assert days(calendar) == ["Feast on 2027-03-09", "Feast on 2027-03-10"]


def test_yearly_holiday_that_covers_the_new_year_is_not_outdated(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20270309")))
    calendar.holidays.update(every_year=True)
    assert not upload(admin, event("20280309")).context["outdated"]


def test_event_that_cannot_be_read_in_part_is_not_outdated(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20260305", "RRULE:FREQ=YEARLY")))
    broken = event("tomorrow", "RECURRENCE-ID;VALUE=DATE:20270305")
    response = upload(admin, event("20260305", "RRULE:FREQ=YEARLY"), broken)
    assert response.context["offer"].left_out[0].uid == "feast"
    assert response.context["outdated"] == []


def test_renamed_in_the_file_is_there_under_its_old_name(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20270309", name="Feast (tentative)")))
    response = upload(admin, event("20270309"))
    assert "there as “Feast (tentative)”: it stays so" in words(response)
    assert 'name="take"' not in response.text


# --- Withdrawn ---


@pytest.mark.parametrize(
    ("status", "method"), [(("STATUS:CANCELLED", "SEQUENCE:2"), ""), (("SEQUENCE:2",), "CANCEL"), ((), "cancel")]
)
def test_withdrawn_event_is_offered_to_be_taken_out(
    admin: Client, calendar: Calendar, status: tuple[str, ...], method: str
) -> None:
    take_all(admin, upload(admin, event("20270309")))
    response = upload(admin, event("20270309", *status), method=method)
    (row,) = response.context["outdated"]
    assert "withdrawn by the file, line " in words(response)
    assert not row.ticked
    assert submit(admin, response, take_out=[row.outdated.pk]).status_code == 303
    assert days(calendar) == []


def test_one_recurrence_that_is_withdrawn(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20260305", "RRULE:FREQ=YEARLY")))
    response = upload(admin, event("20270305", "RECURRENCE-ID;VALUE=DATE:20270305"), method="CANCEL")
    assert [str(row.outdated.date) for row in response.context["outdated"]] == ["2027-03-05"]


def test_event_that_comes_back_later_in_the_file_is_not_withdrawn(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20270309")))
    cancelled, again = event("20270309", "STATUS:CANCELLED", "SEQUENCE:1"), event("20270309", "SEQUENCE:2")
    assert upload(admin, cancelled, again).context["outdated"] == []


def test_cancelled_event_that_the_calendar_never_had_is_left_out_only(admin: Client, calendar: Calendar) -> None:
    response = upload(admin, event("20270309", "STATUS:CANCELLED"))
    assert response.context["outdated"] == []
    assert "1 event left out It is not missing as a holiday." in words(response)
    assert "No holidays found" in words(response)


# --- Estimates ---


def estimates(monkeypatch: pytest.MonkeyPatch, *entries: HolidayEntry) -> None:
    monkeypatch.setattr(public_holidays, "find_holidays", lambda *_: entries)
    monkeypatch.setattr(public_holidays, "notes", lambda *_: ())


def look_up(admin: Client) -> Any:
    return admin.get("/holidays/7/import/", {"country": "AE", "years": "2027", "preview": "1"})


@pytest.mark.parametrize("name", ["Eid al-Fitr", "Eid al-Fitr (estimated)"])
def test_estimate_on_another_day_is_outdated(
    admin: Client, calendar: Calendar, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make_holiday(calendar, "2027-03-09", name="Eid al-Fitr (estimated)")
    estimates(
        monkeypatch, HolidayEntry(date(2027, 3, 10), name), HolidayEntry(date(2027, 5, 17), "Arafat Day (estimated)")
    )
    response = look_up(admin)
    (row,) = response.context["outdated"]
    assert (str(row.outdated.date), str(row.outdated.to), row.ticked) == ("2027-03-09", "2027-03-10", False)
    assert "moved: was Tue 9 Mar 2027, same name in that year, and only estimated" in words(response)


def test_estimate_that_came_true_is_there_already(
    admin: Client, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_holiday(calendar, "2027-03-10", name="Eid (observed, estimated)")
    estimates(monkeypatch, HolidayEntry(date(2027, 3, 10), "Eid (observed)"))
    response = look_up(admin)
    assert "there as “Eid (observed, estimated)”: it stays so" in words(response)
    assert response.context["outdated"] == []


@pytest.mark.parametrize("name", ["Eid", "Eid (observed, estimated)", "Feast (estimated)"])
def test_other_names_are_no_estimates_of_it(
    admin: Client, calendar: Calendar, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make_holiday(calendar, "2027-03-09", name=name)
    estimates(monkeypatch, HolidayEntry(date(2027, 3, 10), "Eid"))
    assert look_up(admin).context["outdated"] == []


def test_estimate_of_several_days_moves_by_the_days_that_differ(
    admin: Client, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (9, 10, 11):
        make_holiday(calendar, f"2027-03-{day:02}", name="Eid (estimated)")
    estimates(monkeypatch, *(HolidayEntry(date(2027, 3, day), "Eid") for day in (10, 11, 12)))
    pairs = [(str(row.outdated.date), str(row.outdated.to)) for row in look_up(admin).context["outdated"]]
    assert pairs == [("2027-03-09", "2027-03-12")]


def test_estimate_of_another_year_is_not_outdated(
    admin: Client, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_holiday(calendar, "2026-03-20", name="Eid (estimated)")
    estimates(monkeypatch, HolidayEntry(date(2027, 3, 10), "Eid (estimated)"))
    assert look_up(admin).context["outdated"] == []


def test_library_marks_estimates_in_english_everywhere() -> None:
    """What an estimate is known by: another mark in a later version would be passed over in silence."""
    labels = set()
    for place in public_holidays.countries():
        found = library.country_holidays(place.code, language=public_holidays._language(place.code))
        given = (getattr(found, name, "") for name in ("estimated_label", "observed_estimated_label"))
        labels |= {str(found.tr(label)) for label in given if label}
    assert "%s (estimated)" in labels
    assert [label for label in labels if not comparison._ESTIMATED.search(label)] == []


# --- What the file says of each ---


def test_nature_is_shown_and_no_observance_is_ticked(admin: Client, calendar: Calendar) -> None:
    observance = event("20270509", "DESCRIPTION:Observance", uid="o", name="Flower Day")
    public = event("20270531", "DESCRIPTION:Public holiday", uid="p", name="Memorial Day")
    response = upload(admin, observance, public)
    ticked = {row.entry.name: row.ticked for row in response.context["rows"]}
    assert ticked == {"Flower Day": False, "Memorial Day": True}
    assert "The file calls it: Observance" in words(response)
    assert "The file calls it: Public holiday" in words(response)


# --- All of it survives a failed submit ---


def test_nothing_ticked_keeps_all_that_was_shown(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20270309", name=HOSTILE)))
    first = upload(
        admin,
        event("20270310", name=HOSTILE),
        event("20270401", "DESCRIPTION:Observance", uid="o", name="Flower Day"),
        event("nonsense", uid="b", name=HOSTILE),
        "BEGIN:VTODO\nSUMMARY:Task\nEND:VTODO",
    )
    again = submit(admin, first)
    assert again.status_code == 422
    assert "Tick at least one holiday" in words(again)
    for shown in ("left out", "task (VTODO)", "The file calls it: Observance", "moved: was Tue 9 Mar 2027"):
        assert shown in words(first)
        assert shown in words(again)
    assert not any(row.ticked for row in again.context["rows"])
    third = submit(admin, again, take=[0, 99])
    assert [row.ticked for row in third.context["rows"]] == [True, False]


def test_ticks_of_old_days_survive(admin: Client, calendar: Calendar, moved: Any) -> None:
    (row,) = moved.context["outdated"]
    again = submit(admin, moved, take=[99], take_out=[row.outdated.pk])
    assert [row.ticked for row in again.context["outdated"]] == [True]


def test_names_are_text_wherever_they_stand(admin: Client, calendar: Calendar) -> None:
    take_all(admin, upload(admin, event("20270309", name=HOSTILE)))
    response = upload(admin, event("20270310", name=HOSTILE), event("x", uid="b", name=HOSTILE))
    assert "<script>alert" not in response.text
    assert response.text.count(escape('<script>alert("1")</script> & =1+1')) >= 4


def test_left_out_events_that_matter_come_first(admin: Client, calendar: Calendar) -> None:
    response = upload(
        admin,
        event("20140101", "RRULE:FREQ=NONSENSE;UNTIL=20150101", uid="old", name="Old"),
        event("20270230", uid="new", name="New"),
        event("20270309"),
    )
    left = [(one.name, one.matters) for one in response.context["offer"].left_out]
    assert left == [("New", True), ("Old", False)]
    assert "1 of them may be missing as a holiday." in words(response)


def test_single_event_left_out_that_matters(admin: Client, calendar: Calendar) -> None:
    response = upload(admin, event("20270230"))
    assert "1 event left out It may be missing as a holiday. Correct the line" in words(response)


def test_very_many_left_out_are_counted(admin: Client, calendar: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_offers, "MOST_LISTED", 3)
    response = upload(admin, *(event("20270230", uid=f"u{number}") for number in range(5)))
    assert (len(response.context["offer"].left_out), response.context["offer"].unlisted) == (3, 2)
    assert "5 events left out" in words(response)
    assert "and 2 more" in words(response)


def mixed(number: int) -> str:
    return "".join(chr(0x4E00 + (number * 7919 + place * 104729) % 20000) for place in range(180))


def test_largest_preview_fits_through_its_form(admin: Client, calendar: Calendar) -> None:
    """900 holidays and 1,100 events that can't be read, each with a long name that no compression shortens."""
    names = [mixed(number) for number in range(2000)]
    start = date(2026, 1, 1).toordinal()
    good = [
        event(f"{date.fromordinal(start + number):%Y%m%d}", uid=f"u{number}", name=names[number])
        for number in range(900)
    ]
    bad = [event("20270230", uid=f"b{number}", name=names[900 + number]) for number in range(1100)]
    preview = upload(admin, *good, *bad)
    assert submit(admin, preview, take=list(range(900))).status_code == 303
    assert calendar.holidays.count() == 900


@pytest.mark.parametrize("number", [3, 60])
def test_preview_costs_so_many_queries(
    admin: Client, calendar: Calendar, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = [event(f"2027{1 + n // 28:02}{1 + n % 28:02}", uid=f"u{n}", name=f"N{n}") for n in range(number)]
    take_all(admin, upload(admin, *first))
    moved = [event(f"2028{1 + n // 28:02}{1 + n % 28:02}", uid=f"u{n}", name=f"N{n}") for n in range(number)]
    upload(admin, *moved)
    with django_assert_num_queries(HEAD_OF_READERS + 3):
        assert len(upload(admin, *moved).context["outdated"]) == number
