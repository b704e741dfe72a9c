"""Reading skills, calls and the tenant, however the server writes them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from campaigns.cxone import errors
from campaigns.cxone.budget import Lane
from campaigns.cxone.fields import LONGEST_TAG
from campaigns.cxone.gateway import UNREADABLE, CampaignList, CampaignState, TenantFacts
from campaigns.cxone.published import assumed
from campaigns.cxone.published.address import Whereabouts
from campaigns.cxone.published.gateway import Published
from campaigns.cxone.published.memory import Memory
from campaigns.simulator import PublishedSimulator
from tests.cxone.fakes import Till
from tests.cxone.published.asking import ROOT, Hand, gateway_to

WEEKDAYS = dict.fromkeys(("MON", "TUE"), ("09:00", "17:00"))
WINDOWS = [{"day": day, "startTime": "09:00", "endTime": "17:00"} for day in ("MON", "TUE")]
LIST, ACTIVITY = f"{ROOT}/skills", f"{ROOT}/skills/activity"


def states(listed: CampaignList) -> dict[str, CampaignState]:
    return {state.campaign_id: state for state in listed.states(listed.digests)}


def paths(simulator: PublishedSimulator) -> list[str]:
    return [request.path for request in simulator.record.requests()]


def test_campaign_is_a_skill_that_dials(simulator: PublishedSimulator, gateway: Published) -> None:
    dialing = simulator.add(campaign="Q4 Outreach")
    simulator.add(strategy="Manual")
    simulator.add(outbound=False)
    listed = gateway.list_campaigns()
    assert states(listed) == {
        dialing: CampaignState(
            dialing,
            "New Skill",
            "ACTIVE",
            {"timezone": "America/New_York", "dialingHours": [], "isScheduled": False},
            {"CXone campaign": "Q4 Outreach"},
        )
    }
    assert (listed.total, listed.unreadable, listed.complete) == (1, 0, True)


def test_campaigns_with_the_same_beginning_stay_two(simulator: PublishedSimulator, gateway: Published) -> None:
    beginning = "Northwind Electric Utility, residential, second quarter, renewals"
    for end in (" in Texas", " in Ohio"):
        simulator.add(campaign=beginning + end)
    tags = {(state.tags or {})["CXone campaign"] for state in states(gateway.list_campaigns()).values()}
    assert len(tags) == 2
    assert all(tag.startswith("Northwind Electric Utility") and len(tag) <= LONGEST_TAG for tag in tags)


@pytest.mark.parametrize(
    ("running", "active", "status"), [(True, True, "ACTIVE"), (False, True, "PAUSED"), (True, False, "INACTIVE")]
)
def test_status_is_what_runs(
    simulator: PublishedSimulator, gateway: Published, running: bool, active: bool, status: str
) -> None:
    skill = simulator.add(running=running, active=active)
    assert gateway.read_state(skill).status == status


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"texts": True},
        {"result_set": True},
        {"one_in_list": True},
        {"page_cap": 7},
        {"texts": True, "result_set": True, "one_in_list": True},
        *({"times": times} for times in ("H:MM", "HH:MM:SS", "H:MM AM", "date")),
        *({"schedules_of_all": how} for how in ("without fields", "refused")),
        *({"zone_name": name} for name in ("display", "IANA")),
    ],
    ids=str,
)
def test_servers_differ_and_campaigns_do_not(
    simulator: PublishedSimulator, gateway: Published, switches: dict[str, Any]
) -> None:
    for number in range(4):
        simulator.add(name=f"Skill {number}", calls=number, schedule=WEEKDAYS, running=number != 1)
    simulator.switch(**switches)
    listed = gateway.list_campaigns()
    found = states(listed)
    assert listed.complete
    assert [state.status for state in found.values()] == ["ACTIVE", "PAUSED", "ACTIVE", "ACTIVE"]
    assert [state.schedule for state in found.values()] == [
        {"timezone": "America/New_York", "dialingHours": WINDOWS}
    ] * 4
    assert sorted(gateway.calls_in_progress().values()) == [1, 2, 3]
    for skill in found:
        assert gateway.read_for_edit(skill).schedule == found[skill].schedule
        assert gateway.calls_in_progress(skill)[skill] == gateway.calls_in_progress()[skill]


def test_pages_go_on_after_what_came(simulator: PublishedSimulator, gateway: Published) -> None:
    for _ in range(250):
        simulator.add()
    assert len(gateway.list_campaigns().digests) == 250
    queries = [request.query for request in simulator.record.requests() if request.path == LIST]
    assert [query["skip"] for query in queries] == ["0", "100", "200"]
    assert all((query["mediaTypeId"], query["isActive"], query["top"]) == ("4", "true", "100") for query in queries)


@pytest.mark.parametrize(
    "change", [{"totalRecords": 2}, {"totalRecords": 4}, {"totalRecords": None, "skills": []}], ids=str
)
def test_list_that_contradicts_itself_says_nothing_of_who_is_missing(
    simulator: PublishedSimulator, gateway: Published, change: dict[str, object]
) -> None:
    for _ in range(3):
        simulator.add()
    simulator.fail("GET", LIST, change=change)
    assert not gateway.list_campaigns().complete


def test_same_skill_on_two_pages_makes_a_list_incomplete(simulator: PublishedSimulator, gateway: Published) -> None:
    first = simulator.add()
    simulator.switch(page_cap=1)
    simulator.add()
    entry = {"skillId": first, "isOutbound": True, "outboundStrategy": "Personal Connection", "isRunning": False}
    simulator.fail("GET", LIST, skip=1, change={"skills": [entry]})
    listed = gateway.list_campaigns()
    assert (list(listed.digests), listed.complete) == ([first], False)
    (state,) = listed.states([first])
    assert (state.status, listed.digests[first]) == ("ACTIVE", state.digest)


def test_partial_content_is_no_complete_list(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    row = {"skillId": skill, "isOutbound": True, "outboundStrategy": "PERSONAL CONNECTION", "isRunning": True}
    simulator.fail("GET", LIST, status=206, body={"totalRecords": 1, "skills": [row]})
    listed = gateway.list_campaigns()
    assert (list(listed.digests), listed.complete) == ([skill], False)


def test_no_content_is_an_empty_list(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    simulator.fail("GET", LIST, status=204, body="")
    simulator.fail("GET", ACTIVITY, status=204, body="")
    assert not gateway.list_campaigns().digests
    assert gateway.calls_in_progress()[skill] == 0


def test_skill_that_cannot_be_read_hides_no_other(simulator: PublishedSimulator, gateway: Published) -> None:
    dials = {"isOutbound": True, "outboundStrategy": "Personal Connection"}
    rows = [{**dials, "skillId": 1, "isRunning": True}, {**dials, "skillId": 2}, {**dials, "isRunning": True}, 7]
    simulator.fail("GET", LIST, body={"totalRecords": 4, "skills": rows})
    listed = gateway.list_campaigns()
    assert [state.status for state in listed.states(listed.digests)] == ["ACTIVE", UNREADABLE]
    assert (list(listed.digests), listed.unreadable, listed.complete) == (["1", "2"], 2, False)


def test_text_instead_of_json_is_trouble(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    simulator.fail("GET", f"{LIST}/*", body="No known way to render data", headers={"Content-Type": "text/plain"})
    with pytest.raises(errors.ServerTrouble) as caught:
        gateway.read_state(skill)
    assert "it is not JSON" in str(caught.value)
    assert "docs/cxone-published-api.md" in str(caught.value)


def test_one_read_decides_over_a_late_list(
    simulator: PublishedSimulator, gateway: Published, skill: str, hand: Hand
) -> None:
    simulator.switch(list_delay=60)
    hand.now += 61
    gateway.list_campaigns()
    simulator.change(skill, running=False)
    (late,) = gateway.list_campaigns().states([skill])
    assert (late.status, gateway.read_state(skill).status) == ("ACTIVE", "PAUSED")


@pytest.mark.parametrize("changed", [{"outbound": False}, {"strategy": "Manual"}])
def test_skill_that_does_not_dial_is_not_found(
    simulator: PublishedSimulator, gateway: Published, changed: dict[str, Any]
) -> None:
    skill = simulator.add(**changed)
    with pytest.raises(errors.NotFound, match="Personal Connection"):
        gateway.read_state(skill)


# --- Schedules, less often than states


def test_schedules_are_read_every_ten_minutes(
    simulator: PublishedSimulator, gateway: Published, skill: str, hand: Hand
) -> None:
    def schedule() -> object:
        (state,) = gateway.list_campaigns().states([skill])
        return state.schedule

    assert schedule() is not None
    hand.now += assumed.SCHEDULES_EVERY - 1
    assert schedule() is None
    hand.now += 1
    assert schedule() is not None


def test_new_campaign_has_schedules_read_at_once(
    simulator: PublishedSimulator, gateway: Published, skill: str
) -> None:
    gateway.list_campaigns()
    new = simulator.add(schedule=WEEKDAYS)
    (state,) = gateway.list_campaigns().states([new])
    assert state.schedule == {"timezone": "America/New_York", "dialingHours": WINDOWS}


def test_where_none_has_all_each_is_read_in_turn(
    simulator: PublishedSimulator, gateway: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assumed, "ALONE_AT_ONCE", 2)
    for _ in range(3):
        simulator.add()
    simulator.switch(schedules_of_all="refused")
    read = [{each for each, state in states(gateway.list_campaigns()).items() if state.schedule} for _ in range(3)]
    assert [len(some) for some in read] == [2, 2, 2]
    assert len(set.union(*read)) == 3
    assert paths(simulator).count(f"{ROOT}/skills/parameters") == 2


@pytest.mark.parametrize("fault", [{"status": 504}, {"body": "busy"}, {"cut": True}], ids=str)
def test_state_does_not_wait_for_schedules_that_cannot_be_had(
    simulator: PublishedSimulator, gateway: Published, skill: str, hand: Hand, fault: dict[str, Any]
) -> None:
    simulator.fail("GET", f"{ROOT}/skills/parameters", times=None, **fault)
    read = [[state.schedule for state in states(gateway.list_campaigns()).values()] for _ in range(3)]
    assert read[:2] == [[None], [None]]
    assert read[2] == [{"timezone": "America/New_York", "dialingHours": [], "isScheduled": False}]


def test_schedules_of_all_are_tried_again_in_an_hour(
    simulator: PublishedSimulator, gateway: Published, skill: str, hand: Hand
) -> None:
    simulator.switch(schedules_of_all="refused")
    gateway.list_campaigns()
    simulator.switch(schedules_of_all="with fields")
    simulator.record.clear()
    gateway.list_campaigns()
    assert f"{ROOT}/skills/parameters" not in paths(simulator)
    hand.now += assumed.WAYS_AGAIN
    gateway.list_campaigns()
    assert f"{ROOT}/skills/parameters" in paths(simulator)


def test_digest_has_the_schedule_only_when_it_was_read(
    simulator: PublishedSimulator, gateway: Published, skill: str
) -> None:
    for _ in range(2):
        listed = gateway.list_campaigns()
        (state,) = listed.states([skill])
        assert listed.digests[skill] == state.digest


def test_page_that_is_known_is_not_read_again(
    simulator: PublishedSimulator, gateway: Published, skill: str, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = gateway.list_campaigns()
    known = dict(memory.pages)

    def refuse(*_: object) -> None:
        raise AssertionError("it was parsed again")

    monkeypatch.setattr("campaigns.cxone.published.pages.read_page", refuse)
    again = gateway.list_campaigns()
    assert (again.complete, memory.pages) == (True, known)
    assert first.digests[skill].startswith(again.digests[skill])


# --- Calls


def test_count_that_cannot_be_read_is_never_none(
    simulator: PublishedSimulator, gateway: Published, skill: str
) -> None:
    simulator.fail("GET", ACTIVITY, change={"skillActivity": [{"skillId": skill, "contactsActive": "many"}]})
    with pytest.raises(errors.ServerTrouble, match="no usable count of calls"):
        gateway.calls_in_progress()


def test_list_of_calls_that_ends_early_is_no_count(
    simulator: PublishedSimulator, gateway: Published, skill: str
) -> None:
    simulator.fail("GET", ACTIVITY, times=None, change={"totalRecords": 900})
    with pytest.raises(errors.ServerTrouble, match="fewer campaigns than there are"):
        gateway.calls_in_progress()


def test_skill_without_entry_has_no_calls(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    assert gateway.calls_in_progress() == {skill: 12}
    assert gateway.calls_in_progress()["another"] == 0


def _row(number: int) -> dict[str, Any]:
    row = {"skillId": number, "isOutbound": True, "outboundStrategy": "Personal Connection", "isRunning": True}
    return row | {"contactsActive": 1}


def paging(content: Callable[[int], dict[str, Any]], status: int = 200) -> Published:
    """Of a server whose lists are made by `content`, of how many rows to skip."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path in {LIST, ACTIVITY}:
            return httpx.Response(status, json=content(int(request.url.params.get("skip", "0"))))
        rest = {"access_token": "t", "businessUnits": [{"defaultTimeZone": "UTC"}], "skills": []}
        return httpx.Response(200, json=rest)

    return gateway_to(httpx.MockTransport(answer), where=Whereabouts("https://cxone.test", "", ""))


