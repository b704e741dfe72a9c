"""Calendars from the shell: a holiday, the campaigns, the guard. One line of JSON each, words on standard error."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any, NamedTuple

import pytest
import time_machine
from django.core.management import CommandError, call_command

from audit.models import Record
from campaigns.models import Calendar, Campaign, GuardedStretch, Holiday, ReasonCode
from campaigns.states import State
from manage import main
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday, make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

Capture = pytest.CaptureFixture[str]


class Said(NamedTuple):
    line: dict[str, Any]
    words: str


@pytest.fixture(autouse=True)
def frozen(one_clock: None) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 12, 20, 12, 0, tzinfo=UTC), tick=False):
        yield


def run(capsys: Capture, command: str, *words: str) -> Said:
    call_command(command, *words, "--by", "ada")
    said = capsys.readouterr()
    return Said(json.loads(said.out), said.err.strip())


def refused(command: str, *words: str, returncode: int = 2) -> str:
    with pytest.raises(CommandError) as caught:
        call_command(command, *words)
    assert caught.value.returncode == returncode
    return str(caught.value)


# --- add_holiday ---


def test_first_holiday_makes_the_calendar(capsys: Capture) -> None:
    said = run(capsys, "add_holiday", "US", "--date", "2026-12-25", "--name", "Christmas Day")
    assert said == ({"added": 1, "unchanged": 0}, "")
    holiday = Holiday.objects.select_related("calendar").get()
    assert (holiday.calendar.name, holiday.calendar.zone, holiday.name) == ("US", "", "Christmas Day")
    assert (str(holiday.date), holiday.starts, holiday.every_year) == ("2026-12-25", None, False)
    assert [record.by for record in Record.objects.all()] == ["ada", "ada"]


def test_hours_and_years(capsys: Capture) -> None:
    calendar = make_calendar(name="US")
    run(capsys, "add_holiday", "US", "--date", "2026-12-24", "--from", "1pm", "--to", "23:59", "--every-year")
    holiday = calendar.holidays.get()
    assert (holiday.name, holiday.starts, holiday.ends, holiday.every_year) == (
        "Holiday",
        time(13),
        time(23, 59),
        True,
    )


def test_second_time_changes_nothing(capsys: Capture) -> None:
    make_holiday(make_calendar(name="US"))
    words = ("--date", "2026-12-25", "--name", "Christmas Day", "--from", "09:00", "--to", "12:00")
    line, told = run(capsys, "add_holiday", "US", *words)
    assert line == {"added": 0, "unchanged": 1}
    assert told == "US has Christmas Day on 2026-12-25 already, all day, once. It stays so."
    assert not Record.objects.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--date", "25.12.2026"], "isn’t a date"),
        (["--date", "2026-12-25", "--from", "09:00"], "Give both times"),
        (["--date", "2026-12-25", "--from", "12:00", "--to", "09:00"], "end before they start"),
        (["--date", "2026-12-25", "--name", " "], "Give the holiday a name"),
    ],
)
def test_what_cannot_be_a_holiday_is_refused(words: list[str], sentence: str) -> None:
    assert sentence in refused("add_holiday", "US", *words)
    assert not Calendar.objects.exists()


def test_calendar_needs_a_name() -> None:
    assert "Give the calendar a name" in refused("add_holiday", " ", "--date", "2026-12-25")


# --- assign_calendar ---


@pytest.fixture
def calendar() -> Calendar:
    return make_calendar(name="US")


def assigned(calendar: Calendar) -> set[str]:
    return set(calendar.campaigns.values_list("pk", flat=True))


def test_all_get_it(capsys: Capture, calendar: Calendar) -> None:
    make_campaign("a"), make_campaign("b"), make_campaign("gone", gone_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert run(capsys, "assign_calendar", "US", "--all").line == {"assigned": 2, "removed": 0, "campaigns": 2}
    assert assigned(calendar) == {"a", "b"}


def test_some_get_it(capsys: Capture, calendar: Calendar) -> None:
    calendar.campaigns.add(make_campaign("a"))
    make_campaign("b"), make_campaign("c")
    said = run(capsys, "assign_calendar", "US", "--campaign", "a", "b")
    assert said.line == {"assigned": 1, "removed": 0, "campaigns": 2}


def test_some_lose_it(capsys: Capture, calendar: Calendar) -> None:
    calendar.campaigns.add(make_campaign("a"), make_campaign("b"))
    said = run(capsys, "assign_calendar", "US", "--campaign", "a", "--remove")
    assert said.line == {"assigned": 0, "removed": 1, "campaigns": 1}
    assert assigned(calendar) == {"b"}


def test_all_lose_it(capsys: Capture, calendar: Calendar) -> None:
    calendar.campaigns.add(make_campaign("a"), make_campaign("gone", gone_at=datetime(2026, 1, 1, tzinfo=UTC)))
    said = run(capsys, "assign_calendar", "US", "--all", "--remove")
    assert said.line == {"assigned": 0, "removed": 2, "campaigns": 0}


def test_unknown_names_are_refused(calendar: Calendar) -> None:
    make_campaign("a")
    assert "There are: US." in refused("assign_calendar", "GB", "--all")
    assert "No campaign has the id 'z'" in refused("assign_calendar", "US", "--campaign", "a", "z")
    assert not assigned(calendar)


# --- guard_calendar ---


@pytest.fixture
def campaign(calendar: Calendar) -> Campaign:
    campaign = make_campaign("a")
    calendar.campaigns.add(campaign)
    return campaign


def test_guard_is_switched_on(capsys: Capture, calendar: Calendar, campaign: Campaign) -> None:
    make_holiday(calendar)
    line, told = run(capsys, "guard_calendar", "US", "--on")
    assert line == {"calendar": "US", "guarded": True, "campaigns": 1, "next": "2026-12-25T05:00:00Z"}
    assert told == ""
    assert Record.objects.get().sentence == "ada changed the holiday calendar US: guarded from no to yes."


def test_guard_is_switched_off(capsys: Capture, calendar: Calendar, campaign: Campaign) -> None:
    Calendar.objects.update(guarded=True)
    make_holiday(calendar)
    line, told = run(capsys, "guard_calendar", "US", "--off")
    assert line == {"calendar": "US", "guarded": False, "campaigns": 1, "next": None}
    assert told == ""


def test_no_holiday_is_no_next(capsys: Capture, calendar: Calendar, campaign: Campaign) -> None:
    assert run(capsys, "guard_calendar", "US", "--on").line["next"] is None


def test_it_says_what_is_paused_now(capsys: Capture, calendar: Calendar, campaign: Campaign) -> None:
    make_holiday(calendar, "2026-12-20")
    line, told = run(capsys, "guard_calendar", "US", "--on")
    assert line["next"] == "2026-12-20T05:00:00Z"
    assert told == "1 campaign is to be paused now: a holiday is in effect."


def test_it_says_what_is_resumed_now(capsys: Capture, calendar: Calendar, campaign: Campaign) -> None:
    make_holiday(calendar, "2026-12-20")
    Calendar.objects.update(guarded=True)
    pause = make_operation(campaign, state=State.CONFIRMED, origin="guard")
    Campaign.objects.update(status="PAUSED", explained_by=pause)
    day = datetime(2026, 12, 20, 5, tzinfo=UTC)
    GuardedStretch.objects.create(campaign=campaign, begins=day, ends=day.replace(day=21), pause=pause, tries=1)
    told = run(capsys, "guard_calendar", "US", "--off").words
    assert told == "1 campaign is to be resumed now, paused by the guard before."


def test_it_says_for_whom_nobody_can_tell(capsys: Capture, calendar: Calendar, campaign: Campaign) -> None:
    Campaign.objects.update(schedule=SCHEDULE | {"timezone": ""}, timezone="")
    make_holiday(calendar)
    line, told = run(capsys, "guard_calendar", "US", "--on")
    assert line["next"] is None
    assert told.startswith("1 campaign is not guarded, for lack of a known time zone")


def test_second_switch_changes_nothing(capsys: Capture, calendar: Calendar) -> None:
    line, told = run(capsys, "guard_calendar", "US", "--off")
    assert (line["guarded"], told) == (False, "Nothing was changed: it was like that already.")


def test_guard_without_its_reason_is_refused(calendar: Calendar) -> None:
    ReasonCode.objects.filter(pk="HOLIDAY").update(retired=True)
    assert "The guard pauses with the reason “Holiday”" in refused("guard_calendar", "US", "--on", returncode=1)


@pytest.mark.parametrize("words", [["US"], ["US", "--on", "--off"], ["GB", "--on"]])
def test_wrong_usage_is_two(calendar: Calendar, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["manage.py", "guard_calendar", *words])
    assert ended.value.code == 2
