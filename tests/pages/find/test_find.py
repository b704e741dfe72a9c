"""Finding campaigns, people, pages and actions by name."""

import re
from typing import Any

import pytest
from django.test import Client

from campaigns.models import OperationKind
from campaigns.states import State
from tests.factories import make_campaign, make_operation, make_user
from tests.pages.conftest import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def found(client: Client, typed: str) -> list[str]:
    """What the palette offers, in its order."""
    page = client.get("/find/", {"q": typed}, headers={"HX-Request": "true"}).text
    names = re.findall(r'<span class="found-name">(.*?)</span>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", name).strip() for name in names]


def leads_to(client: Client, typed: str, attribute: str = "data-go") -> str:
    """Where the first that is found leads."""
    page = client.get("/find/", {"q": typed}, headers={"HX-Request": "true"}).text
    address = re.search(rf'{attribute}="([^"]*)"', page)
    assert address
    return address[1]


def test_campaign_by_a_part_of_its_name(supervisor: Client) -> None:
    make_campaign("c-1", name="Home Equity Cross-Sell Ohio")
    make_campaign("c-2", name="Roof Inspection")
    assert found(supervisor, "ohio") == ["Home Equity Cross-Sell Ohio"]
    assert leads_to(supervisor, "ohio") == "/campaigns/c-1/"


def test_words_in_any_order(supervisor: Client) -> None:
    make_campaign("c-1", name="Home Equity Cross-Sell Ohio")
    assert found(supervisor, "ohio equity") == ["Home Equity Cross-Sell Ohio"]


def test_campaign_by_the_beginning_of_its_id(supervisor: Client) -> None:
    make_campaign("7f3a-1", name="Roof Inspection")
    assert found(supervisor, "7f3a") == ["Roof Inspection"]


def test_names_that_begin_so_come_first_then_what_needs_somebody(supervisor: Client) -> None:
    make_campaign("a", name="Auto Solar", urgency=5)
    make_campaign("b", name="Solar East", active_calls=3)
    make_campaign("c", name="Solar West", active_calls=9)
    make_campaign("d", name="Solar North", urgency=2)
    assert found(supervisor, "solar") == ["Solar North", "Solar West", "Solar East", "Auto Solar"]


def test_group_by_the_beginnings_of_its_words(supervisor: Client) -> None:
    make_campaign("c-1", name="Solar East", tags={"CXone campaign": "Q4 Outreach"})
    assert found(supervisor, "q4 out") == ["All of Q4 Outreach"]
    assert leads_to(supervisor, "q4 out") == "/campaigns/?tag=CXone+campaign%3AQ4+Outreach"


def test_verb_before_a_group_leads_to_the_form_about_all(supervisor: Client) -> None:
    make_campaign("c-1", name="Solar East", tags={"client": "Northwind"})
    assert found(supervisor, "stop northw") == ["Pause all of Northwind"]
    assert leads_to(supervisor, "stop northw") == "/bulk/pause/?all=1&amp;tag=client%3ANorthwind"
    assert leads_to(supervisor, "start northw") == "/bulk/resume/?all=1&amp;tag=client%3ANorthwind"


def test_group_leads_who_may_not_pause_to_the_list(reviewer: Client) -> None:
    make_campaign("c-1", name="Solar East", tags={"client": "Northwind"})
    assert leads_to(reviewer, "pause northwind") == "/campaigns/?tag=client%3ANorthwind"


def test_campaign_that_cxone_no_longer_has_is_not_found(supervisor: Client) -> None:
    campaign = make_campaign(name="Solar East")
    campaign.gone_at = campaign.read_at
    campaign.save()
    assert found(supervisor, "solar") == []


def test_state_is_in_the_words_of_the_list(supervisor: Client) -> None:
    make_campaign("c-1", name="Solar East", window_open=False, active_calls=0)
    make_campaign("c-2", name="Solar West", window_open=True, active_calls=3)
    for headers in ({"HX-Request": "true"}, {}):
        page = supervisor.get("/find/", {"q": "solar"}, headers=headers).text
        assert re.findall(r'standing">.*?class="word">([^<]+)<', page) == ["Dialing", "Waiting"]


def test_second_key_leads_to_the_pause(supervisor: Client) -> None:
    make_campaign("c-1", name="Solar East")
    assert leads_to(supervisor, "solar", "data-act") == "/campaigns/c-1/pause/#id_reason"


def test_second_key_leads_to_the_resume_of_a_paused_one(supervisor: Client) -> None:
    make_campaign("c-1", name="Solar East", status="PAUSED")
    assert leads_to(supervisor, "solar", "data-act") == "/campaigns/c-1/resume/#id_reason"


def test_verb_before_the_name_leads_to_the_form(supervisor: Client) -> None:
    make_campaign("c-1", name="Solar East")
    assert found(supervisor, "pause solar") == ["Pause Solar East"]
    assert leads_to(supervisor, "pause solar") == "/campaigns/c-1/pause/#id_reason"


def test_nothing_can_be_done_beside_a_pause_in_progress(supervisor: Client) -> None:
    make_operation(make_campaign(name="Solar East"), kind=OperationKind.PAUSE, state=State.RUNNING)
    page = supervisor.get("/find/", {"q": "solar"}, headers={"HX-Request": "true"}).text
    assert "data-act" not in page


def test_reviewer_is_offered_no_pause(reviewer: Client) -> None:
    make_campaign(name="Solar East")
    page = reviewer.get("/find/", {"q": "pause solar"}, headers={"HX-Request": "true"}).text
    assert "Solar East" in page
    assert "/pause/" not in page


@pytest.mark.parametrize(
    ("role", "typed", "names"),
    [
        ("supervisor", "emer", ["Emergency stop"]),
        ("supervisor", "panic", ["Emergency stop"]),
        ("reviewer", "emer", []),
        ("admin", "calling hours", ["Policy"]),
        ("supervisor", "policy", []),
        ("reviewer", "csv", ["Export the audit"]),
    ],
)
def test_pages_and_actions_by_what_people_call_them(role: str, typed: str, names: list[str]) -> None:
    assert found(sign_in(role, "somebody"), typed) == names


def test_person_leads_to_what_they_did(supervisor: Client, reviewer: Client) -> None:
    make_user("supervisor", "walter")
    assert found(supervisor, "walt") == ["What walter did"]
    assert leads_to(supervisor, "walt") == "/operations/?by=walter"
    assert leads_to(reviewer, "walt") == "/audit/?by=walter"


def test_nothing_typed_offers_what_one_may_do(supervisor: Client) -> None:
    offered = found(supervisor, "")
    assert offered[0] == "Emergency stop"
    assert "Campaigns" in offered
    assert "Policy" not in offered


def test_nothing_found_says_what_to_try(supervisor: Client) -> None:
    page = supervisor.get("/find/", {"q": "zzz\0<b>"}, headers={"HX-Request": "true"}).text
    assert "Nothing is called “zzz &lt;b&gt;”" in page


def test_page_has_links_without_a_script(supervisor: Client) -> None:
    make_campaign("c-1", name="Solar East")
    page = supervisor.get("/find/", {"q": "solar"}).text
    assert '<a href="/campaigns/c-1/">Solar East</a>' in page
    assert 'href="/campaigns/c-1/pause/"' in page


@pytest.mark.parametrize("number", [1, 8])
def test_number_of_queries_is_fixed(supervisor: Client, number: int, django_assert_num_queries: Any) -> None:
    for each in range(number):
        make_campaign(f"c-{each}", name=f"Solar {each}")
    supervisor.get("/find/", {"q": "solar"}, headers={"HX-Request": "true"})
    with django_assert_num_queries(QUERIES):
        supervisor.get("/find/", {"q": "solar"}, headers={"HX-Request": "true"})


# Session, person with rights, campaigns, operations, tags, people.
QUERIES = 6