def test_total_that_counts_one_page_hides_no_campaign_and_no_calls() -> None:
    def page(skip: int) -> dict[str, Any]:
        rows = [_row(number) for number in range(1, 251)][skip : skip + 100]
        return {"skills": rows, "totalRecords": len(rows)}

    gateway = paging(page)
    listed = gateway.list_campaigns()
    assert (len(listed.digests), listed.complete) == (250, False)
    assert len(gateway.calls_in_progress()) == 250


def test_exactly_one_page_is_complete(simulator: PublishedSimulator, gateway: Published) -> None:
    for _ in range(100):
        simulator.add(calls=1)
    listed = gateway.list_campaigns()
    assert (len(listed.digests), listed.complete, len(gateway.calls_in_progress())) == (100, True, 100)


def test_calls_of_a_server_that_cannot_skip_are_no_count() -> None:
    gateway = paging(lambda _: {"skills": [_row(number) for number in range(100)], "totalRecords": 150})
    with pytest.raises(errors.ServerTrouble, match="fewer campaigns than there are"):
        gateway.calls_in_progress()


def test_skill_that_moved_onto_a_later_page_may_hide_another_with_calls() -> None:
    """A skill was added meanwhile, before those that were still to come; one of them was on no page."""

    def page(skip: int) -> dict[str, Any]:
        numbers = range(1, 101) if not skip else range(100, 150)
        return {"skills": [_row(number) for number in numbers], "totalRecords": 150}

    with pytest.raises(errors.ServerTrouble, match="fewer campaigns than there are"):
        paging(page).calls_in_progress()


