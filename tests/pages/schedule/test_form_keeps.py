"""What the form that changes dialing hours keeps of CXone's schedule, though it can't show or read it."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from campaigns.models import CallingHoursRule, Campaign, Operation, SyncState
from tests.factories import SCHEDULE, make_campaign
from tests.pages.asking import words_of

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 16, 15, tzinfo=UTC)  # 10:00 in New York
ADDRESS = "/campaigns/c-1/schedule/"
MON, TUE = ({"day": day, "startTime": "09:00", "endTime": "17:00"} for day in ("MON", "TUE"))
ODD = {"day": "WED", "startTime": "09:00:30", "endTime": "17:00"}
HOLIDAYS = [{"date": "2027-07-04"}]


@pytest.fixture(autouse=True)
def now(db: None, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(MONDAY, tick=False)
    SyncState.objects.update(last_good_at=MONDAY)


def has(*windows: object, conditions: object = (), **further: Any) -> Campaign:
    schedule = {"timezone": "America/New_York", "dialingHours": list(windows), "pauseConditions": list(conditions)}  # type: ignore[call-overload]
    return make_campaign("c-1", schedule=schedule | further)


def rows_in(page: Any) -> list[list[str]]:
    return [list(row) for row in page.context["form"].rows]


def fill(client: Client, rows: list[list[str]] | None = None, **typed: Any) -> dict[str, Any]:
    """The form as a browser would send it; a row is day, start, end, origin."""
    page = client.get(ADDRESS)
    form, rows = page.context["form"], rows_in(page) if rows is None else rows
    columns = dict(zip(("day", "start", "end", "origin"), map(list, zip(*rows, strict=True)), strict=False))
    fields = {"timezone": form.zone, "condition": form.conditions, "key": str(form.own_key), "base": form.signed_base}
    return fields | columns | typed


def send(client: Client, rows: list[list[str]] | None = None, **typed: Any) -> Any:
    return client.post(ADDRESS, fill(client, rows, **typed))


def acknowledge(client: Client, rows: list[list[str]] | None = None, **typed: Any) -> Any:
    known = send(client, rows, **typed).context["checked"].warned_of
    return send(client, rows, acknowledged=known, **typed)


def asked_for() -> dict[str, Any]:
    ours: dict[str, Any] = Operation.objects.get().payload["ours"]
    return ours


def codes_of(response: Any) -> set[str]:
    return {str(finding.code) for finding in response.context["checked"].findings}


# --- what isn't known is carried ---


def test_key_of_the_schedule_is_carried(supervisor: Client) -> None:
    has(MON, TUE, holidays=HOLIDAYS)
    assert send(supervisor, [["MON", "09:00", "16:00", "0"], ["TUE", "09:00", "17:00", "1"]]).status_code == 303
    assert asked_for()["holidays"] == HOLIDAYS


def test_keys_of_windows_are_carried_by_row(supervisor: Client) -> None:
    """Both windows of one day change, so that nothing but the row says which is which."""
    first, second = MON | {"endTime": "12:00", "label": "A"}, MON | {"startTime": "13:00", "label": "B"}
    has(first, second)
    send(supervisor, [["MON", "14:00", "16:00", "1"], ["MON", "09:00", "11:00", "0"]])
    assert [(window["startTime"], window["label"]) for window in asked_for()["dialingHours"]] == [
        ("14:00", "B"),
        ("09:00", "A"),
    ]


def test_saving_without_a_change_sends_nothing(supervisor: Client) -> None:
    late = {"day": "Thursday", "startTime": "18:00:00", "endTime": "24:00"}
    has(MON | {"label": "A"}, ODD, "nonsense", late, conditions=["HAIL", {"of": 1}], holidays=HOLIDAYS)
    response = send(supervisor)
    assert response.status_code == 422
    assert "These are the hours that you started from" in response.text
    assert not Operation.objects.exists()


def test_page_names_what_stays_with_a_window(supervisor: Client) -> None:
    has(MON | {"label": "A", "id": 7})
    assert "Kept unchanged, as CXone has it: label, id" in words_of(supervisor.get(ADDRESS))


def test_copied_day_keeps_the_keys_of_windows_that_stay(supervisor: Client) -> None:
    has(MON | {"label": "A"}, TUE | {"label": "B"})
    page = send(supervisor, do="copy-MON-weekdays")
    send(supervisor, rows_in(page))
    assert [window.get("label") for window in asked_for()["dialingHours"]] == ["A", "B", None, None, None]


def test_lost_key_is_named_and_to_be_acknowledged(supervisor: Client) -> None:
    has(MON | {"label": "A"}, TUE)
    moved = [["FRI", "09:00", "17:00", "0"], ["TUE", "09:00", "17:00", "1"]]
    response = send(supervisor, moved)
    assert (response.status_code, "LOSES_FIELDS" in codes_of(response)) == (422, True)
    assert "label of Mon 09:00 to 17:00" in words_of(response)
    assert acknowledge(supervisor, moved).status_code == 303
    assert "label" not in asked_for()["dialingHours"][0]


@pytest.mark.parametrize("origin", ["7", "-1", "x", "9" * 5000, "²", '{"evil": 1}', "0,0"])
def test_origin_that_is_none_carries_nothing(supervisor: Client, origin: str) -> None:
    has(MON | {"label": "A"})
    send(supervisor, [["MON", "09:00", "17:00", "0"], ["FRI", "09:00", "17:00", origin]])
    assert asked_for()["dialingHours"][1] == {"day": "FRI", "startTime": "09:00", "endTime": "17:00"}


def test_origin_counts_once(supervisor: Client) -> None:
    has(MON | {"label": "A"})
    send(supervisor, [["MON", "09:00", "11:00", "0"], ["MON", "12:00", "13:00", "0"]])
    assert [window.get("label") for window in asked_for()["dialingHours"]] == ["A", None]


def test_keys_come_from_the_signed_schedule_alone(supervisor: Client) -> None:
    has(MON, TUE)
    send(supervisor, [["MON", "09:00", "16:00", "0"]], label=["evil"], holidays=["evil"], further=['{"evil": 1}'])
    assert asked_for()["dialingHours"] == [MON | {"endTime": "16:00"}]
    assert set(asked_for()) == {"timezone", "dialingHours", "pauseConditions"}


# --- what can't be read is neither lost nor rounded ---


def test_window_with_seconds_is_shown_as_it_is(supervisor: Client) -> None:
    has(MON, ODD)
    page = supervisor.get(ADDRESS)
    assert rows_in(page)[1] == ["WED", "09:00:30", "17:00", "1"]
    assert "be read: “WED 09:00:30 to 17:00”." in words_of(page)


def test_window_that_cannot_be_read_is_sent_as_it_came(supervisor: Client) -> None:
    has(MON, ODD, "nonsense")
    rows = [["MON", "09:00", "16:00", "0"], ["WED", "09:00:30", "17:00", "1"], ["", "", "", "2"]]
    response = send(supervisor, rows)
    assert codes_of(response) == {"UNREADABLE_WINDOW"}
    assert acknowledge(supervisor, rows).status_code == 303
    assert asked_for()["dialingHours"] == [MON | {"endTime": "16:00"}, ODD, "nonsense"]


def test_removed_window_that_cannot_be_read_is_named(supervisor: Client) -> None:
    has(MON, ODD)
    response = send(supervisor, [["MON", "09:00", "17:00", "0"]])
    assert "LOSES_FIELDS" in codes_of(response)
    assert "Wed 09:00:30 to 17:00, which can’t be read" in words_of(response)


def test_window_that_is_corrected_is_sent_corrected(supervisor: Client) -> None:
    has(MON, ODD | {"label": "A"})
    send(supervisor, [["MON", "09:00", "17:00", "0"], ["WED", "09:00", "17:00", "1"]])
    assert asked_for()["dialingHours"][1] == ODD | {"startTime": "09:00", "label": "A"}


def test_seconds_that_are_zero_are_shown_without(supervisor: Client) -> None:
    has({"day": "Monday", "startTime": "9:00", "endTime": "17:00:00.000"})
    assert rows_in(supervisor.get(ADDRESS)) == [["MON", "09:00", "17:00", "0"]]


def test_midnight_that_cxone_has_is_sent_as_it_came(supervisor: Client) -> None:
    late = {"day": "Thursday", "startTime": "9:00", "endTime": "24:00:00"}
    CallingHoursRule.objects.update(is_default=False)
    has(MON, late)
    assert rows_in(supervisor.get(ADDRESS))[1] == ["THU", "09:00", "24:00", "1"]
    assert send(supervisor, [["MON", "09:00", "16:00", "0"], ["THU", "09:00", "24:00", "1"]]).status_code == 303
    assert asked_for()["dialingHours"][1] == late


def test_condition_that_is_not_known_stays(supervisor: Client) -> None:
    has(MON, conditions=["HAIL", {"of": 1}])
    assert send(supervisor, [["MON", "09:00", "16:00", "0"]]).status_code == 303
    assert asked_for()["pauseConditions"] == ["HAIL", {"of": 1}]


def test_hours_that_are_no_list_are_named_before_they_go(supervisor: Client) -> None:
    make_campaign("c-1", schedule=SCHEDULE | {"dialingHours": {"MON": ["09:00-17:00"]}})
    response = send(supervisor, [["MON", "09:00", "17:00", ""]])
    assert "its dialing hours, which are an object and can’t be read" in words_of(response)
    assert not Operation.objects.exists()


# --- bounds ---


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}check/"])
def test_thousands_of_conditions_are_a_sentence(supervisor: Client, address: str) -> None:
    has(MON)
    form = urlencode(fill(supervisor, condition=[f"C{number}" for number in range(10_000)]), doseq=True)
    response = supervisor.post(address, form, "application/x-www-form-urlencoded", headers={"HX-Request": "true"})
    assert "10,000 pause conditions came with this form; it takes 50." in words_of(response)
    assert len(response.text) < 100_000


@pytest.mark.parametrize("further", [{"dialingHours": [MON] * 201}, {"pauseConditions": ["HAIL"] * 51}])
def test_schedule_that_is_too_long_is_not_cut(supervisor: Client, further: dict[str, Any]) -> None:
    make_campaign("c-1", schedule=deepcopy(SCHEDULE) | further)
    assert "so it can’t be saved here" in words_of(supervisor.get(ADDRESS))
    response = send(supervisor, [["MON", "09:00", "16:00", ""]])
    assert "so it can’t be saved here" in words_of(response)
    assert not Operation.objects.exists()
