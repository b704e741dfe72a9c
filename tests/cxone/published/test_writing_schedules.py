"""Schedules: over the version that was read, in CXone's form, and nothing else touched."""

import json
from hashlib import sha256
from typing import Any

import pytest

from campaigns.cxone import errors
from campaigns.cxone.gateway import Schedule, Sent
from campaigns.cxone.published.gateway import Published
from campaigns.schedule.parsing import unread_days
from campaigns.simulator import PublishedSimulator
from tests.cxone.published.asking import ROOT, gateway_to

ZONE = "America/New_York"
MONDAY = {"day": "MON", "startTime": "09:00", "endTime": "17:00"}
TUESDAY = {"day": "TUE", "startTime": "10:00", "endTime": "12:30"}
PUT = f"{ROOT}/skills/*/parameters/schedule-settings"


@pytest.fixture
def planned(simulator: PublishedSimulator) -> str:
    return simulator.add(schedule={"MON": ("09:00", "17:00")})


def of(*windows: dict[str, str], **more: object) -> Schedule:
    return {"timezone": ZONE, "dialingHours": list(windows), **more}


def write(gateway: Published, skill: str, schedule: Schedule, etag: str = "") -> list[Sent]:
    sent: list[Sent] = []
    etag = etag or gateway.read_for_edit(skill).etag
    assert gateway.write_schedule(skill, schedule, etag=etag, sending=sent.append).state is None
    return sent


def written(simulator: PublishedSimulator) -> dict[str, Any]:
    (request,) = simulator.record.requests("PUT")
    assert request.body is not None
    fields: dict[str, Any] = request.body["scheduleSettings"]
    return fields


def test_schedule_is_written_and_read_back(gateway: Published, planned: str) -> None:
    write(gateway, planned, of(MONDAY, TUESDAY))
    assert gateway.read_state(planned, needs_schedule=True).schedule == of(MONDAY, TUESDAY)


def test_record_has_the_bytes_that_were_sent(simulator: PublishedSimulator, gateway: Published, planned: str) -> None:
    (sent,) = write(gateway, planned, of(TUESDAY))
    (request,) = simulator.record.requests("PUT")
    content = json.dumps(request.body, sort_keys=True, separators=(",", ":")).encode()
    assert sent == Sent(sha256(content).hexdigest(), f"PUT {request.path}")
    assert request.body_hash == sent.payload_hash


@pytest.mark.parametrize("times", ["H:MM", "HH:MM:SS", "H:MM AM", "date"])
def test_days_that_do_not_change_are_sent_as_they_came(
    simulator: PublishedSimulator, gateway: Published, planned: str, times: str
) -> None:
    simulator.switch(times=times)
    before = gateway.schedules.settings_of(planned)
    simulator.fail("PUT", PUT, status=200, body="")
    write(gateway, planned, of(MONDAY, TUESDAY))
    fields = written(simulator)
    changed = {name for name in fields if fields[name] != before[name]}
    assert changed == {"tuesdayIsActive", "tuesdayStartTime", "tuesdayEndTime"}
    assert [fields[name] for name in sorted(changed)] == ["12:30", True, "10:00"]
    assert len(fields) == 22


def test_day_off_keeps_its_times(simulator: PublishedSimulator, gateway: Published, planned: str) -> None:
    write(gateway, planned, of(TUESDAY))
    fields = written(simulator)
    assert (fields["mondayIsActive"], fields["mondayStartTime"]) == (False, "09:00")


def test_windows_make_a_schedule_and_none_is_one_too(simulator: PublishedSimulator, gateway: Published) -> None:
    skill = simulator.add()
    assert gateway.read_for_edit(skill).schedule == of(isScheduled=False)
    write(gateway, skill, of(MONDAY))
    assert gateway.read_for_edit(skill).schedule == of(MONDAY)
    write(gateway, skill, of())
    assert gateway.read_for_edit(skill).schedule == of()
    write(gateway, skill, of(isScheduled=False))
    assert gateway.read_for_edit(skill).schedule == of(isScheduled=False)