def test_part_of_the_calls_is_no_count() -> None:
    gateway = paging(lambda _: {"skills": [_row(1)], "totalRecords": 1}, status=206)
    with pytest.raises(errors.ServerTrouble, match="fewer campaigns than there are"):
        gateway.calls_in_progress()


@pytest.mark.parametrize(
    "change",
    [{"skillActivity": []}, {"skillActivity": [{"skillId": 999, "contactsActive": 0}]}],
    ids=["nobody's", "another's"],
)
def test_answer_that_is_not_about_the_campaign_is_not_none(
    simulator: PublishedSimulator, gateway: Published, skill: str, change: dict[str, Any]
) -> None:
    simulator.fail("GET", f"{ROOT}/skills/{skill}/activity", change=change)
    with pytest.raises(errors.ServerTrouble):
        gateway.calls_in_progress(skill)


# --- A reading that the budget ends


def test_reading_goes_on_where_the_budget_ended_it(simulator: PublishedSimulator, memory: Memory, hand: Hand) -> None:
    for _ in range(350):
        simulator.add(calls=1)
    # The token, the address and two pages.
    first = gateway_to(simulator, memory=memory, budget=Till(4), lane=Lane.BACKGROUND)
    with pytest.raises(errors.BudgetSpent) as caught:
        first.list_campaigns()
    assert caught.value.goes_on
    hand.now += 61
    simulator.record.clear()
    # A token and an address of its own, two pages, the zone and the schedules, and two of four pages of calls.
    second = gateway_to(simulator, memory=memory, budget=Till(8), lane=Lane.BACKGROUND)
    listed = second.list_campaigns()
    assert (len(listed.digests), listed.complete, listed.requests) == (350, True, 4)
    assert listed.seconds_old == 61
    with pytest.raises(errors.BudgetSpent):
        second.calls_in_progress()
    hand.now += 61
    third = gateway_to(simulator, memory=memory, lane=Lane.BACKGROUND)
    again = third.list_campaigns()
    counts = third.calls_in_progress()
    assert (again.digests, again.seconds_old, again.requests + third.requests) == (listed.digests, 122, 16)
    assert (sum(counts.values()), counts.seconds_old) == (350, 61)
    assert memory.reading is None
    assert paths(simulator).count(LIST) == 2


