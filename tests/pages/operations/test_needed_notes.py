"""The forms and a reason that needs a note: said before one sends, asked for on the server, nothing typed is lost."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Bulk, Campaign, Operation, ReasonCode, SyncState
from tests.factories import make_campaign
from tests.pages.asking import ask, words_of
from tests.pages.bulk.asking import PAUSE, RESUME, send

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NEEDED = "The reason “{}” needs a note: write what happened."
STOP = "/bulk/stop/"


@pytest.fixture
def campaign() -> Campaign:
    SyncState.objects.update(last_good_at=timezone.now())
    return make_campaign("c-1", active_calls=7)


@pytest.fixture(autouse=True)
def noted(campaign: Campaign) -> None:
    ReasonCode.objects.filter(pk__in=["MAINTENANCE", "COMPLIANCE_HOLD", "RESOLVED"]).update(needs_note=True)


def key_in(page: Any) -> str:
    (key,) = re.findall(r'name="key" value="([^"]+)"', page.text)
    return str(key)


def test_pause_form_says_which_reasons_need_one(supervisor: Client) -> None:
    page = words_of(supervisor.get("/campaigns/c-1/pause/"))
    assert "(optional)</span> </label>" in page
    assert "Needed with Compliance hold, Maintenance." in page


def test_pause_without_it_is_not_sent_and_keeps_what_was_typed(supervisor: Client, campaign: Campaign) -> None:
    page = ask(supervisor, "pause", campaign, reason="MAINTENANCE", until_date="2027-01-04", until_time="08:00")
    assert page.status_code == 422
    words = words_of(page)
    assert NEEDED.format("Maintenance") in words
    assert 'value="MAINTENANCE" required autocomplete="off" data-needs-note checked' in words
    assert "(needed for this reason)" in words
    assert 'value="2027-01-04"' in words
    assert not Operation.objects.exists()


def test_pause_with_it_is_sent(supervisor: Client, campaign: Campaign) -> None:
    assert ask(supervisor, "pause", campaign, reason="MAINTENANCE", note="Dialer update").status_code == 303
    assert Operation.objects.get().note == "Dialer update"


def test_blanks_are_no_note(supervisor: Client, campaign: Campaign) -> None:
    assert ask(supervisor, "pause", campaign, reason="MAINTENANCE", note=" \r\n ").status_code == 422


def test_note_that_is_too_long_has_one_error(supervisor: Client, campaign: Campaign) -> None:
    page = words_of(ask(supervisor, "pause", campaign, reason="MAINTENANCE", note="n" * 501))
    assert "501 characters; 500 fit" in page
    assert NEEDED.format("Maintenance") not in page


def test_form_that_was_sent_before_leads_to_its_operation(supervisor: Client, campaign: Campaign) -> None:
    ReasonCode.objects.update(needs_note=False)
    key = "6f1d3c1e-0000-4000-8000-000000000001"
    first = ask(supervisor, "pause", campaign, reason="MAINTENANCE", key=key)
    ReasonCode.objects.update(needs_note=True)
    again = ask(supervisor, "pause", campaign, reason="MAINTENANCE", key=key)
    assert (again.status_code, again["Location"]) == (303, first["Location"])


def test_resume_form_needs_it_for_the_reason_it_begins_with(supervisor: Client) -> None:
    paused = make_campaign("paused", status="PAUSED")
    assert "(needed for this reason)" in words_of(supervisor.get("/campaigns/paused/resume/"))
    assert ask(supervisor, "resume", paused, reason="RESOLVED").status_code == 422
    assert ask(supervisor, "resume", paused, reason="RESOLVED", note="Fixed").status_code == 303


def test_bulk_pause_without_it_is_not_sent(supervisor: Client) -> None:
    page = send(supervisor, f"{PAUSE}?all=1", reason="MAINTENANCE")
    assert page.status_code == 422
    assert NEEDED.format("Maintenance") in words_of(page)
    assert not Bulk.objects.exists()
    assert send(supervisor, f"{PAUSE}?all=1", reason="MAINTENANCE", note="Dialer update").status_code == 303


def test_bulk_resume_without_it_is_not_sent(supervisor: Client) -> None:
    make_campaign("paused", status="PAUSED")
    page = send(supervisor, f"{RESUME}?all=1&status=PAUSED", reason="RESOLVED", number="1")
    assert page.status_code == 422
    assert NEEDED.format("Resolved") in words_of(page)
    assert not Bulk.objects.exists()


def test_emergency_stop_begins_with_a_reason_that_needs_none(supervisor: Client) -> None:
    page = supervisor.get(STOP)
    assert re.search(r'value="EMERGENCY" required\s+checked', page.text)
    assert "(optional)" in words_of(page)
    sent = supervisor.post(STOP, {"key": key_in(page), "reason": "EMERGENCY", "scope": "everything"})
    assert sent.status_code == 303
    assert Bulk.objects.get().reason == "EMERGENCY"


def test_emergency_stop_with_a_reason_that_needs_one_asks_for_it(supervisor: Client) -> None:
    page = supervisor.get(STOP)
    typed = {"key": key_in(page), "reason": "COMPLIANCE_HOLD", "scope": "everything", "note": ""}
    refused = supervisor.post(STOP, typed)
    assert refused.status_code == 422
    assert NEEDED.format("Compliance hold") in words_of(refused)
    assert re.search(r'value="COMPLIANCE_HOLD" required\s+data-needs-note checked', refused.text)
    assert supervisor.post(STOP, typed | {"note": "Regulator called"}).status_code == 303


def test_without_emergency_the_stop_prefers_a_reason_that_needs_none(supervisor: Client) -> None:
    ReasonCode.objects.filter(pk="EMERGENCY").update(retired=True)
    assert re.search(r'value="HOLIDAY" required\s+checked', supervisor.get(STOP).text)