def test_tag_is_of_the_fields_as_they_came(simulator: PublishedSimulator, gateway: Published, planned: str) -> None:
    first = gateway.read_for_edit(planned).etag
    assert gateway.read_for_edit(planned).etag == first
    simulator.change(planned, running=False)
    assert gateway.read_for_edit(planned).etag == first
    simulator.change(planned, schedule={"MON": ("09:00", "17:01")})
    assert gateway.read_for_edit(planned).etag != first


def test_change_of_somebody_else_is_not_overwritten(
    simulator: PublishedSimulator, gateway: Published, planned: str
) -> None:
    etag = gateway.read_for_edit(planned).etag
    simulator.change(planned, schedule={"WED": ("08:00", "10:00")})
    sent: list[Sent] = []
    with pytest.raises(errors.PreconditionFailed):
        gateway.write_schedule(planned, of(TUESDAY), etag=etag, sending=sent.append)
    assert (sent, simulator.record.requests("PUT")) == ([], [])


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        (of({"day": "TUE", "startTime": "22:00", "endTime": "02:00"}), "doesn’t end on the day"),
        (of({"day": "TUE", "startTime": "22:00", "endTime": "24:00"}), "22:00 to 24:00 can’t be written"),
        (of({"day": "TUE", "startTime": "10:00", "endTime": "10:00"}), "doesn’t end on the day"),
        (of({"day": "TUE", "startTime": "", "endTime": "10:00"}), "nothing to 10:00 can’t be written"),
        (of(MONDAY, MONDAY | {"startTime": "18:00", "endTime": "19:00"}), "one window a day"),
        (of(MONDAY, pauseConditions=["BUSY"]), "no pause conditions"),
        (of(MONDAY) | {"timezone": "Europe/Berlin"}, "all schedules of the tenant are in America/New_York"),
        (of({"startTime": "09:00", "endTime": "10:00"}), "a window has no day"),
    ],
    ids=str,
)
def test_what_has_no_form_here_is_refused_unsent(
    simulator: PublishedSimulator, gateway: Published, planned: str, schedule: Schedule, why: str
) -> None:
    with pytest.raises(errors.CantBeAsked, match=why):
        write(gateway, planned, schedule)
    assert not simulator.record.requests("PUT")


@pytest.mark.parametrize("odd", [2**60, "\ud83d", "\0", [[1]], {"é": 1.5}, None], ids=repr)
def test_whatever_a_day_has_is_sent_back(
    simulator: PublishedSimulator, gateway: Published, planned: str, odd: object
) -> None:
    before = gateway.schedules.settings_of(planned) | {"sundayStartTime": odd}
    simulator.fail("GET", PUT, times=None, body=before)
    simulator.fail("PUT", PUT, status=200, body="")
    write(gateway, planned, of(MONDAY, TUESDAY))
    assert written(simulator)["sundayStartTime"] == odd


def test_number_that_no_json_holds_is_refused_unsent(
    simulator: PublishedSimulator, gateway: Published, planned: str
) -> None:
    before = json.dumps(gateway.schedules.settings_of(planned) | {"sundayStartTime": 7}).replace("7,", "1e999,")
    simulator.fail("GET", PUT, times=None, body=before)
    with pytest.raises(errors.CantBeAsked, match="a number in its schedule is too large to be sent back"):
        write(gateway, planned, of(MONDAY, TUESDAY))
    assert not simulator.record.requests("PUT")


@pytest.mark.parametrize("odd", ["Y", "on", 2, []])
def test_day_that_may_be_open_is_neither_open_nor_closed(
    simulator: PublishedSimulator, gateway: Published, planned: str, odd: object
) -> None:
    sunday = {"sundayIsActive": odd, "sundayStartTime": "10:00", "sundayEndTime": "12:00"}
    simulator.fail("GET", PUT, times=None, body=gateway.schedules.settings_of(planned) | sunday)
    simulator.fail("PUT", PUT, times=None, status=200, body="")
    read = gateway.read_for_edit(planned)
    assert unread_days(read.schedule) >= {"SUN"}
    unread = read.schedule["dialingHours"][-1]
    assert unread["startTime"] == f"10:00, active: {odd}"
    # Left alone it goes back as it came; taken out it is switched off.
    write(gateway, planned, of(TUESDAY, unread), read.etag)
    assert sunday.items() <= written(simulator).items()
    simulator.record.clear()
    write(gateway, planned, of(TUESDAY), read.etag)
    assert written(simulator)["sundayIsActive"] is False


