"""The emergency stop: what, one reason, go."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from audit.models import Record
from campaigns.models import Bulk, Calendar, Operation, OperationKind, Policy, ReasonCode
from campaigns.operations.bulk import requests
from campaigns.operations.requests import request_resume
from campaigns.pages.bulk import stop_views
from campaigns.states import State
from tests.factories import make_campaign, make_operation
from tests.pages.bulk.asking import alert_of, shown
from tests.pages.costs import HEAD

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

STOP = "/bulk/stop/"


def stop(client: Client, scope: str, address: str = STOP, **typed: str) -> Any:
    """Nothing but a scope: the reason is chosen already."""
    page = client.get(address).text
    key = re.search(r'name="key" value="([^"]+)"', page)
    reason = re.search(r'name="reason" value="([^"]+)"[^>]*checked', page)
    assert key
    assert reason
    return client.post(address, {"key": key[1], "reason": reason[1], "scope": scope} | typed)


def stopped() -> set[str]:
    return set(Bulk.objects.get().campaign_ids)


def test_everything_that_dials_or_may_is_stopped(supervisor: Client) -> None:
    make_campaign("dialing", active_calls=200)
    make_campaign("waiting", active_calls=0)
    make_campaign("paused", status="PAUSED")
    make_campaign("draft", status="DRAFT")
    page = stop(supervisor, "everything")
    assert page.status_code == 303
    assert stopped() == {"dialing", "waiting"}
    bulk = Bulk.objects.get()
    assert (bulk.kind, bulk.reason, bulk.override) == (OperationKind.PAUSE, "EMERGENCY", True)


def test_campaign_that_is_being_resumed_is_stopped(supervisor: Client) -> None:
    campaign = make_campaign("resuming", status="PAUSED")
    make_operation(campaign, kind=OperationKind.RESUME, state=State.RUNNING)
    stop(supervisor, "everything")
    assert stopped() == {"resuming"}


def test_campaign_whose_resume_waits_for_a_second_person_is_stopped(supervisor: Client) -> None:
    """Whoever approves it may not know of the stop."""
    Policy.objects.update(two_for_resume=True)
    reason = ReasonCode.objects.get(pk="RESOLVED")
    one, many = (make_campaign(name, status="PAUSED") for name in ("one", "many"))
    request_resume(campaign=one, by="Ada", reason=reason, key=uuid4().hex)
    requests.request_bulk(kind=OperationKind.RESUME, campaign_ids=[many.pk], by="Ada", reason=reason, key=uuid4().hex)
    stop(supervisor, "everything")
    assert set(Bulk.objects.get(kind=OperationKind.PAUSE).campaign_ids) == {"one", "many"}


@pytest.mark.parametrize(("is_cancelled", "expected"), [(False, {"dialing", "resuming"}), (True, {"dialing"})])
def test_campaign_of_a_bulk_of_resumes_is_stopped(supervisor: Client, is_cancelled: bool, expected: set[str]) -> None:
    """No worker has made its operations yet."""
    make_campaign("dialing")
    make_campaign("resuming", status="PAUSED")
    reason = ReasonCode.objects.get(pk="RESOLVED")
    asked = requests.request_bulk(
        kind=OperationKind.RESUME, campaign_ids=["resuming"], by="Ada", reason=reason, key=uuid4().hex
    )
    if is_cancelled:
        requests.cancel_rest(bulk=asked, by="Ada")
    stop(supervisor, "everything")
    assert set(Bulk.objects.get(kind=OperationKind.PAUSE).campaign_ids) == expected


def test_skills_of_a_campaign_of_cxone_are_stopped(supervisor: Client) -> None:
    make_campaign("a", tags={"CXone campaign": "Q4 Outreach"})
    make_campaign("b", tags={"CXone campaign": "Q3"})
    assert ">CXone campaign</h3>" in supervisor.get(STOP).text
    stop(supervisor, "tag:CXone campaign:Q4 Outreach")
    assert stopped() == {"a"}


def test_campaigns_of_a_client_are_stopped(supervisor: Client) -> None:
    make_campaign("a", tags={"client": "Northwind", "region": "Florida"})
    make_campaign("b", tags={"client": "Contoso", "region": "Florida"})
    stop(supervisor, "tag:client:Northwind")
    assert stopped() == {"a"}


def test_campaigns_of_a_zone_are_stopped_whatever_its_spelling(supervisor: Client) -> None:
    make_campaign("a", timezone="US/Eastern")
    make_campaign("b", timezone="America/New_York")
    make_campaign("c", timezone="America/Denver")
    stop(supervisor, "zone:America/New_York")
    assert stopped() == {"a", "b"}


def test_campaigns_of_a_calendar_are_stopped(supervisor: Client) -> None:
    calendar = Calendar.objects.create(name="Florida")
    calendar.campaigns.add(make_campaign("a"))
    make_campaign("b")
    stop(supervisor, f"calendar:{calendar.pk}")
    assert stopped() == {"a"}


def test_what_the_list_shows_is_offered_and_chosen(supervisor: Client) -> None:
    make_campaign("a", name="Alaska Outreach")
    make_campaign("b", name="Texas Outreach")
    address = f"{STOP}?q=alaska"
    assert re.search(r'value="listed"[^>]*checked', supervisor.get(address).text)
    stop(supervisor, "listed", address)
    assert stopped() == {"a"}


def test_each_scope_says_how_much_it_stops(supervisor: Client) -> None:
    make_campaign("a", active_calls=30, tags={"client": "Northwind"})
    make_campaign("b", active_calls=12, tags={"client": "Northwind"})
    page = shown(supervisor.get(STOP))
    assert "Every campaign 2 campaigns, 42 calls" in page
    assert "Client Northwind 2 campaigns, 42 calls" in page


def test_the_most_calls_are_stopped_first(supervisor: Client) -> None:
    for pk, calls in (("few", 3), ("most", 90), ("some", 20)):
        make_campaign(pk, active_calls=calls)
    stop(supervisor, "everything")
    assert Bulk.objects.get().campaign_ids == ["most", "some", "few"]


def test_scope_is_on_record(supervisor: Client) -> None:
    make_campaign("a", tags={"client": "Northwind"})
    stop(supervisor, "tag:client:Northwind", note="Wrong list loaded")
    record = Record.objects.get(kind="bulk.asked")
    assert (record.by, record.reason) == ("ann", "EMERGENCY")
    assert record.details["selection"] == {"emergency": "Client: Northwind"}
    assert "mergency stop of client Northwind" in shown(supervisor.get(f"/bulk/{Bulk.objects.get().pk}/"))


def test_nothing_is_stopped_without_a_choice(supervisor: Client) -> None:
    make_campaign("a")
    page = stop(supervisor, "")
    assert page.status_code == 422
    assert "Choose what to stop" in alert_of(page)
    assert not Bulk.objects.exists()


def test_what_was_typed_stays(supervisor: Client) -> None:
    make_campaign("a")
    page = stop(supervisor, "tag:client:Nobody", note="Wrong list loaded", reason="COMPLIANCE_HOLD")
    assert "all of it is paused or gone" in alert_of(page)
    assert 'value="Wrong list loaded"' in page.text
    assert re.search(r'value="COMPLIANCE_HOLD"[^>]*checked', page.text)


def test_second_click_is_the_same_stop(supervisor: Client) -> None:
    make_campaign("a")
    typed = {"key": str(uuid4()), "reason": "EMERGENCY", "scope": "everything"}
    first = supervisor.post(STOP, typed)
    # By the second click there is nothing left to stop.
    Operation.objects.all().delete()
    make_campaign("b", status="PAUSED")
    again = supervisor.post(STOP, typed)
    assert again["Location"] == first["Location"] == f"/bulk/{Bulk.objects.get().pk}/"


def test_more_than_one_bulk_may_have_are_several(supervisor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("campaigns.pages.bulk.stop_views", "campaigns.operations.bulk.requests"):
        monkeypatch.setattr(f"{module}.MOST_CAMPAIGNS", 2)
    assert requests.MOST_CAMPAIGNS == 2
    for number in range(5):
        make_campaign(f"c-{number}")
    page = stop(supervisor, "everything")
    assert page["Location"] == "/bulk/"
    parts = [bulk.campaign_ids for bulk in Bulk.objects.order_by("requested_at")]
    assert [len(part) for part in parts] == [2, 2, 1]
    assert len({pk for part in parts for pk in part}) == 5


def test_stop_that_breaks_off_between_its_parts_is_asked_for_again_as_a_whole(
    supervisor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second click finds the first part by the form's key, and would take it for the whole stop."""
    for module in ("campaigns.pages.bulk.stop_views", "campaigns.operations.bulk.requests"):
        monkeypatch.setattr(f"{module}.MOST_CAMPAIGNS", 2)
    for number in range(3):
        make_campaign(f"c-{number}")
    typed = {"key": str(uuid4()), "scope": "everything", "reason": "EMERGENCY"}
    with monkeypatch.context() as broken:
        broken.setattr(stop_views, "request_bulk", breaks_at_the_second_part)
        with pytest.raises(OperationalError):
            supervisor.post(STOP, typed)
    assert supervisor.post(STOP, typed)["Location"] == "/bulk/"
    assert sorted(pk for bulk in Bulk.objects.all() for pk in bulk.campaign_ids) == ["c-0", "c-1", "c-2"]


