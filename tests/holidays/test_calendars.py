"""What an admin does with holiday calendars: rows and record together, or neither."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest

from audit import ledger
from audit.models import Record
from campaigns.errors import Refusal
from campaigns.holidays import calendars
from campaigns.holidays.dates import HolidayEntry
from campaigns.models import Calendar, Holiday, SyncState
from tests.factories import make_calendar, make_campaign, make_holiday

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

CHRISTMAS = HolidayEntry(date(2026, 12, 25), "Christmas Day")
EVE = HolidayEntry(date(2026, 12, 24), "Christmas Eve", time(12), time(18), uid="eve@example.org")
VALUES: dict[str, Any] = {
    "name": "Day",
    "date": date(2026, 7, 3),
    "starts": None,
    "ends": None,
    "every_year": False,
    "observed": False,
}


def newest() -> Record:
    return Record.objects.order_by("-number")[0]


def details() -> dict[str, Any]:
    found: dict[str, Any] = newest().details
    return found


def take(calendar: Calendar, *entries: HolidayEntry) -> tuple[int, int]:
    done = calendars.import_holidays(calendar=calendar, entries=entries, source="a file", by="ada")
    return done.added, done.unchanged


# --- Calendars ---


def test_making_one_is_on_record() -> None:
    calendars.make_calendar(name="US", zone="America/New_York", by="ada")
    assert newest().sentence == "ada created the holiday calendar US."
    assert details()["after"] == {"name": "US", "zone": "America/New_York"}


def test_taken_name_is_refused() -> None:
    make_calendar(name="US")
    with pytest.raises(Refusal, match="There is a calendar called US already"):
        calendars.make_calendar(name="US", by="ada")
    assert not Record.objects.exists()


def test_rename_tells_before_and_after() -> None:
    calendars.change_calendar(calendar=make_calendar(name="US"), name="USA", zone="", by="ada")
    assert newest().sentence == "ada changed the holiday calendar USA: name from US to USA."


def test_no_change_leaves_no_record() -> None:
    calendars.change_calendar(calendar=make_calendar(name="US"), name="US", zone="", by="ada")
    assert not Record.objects.exists()


def test_rename_to_a_taken_name_is_refused() -> None:
    make_calendar(name="US")
    other = make_calendar(name="GB")
    with pytest.raises(Refusal):
        calendars.change_calendar(calendar=other, name="US", zone="", by="ada")
    assert Calendar.objects.get(pk=other.pk).name == "GB"


def test_deleted_calendar_stays_on_record() -> None:
    calendar = make_calendar(make_campaign("c-1"), name="US")
    make_holiday(calendar)
    calendars.delete_calendar(calendar=calendar, by="ada")
    assert details()["before"] == {
        **{"name": "US", "zone": None, "guarded": False},
        **{"holidays": ["2026-12-25 Christmas Day"], "campaigns": ["c-1"]},
    }
    assert not Holiday.objects.exists()


@pytest.mark.parametrize(
    "verb",
    [
        lambda calendar: calendars.delete_calendar(calendar=calendar, by="ada"),
        lambda calendar: calendars.change_calendar(calendar=calendar, name="X", zone="", by="ada"),
        lambda calendar: calendars.assign_calendar(calendar=calendar, add=["c"], by="ada"),
        lambda calendar: calendars.add_holiday(calendar=calendar, by="ada", **VALUES),
        lambda calendar: take(calendar, CHRISTMAS),
    ],
)
def test_calendar_that_is_gone_is_told(verb: Callable[[Calendar], object]) -> None:
    calendar = make_calendar()
    Calendar.objects.all().delete()
    with pytest.raises(Refusal, match="deleted meanwhile"):
        verb(calendar)


# --- Campaigns ---


def test_assignment_names_what_changed() -> None:
    calendar = make_calendar(make_campaign("a"), make_campaign("b"))
    make_campaign("c")
    done = calendars.assign_calendar(calendar=calendar, add=["b", "c", "unknown"], remove=["a"], by="ada")
    assert done == (1, 1)
    assert (details()["added"], details()["removed"]) == (["c"], ["a"])
    assert set(calendar.campaigns.values_list("pk", flat=True)) == {"b", "c"}


def test_assignment_that_is_so_leaves_no_record() -> None:
    calendar = make_calendar(make_campaign("a"))
    assert calendars.assign_calendar(calendar=calendar, add=["a"], remove=["b"], by="ada") == (0, 0)
    assert not Record.objects.exists()


def test_thousands_are_assigned_at_once() -> None:
    names = [make_campaign().pk for _ in range(1200)]
    calendar = make_calendar()
    assert calendars.assign_calendar(calendar=calendar, add=names, by="ada") == (1200, 0)
    assert calendars.assign_calendar(calendar=calendar, remove=names, by="ada") == (0, 1200)


# --- Holidays ---


def test_added_holiday_is_on_record() -> None:
    calendars.add_holiday(calendar=make_calendar(name="US"), by="ada", **VALUES)
    assert newest().sentence == "ada added Day to the holiday calendar US."
    assert details()["after"]["date"] == "2026-07-03"


def test_same_name_on_the_day_is_refused() -> None:
    calendar = make_calendar()
    make_holiday(calendar, "2026-07-03", name="Day")
    with pytest.raises(Refusal, match="has Day on Fri 3 Jul 2026 already"):
        calendars.add_holiday(calendar=calendar, by="ada", **VALUES)


def test_changed_holiday_tells_what() -> None:
    holiday = make_holiday(make_calendar(name="US"), "2026-07-03", name="Day")
    calendars.change_holiday(holiday=holiday, by="ada", **VALUES | {"starts": time(9), "ends": time(12)})
    assert "ada changed Day in the holiday calendar US:" in newest().sentence
    assert (details()["before"]["starts"], details()["after"]["starts"]) == (None, "09:00:00")


def test_deleted_holiday_is_on_record() -> None:
    holiday = make_holiday()
    calendars.delete_holiday(holiday=holiday, by="ada")
    assert (details()["did"], details()["before"]["name"]) == ("deleted", "Christmas Day")
    with pytest.raises(Refusal, match="deleted meanwhile"):
        calendars.delete_holiday(holiday=holiday, by="ada")


@pytest.mark.parametrize("zone", ["", "America/New_York"])
def test_pages_learn_of_a_change(zone: str) -> None:
    version = SyncState.current().version
    calendars.add_holiday(calendar=make_calendar(zone=zone), by="ada", **VALUES)
    assert SyncState.current().version == version + 1


def test_nothing_is_saved_without_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    calendar = make_calendar()
    monkeypatch.setattr(ledger, "append", fail)
    with pytest.raises(RuntimeError):
        calendars.add_holiday(calendar=calendar, by="ada", **VALUES)
    assert not Holiday.objects.exists()


# --- Imports ---


def test_import_is_one_record() -> None:
    assert take(make_calendar(name="US"), CHRISTMAS, EVE) == (2, 0)
    assert newest().sentence == "ada imported 2 holidays into the holiday calendar US."
    assert details()["after"] == ["2026-12-25 Christmas Day", "2026-12-24 12:00-18:00 Christmas Eve"]
    assert Record.objects.count() == 1


def test_second_import_doubles_nothing() -> None:
    calendar = make_calendar()
    take(calendar, CHRISTMAS)
    assert take(calendar, CHRISTMAS, EVE) == (1, 1)
    assert take(calendar, CHRISTMAS, EVE) == (0, 2)


def test_same_entry_twice_is_one() -> None:
    assert take(make_calendar(), CHRISTMAS, CHRISTMAS) == (1, 0)


def test_what_is_there_keeps_its_hours() -> None:
    calendar = make_calendar()
    make_holiday(calendar, "2026-12-24", name="Christmas Eve")
    assert take(calendar, EVE) == (0, 1)
    assert Holiday.objects.get().starts is None


def test_renamed_here_is_known_by_its_id() -> None:
    calendar = make_calendar()
    take(calendar, EVE)
    Holiday.objects.update(name="Early closing")
    assert take(calendar, EVE) == (0, 1)


def test_one_id_for_all_hides_nothing() -> None:
    calendar, other = make_calendar(), HolidayEntry(EVE.date, "Office party", uid=EVE.uid)
    take(calendar, EVE)
    assert take(calendar, EVE, other) == (1, 1)


def test_every_year_is_there_already() -> None:
    calendar = make_calendar()
    make_holiday(calendar, "2020-12-25", every_year=True)
    assert take(calendar, CHRISTMAS) == (0, 1)


def test_before_every_year_begins_it_is_new() -> None:
    calendar = make_calendar()
    make_holiday(calendar, "2027-12-25", every_year=True)
    assert take(calendar, CHRISTMAS) == (1, 0)