def test_reading_that_is_too_old_begins_anew(simulator: PublishedSimulator, memory: Memory, hand: Hand) -> None:
    for _ in range(150):
        simulator.add()
    with pytest.raises(errors.BudgetSpent):
        gateway_to(simulator, memory=memory, budget=Till(3)).list_campaigns()
    hand.now += assumed.MOST_LIST_SECONDS + 1
    listed = gateway_to(simulator, memory=memory).list_campaigns()
    assert (len(listed.digests), listed.seconds_old, listed.requests) == (150, 0, 0)


# --- The tenant


def test_tenant_is_read_once_an_hour(simulator: PublishedSimulator, gateway: Published, hand: Hand) -> None:
    for seconds in (0, assumed.TENANT_EVERY - 1, 1):
        hand.now += seconds
        gateway.list_campaigns()
    assert paths(simulator).count(f"{ROOT}/business-unit") == 2
    assert gateway.tenant() == TenantFacts("America/New_York", daily_limit=100_000)


def test_setting_overrules_the_tenants_zone(simulator: PublishedSimulator, skill: str) -> None:
    gateway = gateway_to(simulator, zone="Europe/Berlin")
    assert gateway.read_for_edit(skill).schedule["timezone"] == "Europe/Berlin"


def test_zone_that_nobody_knows_is_told(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    unit: dict[str, object] = {"businessUnits": [{"defaultTimeZone": "Middle Earth Standard Time"}]}
    simulator.fail("GET", f"{ROOT}/business-unit", body=unit)
    gateway.list_campaigns()
    facts = gateway.tenant()
    assert facts
    assert facts.zone_problem == (
        "CXone calls the time zone of its schedules “Middle Earth Standard Time”, and no zone is known by that name. "
        "An admin can set CXONE_TIMEZONE, such as America/New_York."
    )


def test_without_their_zone_schedules_are_not_read(
    simulator: PublishedSimulator, gateway: Published, skill: str
) -> None:
    simulator.fail("GET", f"{ROOT}/business-unit", status=503)
    (state,) = gateway.list_campaigns().states([skill])
    assert (state.status, state.schedule, gateway.tenant()) == ("ACTIVE", None, None)


def test_asks_for_json_and_by_version(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    gateway.read_state(skill)
    assert paths(simulator)[-1] == f"{LIST}/{skill}"


def test_what_a_server_repeats_forever_ends(budget: Till) -> None:
    """No total, and the same page whatever was asked for."""
    row = {"skillId": 1, "isOutbound": True, "outboundStrategy": "Personal Connection", "isRunning": True}
    content = {"skills": [row], "skillActivity": [{"skillId": 1, "contactsActive": 3}], "access_token": "t"}
    content |= {"businessUnits": [{"defaultTimeZone": "UTC"}]}
    server = httpx.MockTransport(lambda _: httpx.Response(200, json=content))
    gateway = gateway_to(server, where=Whereabouts("https://cxone.test", "", ""), budget=budget)
    assert list(gateway.list_campaigns().digests) == ["1"]
    assert gateway.calls_in_progress() == {"1": 3}
    assert gateway.requests < 10
