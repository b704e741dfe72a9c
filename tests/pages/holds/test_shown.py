"""Where a hold shows besides its campaign's page: history, timeline, handover, wallboard and what can be found."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.attention.descriptions import describe_finding
from campaigns.handover.snapshot import take_snapshot
from campaigns.history import HistoryKind, history_of
from campaigns.models import Campaign, FindingCode, Hold
from campaigns.operations.holding import lift_hold, place_holds
from campaigns.timeline.lanes import LaneKind, lanes_of
from campaigns.timeline.reading import read_facts
from tests.attention.given import make_finding
from tests.factories import make_campaign, make_user, make_wall_link

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.fixture
def spring() -> Campaign:
    return make_campaign("spring", name="Spring renewal", status="PAUSED")


@pytest.fixture
def hold(spring: Campaign) -> Hold:
    return place_holds(campaign_ids=["spring"], by="Rita", reason="Complaint 4711").holds[0]


def reload(campaign: Campaign) -> Campaign:
    return Campaign.objects.get(pk=campaign.pk)


def test_history_says_who_placed_it_and_why(hold: Hold, spring: Campaign) -> None:
    (entry,) = history_of(spring, kinds=[HistoryKind.HOLDS]).entries
    assert (entry.what, entry.by, entry.note) == ("Put on hold", "Rita", "Complaint 4711")


def test_history_says_who_lifted_it_and_why(hold: Hold, spring: Campaign) -> None:
    lift_hold(campaign=reload(spring), by="Sam", reason="Resolved")
    entry = history_of(spring, kinds=[HistoryKind.HOLDS]).entries[0]
    assert (entry.what, entry.by, entry.note) == ("Hold lifted", "Sam", "Resolved")


def test_history_goes_on_after_a_hold(hold: Hold, spring: Campaign) -> None:
    lift_hold(campaign=reload(spring), by="Sam", reason="Resolved")
    first = history_of(spring, limit=1, kinds=[HistoryKind.HOLDS])
    (older,) = history_of(spring, limit=1, before=first.older, kinds=[HistoryKind.HOLDS]).entries
    assert older.what == "Put on hold"


def test_timeline_has_it_until_now(hold: Hold, spring: Campaign) -> None:
    since, now = hold.placed_at - timedelta(hours=1), hold.placed_at + timedelta(hours=1)
    facts = read_facts([reload(spring)], since, now + timedelta(hours=5), now)["spring"]
    (stretch,) = lanes_of(facts, since, now + timedelta(hours=5), now).sides[LaneKind.HOLD]
    assert (stretch.begins, stretch.ends) == (hold.placed_at, now)
    assert stretch.words == "on hold by Rita: Complaint 4711"


def test_timeline_has_no_hold_that_ended_before(hold: Hold, spring: Campaign) -> None:
    lift_hold(campaign=reload(spring), by="Sam", reason="Resolved")
    since = timezone.now() + timedelta(hours=1)
    facts = read_facts([reload(spring)], since, since + timedelta(hours=1), since + timedelta(hours=2))["spring"]
    assert list(facts.holds) == []


def test_handover_names_it(hold: Hold) -> None:
    taken: dict[str, Any] = take_snapshot(timezone.now())
    assert [(row["name"], row["by"], row["reason"]) for row in taken["holds"]] == [
        ("Spring renewal", "Rita", "Complaint 4711")
    ]


def test_handover_page_shows_it(hold: Hold, client: Client) -> None:
    client.force_login(make_user())
    assert "Complaint 4711" in client.get("/handover/new/").text


def test_wallboard_counts_it(hold: Hold, client: Client) -> None:
    make_wall_link("a-token-of-a-wallboard")
    assert "<dt>On hold</dt><dd>1</dd>" in client.get("/wall/a-token-of-a-wallboard/").text


def test_wallboard_without_holds_has_no_such_count(spring: Campaign, client: Client) -> None:
    make_wall_link("a-token-of-a-wallboard")
    assert "On hold" not in client.get("/wall/a-token-of-a-wallboard/").text


@pytest.mark.parametrize(("typed", "found"), [("on hold", "/campaigns/?hold=1"), ("compliance", "/campaigns/?hold=1")])
def test_list_of_holds_is_found_by_name(typed: str, found: str, client: Client) -> None:
    client.force_login(make_user("reviewer"))
    assert found in client.get("/find/", {"q": typed}).text


def test_rejected_resume_says_what_to_ask_for(hold: Hold, spring: Campaign) -> None:
    details = {"operation": "x", "kind": "resume", "state": "REJECTED", "by": "Ada", "error": "It is on hold."}
    finding = make_finding(FindingCode.OPERATION_FAILED, reload(spring), details=details)
    assert describe_finding(finding).next == "It is on hold: ask for the hold to be lifted, then try again."


def test_dialing_on_hold_says_by_whom_it_is_held() -> None:
    words = describe_finding(make_finding(FindingCode.DIALING_ON_HOLD))
    assert words.why.startswith("rita put it on hold Wed 25 Nov 11:00 EST (“Complaint”)")
    assert words.next.startswith("Pause it now.")