def test_window_past_midnight_that_is_there_is_sent_back(
    simulator: PublishedSimulator, gateway: Published, planned: str
) -> None:
    friday = {"fridayIsActive": True, "fridayStartTime": "22:00", "fridayEndTime": "02:00"}
    simulator.fail("GET", PUT, times=None, body=gateway.schedules.settings_of(planned) | friday)
    simulator.fail("PUT", PUT, status=200, body="")
    read = gateway.read_for_edit(planned)
    assert read.schedule["dialingHours"][-1] == {"day": "FRI", "startTime": "22:00", "endTime": "02:00"}
    write(gateway, planned, of(TUESDAY, read.schedule["dialingHours"][-1]), read.etag)
    assert friday.items() <= written(simulator).items()


def test_zone_that_nobody_knows_forbids_writing(simulator: PublishedSimulator, planned: str) -> None:
    unit: dict[str, object] = {"businessUnits": [{"defaultTimeZone": "Nowhere Time"}]}
    simulator.fail("GET", f"{ROOT}/business-unit", times=None, body=unit)
    gateway = gateway_to(simulator)
    assert gateway.read_for_edit(planned).schedule["timezone"] == "Nowhere Time"
    with pytest.raises(errors.CantBeAsked, match="CXONE_TIMEZONE"):
        write(gateway, planned, of(TUESDAY) | {"timezone": "Nowhere Time"})
    assert not simulator.record.requests("PUT")


def test_bare_refusal_says_where_to_set_it(simulator: PublishedSimulator, gateway: Published, planned: str) -> None:
    simulator.fail("PUT", PUT, status=400, headers={"icStatusDescription": "InvalidParameter"})
    with pytest.raises(errors.BadRequest) as caught:
        write(gateway, planned, of(TUESDAY))
    assert str(caught.value).endswith(
        "CXone refused the schedule without saying why; set it there, in ACD → Skills → Schedule."
    )
    assert len(simulator.record.requests("PUT")) == 1


def test_refusal_with_words_shows_them(simulator: PublishedSimulator, gateway: Published, planned: str) -> None:
    simulator.switch(put_while_running=False)
    with pytest.raises(errors.Refused) as caught:
        write(gateway, planned, of(TUESDAY))
    assert caught.value.words
    assert "without saying why" not in str(caught.value)


def test_refusal_because_it_runs_says_what_to_do(
    simulator: PublishedSimulator, gateway: Published, planned: str
) -> None:
    simulator.fail("PUT", PUT, status=409)
    with pytest.raises(errors.Conflict, match="stop it and try again"):
        write(gateway, planned, of(TUESDAY))


@pytest.mark.parametrize(
    ("status", "error", "advice"),
    [(401, errors.WrongCredentials, "belong to the same tenant"), (403, errors.Forbidden, "“Skills Edit”")],
)
def test_refusals_that_the_documents_leave_out_are_understood(
    simulator: PublishedSimulator,
    gateway: Published,
    planned: str,
    status: int,
    error: type[errors.CXoneError],
    advice: str,
) -> None:
    simulator.fail("PUT", PUT, status=status, times=None)
    with pytest.raises(error, match=advice):
        write(gateway, planned, of(TUESDAY))


@pytest.mark.parametrize("fault", [{"cut": True, "done": True}, {"status": 503}], ids=str)
def test_lost_answer_is_an_unknown_outcome(
    simulator: PublishedSimulator, gateway: Published, planned: str, fault: dict[str, object]
) -> None:
    etag = gateway.read_for_edit(planned).etag
    simulator.fail("PUT", PUT, **fault)  # type: ignore[arg-type]
    with pytest.raises(errors.OutcomeUnknown):
        gateway.write_schedule(planned, of(TUESDAY), etag=etag, sending=lambda _: None)