def breaks_at_the_second_part(**asked: Any) -> Bulk:
    if Bulk.objects.exists():
        raise OperationalError("database is locked")
    return requests.request_bulk(**asked)


def test_only_reasons_that_stop_for_certain_are_offered(supervisor: Client) -> None:
    page = supervisor.get(STOP).text
    assert 'value="EMERGENCY"' in page
    assert 'value="MAINTENANCE"' not in page


def test_without_such_a_reason_the_page_says_what_to_do(supervisor: Client) -> None:
    ReasonCode.objects.update(overrides_calls_check=False)
    assert "An admin can add one under Policy" in shown(supervisor.get(STOP))


def test_scheduled_resumes_are_mentioned(supervisor: Client) -> None:
    make_operation(make_campaign("a", status="PAUSED"), kind=OperationKind.RESUME, state=State.SCHEDULED)
    assert "1 scheduled resume stays as planned" in shown(supervisor.get(STOP))


def test_head_leads_there_for_those_who_may_pause(supervisor: Client, reviewer: Client) -> None:
    assert 'href="/bulk/stop/"' in supervisor.get("/operations/").text
    assert 'href="/bulk/stop/"' not in reviewer.get("/operations/").text


def test_filter_of_the_list_goes_along(supervisor: Client) -> None:
    assert 'href="/bulk/stop/?q=alaska"' in supervisor.get("/campaigns/?q=alaska").text


# However many campaigns there are.
QUERIES = HEAD + 7


@pytest.mark.parametrize("number", [3, 60])
def test_number_of_queries_is_fixed(supervisor: Client, number: int, django_assert_num_queries: Any) -> None:
    calendar = Calendar.objects.create(name="Florida")
    for each in range(number):
        calendar.campaigns.add(make_campaign(f"c-{each}", tags={"client": f"Client {each}"}))
    supervisor.get(STOP)
    with django_assert_num_queries(QUERIES):
        supervisor.get(STOP)
