"""The button that puts the old hours back."""

from datetime import timedelta

import pytest
from django.test import Client

from campaigns.models import Calendar, Campaign, Holiday, Operation
from campaigns.queueing.rows import database_now
from campaigns.schedule import same
from campaigns.simulator import Simulator
from tests.factories import SCHEDULE
from tests.operations.runner.schedules import MONDAY, ask_schedule, campaign, schedule_at
from tests.worker import clock, cxone, posts_events, run

__all__ = ["campaign", "clock", "cxone", "posts_events"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(campaign: Campaign, cxone: Simulator) -> Operation:
    """Of a paused campaign, so that no hour of the day brings a warning."""
    cxone.change("spring", status="PAUSED")
    return run(ask_schedule(campaign, MONDAY))


def test_button_puts_the_hours_back(supervisor: Client, change: Operation, cxone: Simulator) -> None:
    page = supervisor.get(f"/operations/{change.pk}/")
    assert "Put the old hours back" in page.text
    response = supervisor.post(f"/operations/{change.pk}/hours-back/")
    undo = Operation.objects.exclude(pk=change.pk).get()
    assert (response.status_code, response["Location"]) == (303, f"/operations/{undo.pk}/")
    run(undo)
    assert same(schedule_at(cxone), SCHEDULE)


def test_old_hours_with_findings_are_shown_in_the_form(supervisor: Client, change: Operation) -> None:
    calendar = Calendar.objects.create(name="House")
    calendar.campaigns.add(change.campaign)
    for days in range(1, 8):
        Holiday.objects.create(calendar=calendar, name="Day off", date=database_now().date() + timedelta(days=days))
    response = supervisor.post(f"/operations/{change.pk}/hours-back/")
    assert response["Location"] == f"/campaigns/spring/schedule/?undo={change.pk}"
    form = supervisor.get(response["Location"]).context["form"]
    assert same(form.schedule, SCHEDULE)
    assert form["note"].value() == "Puts the old hours back"
