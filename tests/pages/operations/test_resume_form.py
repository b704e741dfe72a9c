"""The form that resumes a campaign: as the one that pauses, without the calls check."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from campaigns.models import Campaign, Operation, OperationKind
from tests.factories import make_campaign, make_operation
from tests.pages.asking import ask, chosen_in, fill, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("c-1", name="Spring", status="PAUSED", active_calls=80)


def test_resume_becomes_an_operation(supervisor: Client, campaign: Campaign) -> None:
    response = ask(supervisor, "resume", campaign, note="over")
    operation = Operation.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/operations/{operation.pk}/")
    assert (operation.kind, operation.by, operation.note) == (OperationKind.RESUME, "ann", "over")


def test_calls_are_no_obstacle(supervisor: Client, campaign: Campaign) -> None:
    page = words_of(supervisor.get("/campaigns/c-1/resume/"))
    assert "limit" not in page
    assert "abandoned" not in page


def test_next_dialing_is_told(supervisor: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 1, 10, tzinfo=UTC))
    hours = [{"day": "MON", "startTime": "09:00", "endTime": "17:00"}]
    make_campaign("utc", status="PAUSED", schedule={"timezone": "UTC", "dialingHours": hours})
    assert "dialing starts when it opens Mon 09:00 UTC" in words_of(supervisor.get("/campaigns/utc/resume/"))


def test_active_one_would_be_skipped(supervisor: Client) -> None:
    make_campaign("c-2")
    assert "is active already" in words_of(supervisor.get("/campaigns/c-2/resume/"))


def test_reason_is_asked_for(supervisor: Client, campaign: Campaign) -> None:
    response = ask(supervisor, "resume", campaign, reason="", note="over")
    assert response.status_code == 422
    assert "Choose a reason: it goes on record" in response.text
    assert "over</textarea>" in response.text


def test_reasons_fit_a_resume(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get("/campaigns/c-1/resume/")
    codes = re.findall(r'name="reason" value="([A-Z_]+)"', page.text)
    assert codes == ["RESOLVED", "WFM_OVERRIDE", "WFM_SCALE_UP"]
    assert chosen_in(page) == "RESOLVED"


def test_any_reason_needs_no_override(supervisor: Client, campaign: Campaign) -> None:
    assert ask(supervisor, "resume", campaign, reason="EMERGENCY").status_code == 303


def test_stale_form_tells_what_changed(supervisor: Client, campaign: Campaign) -> None:
    form = fill(campaign)
    Campaign.objects.update(status="ACTIVE", control="outside")
    response = supervisor.post("/campaigns/c-1/resume/", form)
    assert response.status_code == 409
    assert "changed from paused to active, in CXone" in words_of(response)


def test_one_in_progress_refuses_another(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, by="bob")
    response = ask(supervisor, "resume", campaign)
    assert response.status_code == 409
    assert "See the pause requested by bob" in words_of(response)


def test_right_is_asked_for(reviewer: Client, campaign: Campaign) -> None:
    response = ask(reviewer, "resume", campaign)
    assert response.status_code == 403
    assert "Your role does not allow you to resume campaigns." in words_of(response)
    assert not Operation.objects.exists()
