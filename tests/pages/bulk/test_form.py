"""The form about many campaigns: what it says, the number that confirms a resume, and what it refuses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Record
from campaigns.models import Bulk, Campaign, OperationKind
from campaigns.operations.bulk import requests
from campaigns.pages.bulk import prospect
from campaigns.states import State
from tests.factories import make_campaign, make_operation
from tests.pages.bulk.asking import PAUSE, RESUME, alert_of, open_form, send, shown

pytestmark = pytest.mark.django_db

ALL = f"{PAUSE}?all=1"
RESUME_ALL = f"{RESUME}?all=1"


@pytest.fixture
def three() -> list[Campaign]:
    return [make_campaign(f"c-{number}", name=f"Spring {number}", active_calls=number) for number in (1, 2, 3)]


def only_bulk() -> Bulk:
    return Bulk.objects.get()


# --- What it tells ---


def test_sums_are_told(supervisor: Client, three: list[Campaign]) -> None:
    make_campaign(active_calls=80)
    page = shown(supervisor.get(ALL))
    assert "Pause 4 campaigns" in page
    assert "Campaigns 4 Calls in progress 86 Over the limit 1" in page
    assert "All in the list." in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "1 will be paused."),
        ({"active_calls": 80}, "1 has more calls in progress than its limit: it is rejected, unless the reason"),
        ({"status": "PAUSED"}, "1 is paused already: nothing is sent if it still is."),
        ({"status": "DRAFT"}, "1 is neither dialing nor paused: CXone takes no pause of it, and nothing is sent."),
    ],
)
def test_effect_is_told(supervisor: Client, values: dict[str, Any], words: str) -> None:
    make_campaign(**values)
    assert words in shown(supervisor.get(ALL))


def test_what_is_only_stopped_is_not_called_paused(supervisor: Client, cxone_cannot: Callable[..., None]) -> None:
    cxone_cannot("holds_pauses")
    make_campaign(status="PAUSED")
    page = shown(supervisor.get(ALL))
    assert "1 is stopped already: nothing is sent if it still is." in page
    assert "nothing: stopped already" in page


def test_other_operation_is_named(supervisor: Client) -> None:
    make_operation(make_campaign(), state=State.RUNNING, by="bob")
    page = shown(supervisor.get(ALL))
    assert "1 has a pause in progress already, which goes on" in page
    assert "in the way: the pause by bob" in page


def test_resume_makes_no_way(supervisor: Client) -> None:
    make_operation(make_campaign(status="PAUSED"), state=State.RUNNING)
    page = shown(supervisor.get(f"{RESUME}?all=1"))
    assert "1 has another operation in progress: it is rejected here, and that one goes on." in page


def test_stop_takes_the_place_of_others(supervisor: Client) -> None:
    make_operation(make_campaign(), kind="resume", state=State.RUNNING, by="bob")
    page = shown(supervisor.get(ALL))
    assert "1 will be paused." in page
    assert "paused, in place of the resume by bob" in page


def test_gone_campaign_is_left_out(supervisor: Client, three: list[Campaign]) -> None:
    make_campaign("c-4", gone_at=timezone.now())
    page = supervisor.get(ALL)
    assert "Pause 3 campaigns" in shown(page)
    assert "1 is left out: CXone no longer lists it." in shown(page)
    send(supervisor, ALL)
    assert only_bulk().campaign_ids == ["c-3", "c-2", "c-1"]


def test_trouble_comes_first(supervisor: Client, three: list[Campaign]) -> None:
    make_campaign("c-4", active_calls=80)
    make_campaign("c-5", status="PAUSED", active_calls=90)
    rows = supervisor.get(ALL).context["prospect"].rows
    assert [row.campaign.pk for row in rows] == ["c-4", "c-3", "c-2", "c-1", "c-5"]


def test_old_data_is_told_as_old(supervisor: Client, three: list[Campaign]) -> None:
    assert "CXone has not been read yet." in shown(supervisor.get(ALL))


def test_unknown_campaigns_are_counted(supervisor: Client, three: list[Campaign]) -> None:
    assert "1 of the selected is not known here, and left out." in shown(supervisor.get(f"{PAUSE}?id=c-1&id=c-9"))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No campaign is selected"),
        ("?all=1&status=PAUSED", "No campaign matches"),
        ("?id=c-9", "The selected campaigns are not known here"),
    ],
)
def test_no_campaign_is_a_sentence(supervisor: Client, three: list[Campaign], query: str, words: str) -> None:
    page = supervisor.get(PAUSE + query)
    assert words in shown(page)
    assert "Number of campaigns" not in page.text


def test_gone_campaigns_alone_are_a_sentence(supervisor: Client) -> None:
    make_campaign(gone_at=timezone.now())
    assert "None of them is in CXone any more" in shown(supervisor.get(ALL))


def test_too_many_are_a_sentence(supervisor: Client, three: list[Campaign], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "MOST_CAMPAIGNS", 2)
    page = supervisor.get(ALL)
    assert "Narrow the filter" in shown(page)
    assert "Number of campaigns" not in page.text
    assert supervisor.post(ALL, {"reason": "MAINTENANCE"}).status_code == 422
    assert not Bulk.objects.exists()


def test_way_back_leads_to_the_list_as_it_was(supervisor: Client, three: list[Campaign]) -> None:
    page = supervisor.get(f"{PAUSE}?id=c-1&listed=status%3DACTIVE%26page%3D2")
    assert 'href="/campaigns/?status=ACTIVE&amp;page=2"' in page.text


# --- What it asks for ---


def test_reason_is_all_that_a_pause_needs(supervisor: Client, three: list[Campaign]) -> None:
    assert "Number of campaigns" not in supervisor.get(ALL).text
    response = send(supervisor, f"{ALL}&status=active", note="storm")
    bulk = only_bulk()
    assert response["Location"] == f"/bulk/{bulk.pk}/"
    assert (bulk.kind, bulk.by, bulk.reason, bulk.note) == (OperationKind.PAUSE, "ann", "MAINTENANCE", "storm")
    assert bulk.selection == {"filter": {"status": "ACTIVE"}}


def test_overriding_reason_needs_nothing_else(supervisor: Client, three: list[Campaign]) -> None:
    make_campaign(active_calls=80)
    assert send(supervisor, ALL, reason="EMERGENCY").status_code == 303
    assert only_bulk().override is True


def test_ticked_campaigns_are_resumed(supervisor: Client, three: list[Campaign]) -> None:
    make_campaign("c-4", status="PAUSED")
    send(supervisor, f"{RESUME}?id=c-4&id=c-1", number="2", reason="RESOLVED")
    assert (only_bulk().kind, only_bulk().selection) == (OperationKind.RESUME, {"ids": 2})
    assert set(only_bulk().campaign_ids) == {"c-4", "c-1"}


@pytest.mark.parametrize("typed", ["3", " 3 ", "3.", "0003"])
def test_number_may_be_typed_as_people_do(supervisor: Client, three: list[Campaign], typed: str) -> None:
    assert send(supervisor, RESUME_ALL, number=typed).status_code == 303


@pytest.mark.parametrize("typed", ["4", "-3", "0.3", "three", "3x", "³", "٣", "1e1", "3\0"])
def test_other_number_does_nothing(supervisor: Client, three: list[Campaign], typed: str) -> None:
    page = send(supervisor, RESUME_ALL, number=typed, note="storm", reason="MAINTENANCE")
    assert page.status_code == 422
    assert not Bulk.objects.exists()
    assert page.context["form"]["note"].value() == "storm"
    assert page.context["form"].chosen_reason == "MAINTENANCE"


def test_other_number_is_shown_with_the_right_one(supervisor: Client, three: list[Campaign]) -> None:
    page = send(supervisor, RESUME_ALL, number="4")
    assert "Nothing was sent yet. You typed “4”, and these are 3 campaigns. Type 3 if you mean all of them." in shown(
        page
    )
    assert 'id="id_number" value="4"' in page.text


def test_missing_number_is_asked_for(supervisor: Client, three: list[Campaign]) -> None:
    assert "Type the number of campaigns to confirm: 3." in alert_of(send(supervisor, RESUME_ALL))


def test_missing_reason_is_asked_for(supervisor: Client, three: list[Campaign]) -> None:
    page = send(supervisor, RESUME_ALL, number="3", reason="")
    assert page.status_code == 422
    assert "Choose a reason" in alert_of(page)
    assert 'id="id_number" value="3"' in page.text


def test_form_without_its_fields_is_explained(supervisor: Client, three: list[Campaign]) -> None:
    page = supervisor.post(ALL, {"reason": "MAINTENANCE"})
    assert "This form was incomplete, so nothing was sent." in alert_of(page)
    assert not Bulk.objects.exists()


def test_spoilt_form_is_explained(supervisor: Client, three: list[Campaign]) -> None:
    page = send(supervisor, ALL, seen="nonsense!")
    assert (page.status_code, Bulk.objects.count()) == (422, 0)
    assert "This form was incomplete, so nothing was sent." in alert_of(page)


# --- Sent twice ---


def test_double_click_is_one_bulk(supervisor: Client, three: list[Campaign]) -> None:
    fields = open_form(supervisor, f"{ALL}&status=ACTIVE") | {"reason": "EMERGENCY"}
    first = supervisor.post(f"{ALL}&status=ACTIVE", fields)
    # The first click has paused them by now, so that the filter matches none.
    Campaign.objects.update(status="PAUSED")
    second = supervisor.post(f"{ALL}&status=ACTIVE", fields)
    assert second["Location"] == first["Location"] == f"/bulk/{only_bulk().pk}/"


def test_sent_form_with_another_reason_changes_nothing(supervisor: Client, three: list[Campaign]) -> None:
    fields = open_form(supervisor, ALL) | {"reason": "EMERGENCY"}
    supervisor.post(ALL, fields)
    page = supervisor.post(ALL, fields | {"reason": "MAINTENANCE"}, follow=True)
    assert "This form was sent before, with another reason or note. That bulk stands." in shown(page)
    assert only_bulk().reason == "EMERGENCY"


# --- Left open ---


def test_campaign_that_joined_is_shown_first(supervisor: Client, three: list[Campaign]) -> None:
    fields = open_form(supervisor, ALL) | {"reason": "EMERGENCY", "note": "storm"}
    make_campaign(name="Autumn")
    page = supervisor.post(ALL, fields)
    assert page.status_code == 409
    assert not Bulk.objects.exists()
    assert "The campaigns changed while this form was open. Nothing was sent." in alert_of(page)
    assert "These are 4 campaigns now." in alert_of(page)
    assert "Autumn was not among them, and is active." in alert_of(page)


def test_number_is_typed_anew(supervisor: Client, three: list[Campaign]) -> None:
    fields = open_form(supervisor, RESUME_ALL) | {"reason": "MAINTENANCE", "number": "3", "note": "storm"}
    Campaign.objects.filter(pk="c-1").update(status="PAUSED", control="person", controller="bob")
    page = supervisor.post(RESUME_ALL, fields)
    assert "Spring 1 was active, is paused now, by bob." in alert_of(page)
    assert 'id="id_number" value=""' in page.text
    assert page.context["form"]["note"].value() == "storm"
    assert page.context["form"].chosen_reason == "MAINTENANCE"


def test_confirmed_anew_it_is_sent(supervisor: Client, three: list[Campaign]) -> None:
    fields = open_form(supervisor, ALL) | {"reason": "EMERGENCY"}
    make_campaign()
    page = supervisor.post(ALL, fields)
    again = {"key": fields["key"], "seen": page.context["form"].own_seen, "reason": "EMERGENCY"}
    assert supervisor.post(ALL, again).status_code == 303
    assert only_bulk().number == 4


def test_campaign_that_left_is_named(supervisor: Client, three: list[Campaign]) -> None:
    fields = open_form(supervisor, f"{ALL}&status=ACTIVE") | {"reason": "EMERGENCY"}
    Campaign.objects.filter(pk="c-1").update(status="PAUSED", control="outside")
    page = supervisor.post(f"{ALL}&status=ACTIVE", fields)
    assert "Spring 1 is no longer among them: it is paused, in CXone." in alert_of(page)


def test_many_changes_are_counted(supervisor: Client) -> None:
    for number in range(30):
        make_campaign(f"c-{number}")
    fields = open_form(supervisor, ALL) | {"reason": "EMERGENCY"}
    Campaign.objects.update(status="PAUSED")
    assert "And 10 more." in alert_of(supervisor.post(ALL, fields))


def test_none_left_is_a_sentence(supervisor: Client, three: list[Campaign]) -> None:
    fields = open_form(supervisor, f"{ALL}&status=ACTIVE") | {"reason": "EMERGENCY"}
    Campaign.objects.update(status="PAUSED")
    page = supervisor.post(f"{ALL}&status=ACTIVE", fields)
    assert (page.status_code, Bulk.objects.count()) == (409, 0)
    assert "No campaign matches" in shown(page)


def test_calls_change_all_the_time(supervisor: Client, three: list[Campaign]) -> None:
    fields = open_form(supervisor, ALL) | {"reason": "EMERGENCY"}
    Campaign.objects.update(active_calls=90)
    assert supervisor.post(ALL, fields).status_code == 303


# --- Many pages ---


def test_other_page_keeps_what_was_typed(
    supervisor: Client, three: list[Campaign], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prospect, "ROWS", 2)
    page = send(supervisor, RESUME_ALL, page="2", number="3", note="storm", reason="MAINTENANCE")
    assert (page.status_code, Bulk.objects.count()) == (200, 0)
    assert [row.campaign.pk for row in page.context["prospect"].rows] == ["c-1"]
    form = page.context["form"]
    assert (form.chosen_reason, form["note"].value(), form.typed_number) == ("MAINTENANCE", "storm", "3")
    assert "page=2&amp;seen=" in page.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "²", "9" * 5000])
def test_nonsense_page_is_a_page(supervisor: Client, three: list[Campaign], page: str) -> None:
    assert supervisor.get(f"{ALL}&page={page}").status_code == 200


# --- Its refreshes ---


def refresh(client: Client, seen: str) -> Any:
    return client.get(f"{ALL}&page=1&seen={seen}", headers={"HX-Request": "true"})


def test_unchanged_costs_an_empty_answer(supervisor: Client, three: list[Campaign]) -> None:
    seen = supervisor.get(ALL).context["prospect"].version
    assert refresh(supervisor, seen).status_code == 204


def test_new_calls_are_sent(supervisor: Client, three: list[Campaign]) -> None:
    seen = supervisor.get(ALL).context["prospect"].version
    Campaign.objects.filter(pk="c-1").update(active_calls=40)
    page = refresh(supervisor, seen)
    assert "Calls in progress 45" in shown(page)
    assert "<html" not in page.text
    assert 'name="number"' not in page.text


# --- Who may ---


@pytest.mark.parametrize("address", [PAUSE, RESUME])
def test_reviewer_may_not(reviewer: Client, three: list[Campaign], address: str) -> None:
    fields = {"reason": "EMERGENCY"}
    assert reviewer.post(f"{address}?all=1", fields).status_code == 403
    assert not Bulk.objects.exists()


def test_request_is_on_record(supervisor: Client, three: list[Campaign]) -> None:
    send(supervisor, ALL)
    record = Record.objects.get(kind="bulk.asked")
    assert (record.by, record.details["campaigns"]) == ("ann", 3)


def test_reason_that_was_retired_meanwhile_is_refused(supervisor: Client, three: list[Campaign]) -> None:
    page = send(supervisor, ALL, number="3", reason="NO_SUCH")
    assert "This is not one of the reason codes." in alert_of(page)


def test_campaigns_that_are_long_gone_are_not_matched(supervisor: Client, three: list[Campaign]) -> None:
    make_campaign(gone_at=timezone.now() - timedelta(days=30))
    assert "left out" not in shown(supervisor.get(ALL))
