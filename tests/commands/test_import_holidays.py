"""Holidays from the shell: one line of JSON, words on standard error, exit status 2 for what can't be taken."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from audit.models import Record
from campaigns.holidays import ical, public
from campaigns.models import Calendar, Holiday
from manage import main
from tests.factories import make_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

FILE = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:Fair\nDTSTART:20261201\nEND:VEVENT\nEND:VCALENDAR\n"


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 16, 15, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def calendar() -> Calendar:
    return make_calendar(name="US holidays")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fair.ics"
    path.write_text(FILE, encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> object:
    call_command("import_holidays", "US holidays", *words)
    return json.loads(capsys.readouterr().out)


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as caught:
        call_command("import_holidays", *words)
    assert caught.value.returncode == 2
    assert not Holiday.objects.exists()
    return str(caught.value)


def test_country_is_imported_once(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--country", "us", "--subdivision", "FL", "--years", "2026", "2027")
    added = len(public.find_holidays("US", "FL", [2026, 2027]))
    assert run(capsys, *words) == {"added": added, "unchanged": 0}
    assert run(capsys, *words) == {"added": 0, "unchanged": added}


def test_file_is_imported_once(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert run(capsys, "--ics", str(file)) == {"added": 1, "unchanged": 0}
    assert run(capsys, "--ics", str(file)) == {"added": 0, "unchanged": 1}


def test_who_did_it_is_on_record(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    run(capsys, "--ics", str(file), "--by", "Grace")
    record = Record.objects.get()
    assert (record.by, record.details["source"]) == ("Grace", "the file fair.ics")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("US", "--country", "US", "--years", "2026"), "No holiday calendar is called 'US'. There are: US holidays."),
        (("x\0y", "--country", "US", "--years", "2026"), "No holiday calendar"),
        (("US holidays", "--country", "XX", "--years", "2026"), "No country has the code 'XX'"),
        (("US holidays", "--country", "US", "--subdivision", "ZZ", "--years", "2026"), "no state or part"),
        (("US holidays", "--country", "US"), "Choose years"),
        (("US holidays", "--country", "US", "--years", "99"), "Choose years from 1950 to 2100"),
        (("US holidays", "--ics", "/nowhere/fair.ics"), "/nowhere/fair.ics can’t be read: No such file"),
        (("US holidays", "--ics", "/"), "can’t be read: Is a directory"),
        (("US holidays", "--ics", "/etc/passwd", "--years", "2026"), "go with --country"),
    ],
)
def test_what_can_t_be_is_told(words: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(*words)


def test_what_is_left_out_of_a_file_is_reported_by_line(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text(FILE.replace("20261201", "soon"), encoding="utf-8")
    call_command("import_holidays", "US holidays", "--ics", str(file))
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"added": 0, "unchanged": 0}
    assert "Line 5: “Fair” is left out. DTSTART is “soon”" in printed.err


def test_large_file_is_refused(file: Path) -> None:
    file.write_bytes(b"X" * (ical.MOST_BYTES + 1))
    assert "larger than 2 MB" in refused("US holidays", "--ics", str(file))


def test_one_of_the_two_ways_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["manage.py", "import_holidays", "US holidays"])
    assert caught.value.code == 2
    assert "one of the arguments --country --ics is required" in capsys.readouterr().err


# --- What is not taken unasked ---


OBSERVANCE = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:o
SUMMARY:Flower Day
DESCRIPTION:Observance
DTSTART;VALUE=DATE:20270509
END:VEVENT
BEGIN:VEVENT
UID:p
SUMMARY:Memorial Day
DESCRIPTION:Public holiday
DTSTART;VALUE=DATE:20270531
END:VEVENT
END:VCALENDAR
"""


def names() -> list[str]:
    return [holiday.name for holiday in Holiday.objects.all()]


def test_observance_is_left_and_named(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text(OBSERVANCE, encoding="utf-8")
    call_command("import_holidays", "US holidays", "--ics", str(file))
    said = capsys.readouterr()
    assert json.loads(said.out) == {"added": 1, "unchanged": 0, "not_suggested": 1}
    assert "Not taken without --all: 2027-05-09 Flower Day. The file calls it: Observance." in said.err
    assert names() == ["Memorial Day"]


def test_all_takes_observances_too(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text(OBSERVANCE, encoding="utf-8")
    assert run(capsys, "--ics", str(file), "--all") == {"added": 2, "unchanged": 0}
    assert names() == ["Flower Day", "Memorial Day"]


# --- What is out of date ---


def test_moved_day_stays_and_is_named(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    run(capsys, "--ics", str(file))
    file.write_text(FILE.replace("20261201", "20261202"), encoding="utf-8")
    call_command("import_holidays", "US holidays", "--ics", str(file))
    said = capsys.readouterr()
    assert json.loads(said.out) == {"added": 1, "unchanged": 0, "outdated": 1}
    told = "2026-12-01 Fair, moved to Wed 2 Dec 2026 (same event in the file)."
    assert f"In the calendar still, without --take-out: {told}" in said.err
    assert Holiday.objects.count() == 2
    call_command("import_holidays", "US holidays", "--ics", str(file), "--take-out")
    said = capsys.readouterr()
    assert json.loads(said.out) == {"added": 0, "unchanged": 1, "taken_out": 1, "outdated": 1}
    assert "Taken out: 2026-12-01 Fair, the file has this event on other days." in said.err
    assert [str(holiday.date) for holiday in Holiday.objects.all()] == ["2026-12-02"]


def test_moved_day_is_taken_out_on_one_record(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    run(capsys, "--ics", str(file))
    file.write_text(FILE.replace("20261201", "20261202"), encoding="utf-8")
    assert run(capsys, "--ics", str(file), "--take-out") == {
        "added": 1,
        "unchanged": 0,
        "taken_out": 1,
        "outdated": 1,
    }
    details = Record.objects.order_by("-number")[0].details
    assert (details["before"], details["after"]) == (["2026-12-01 Fair"], ["2026-12-02 Fair"])


def test_withdrawn_day_is_taken_out_when_asked(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    run(capsys, "--ics", str(file))
    file.write_text(FILE.replace("BEGIN:VEVENT", "METHOD:CANCEL\nBEGIN:VEVENT"), encoding="utf-8")
    assert run(capsys, "--ics", str(file)) == {"added": 0, "unchanged": 0, "outdated": 1}
    done = run(capsys, "--ics", str(file), "--take-out")
    assert done == {"added": 0, "unchanged": 0, "taken_out": 1, "outdated": 1}


def test_notes_on_a_country_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_holidays", "US holidays", "--country", "GB", "--years", "2027")
    assert "Mon 29 Mar 2027 Easter Monday (England, Northern Ireland, Wales)" in capsys.readouterr().err
