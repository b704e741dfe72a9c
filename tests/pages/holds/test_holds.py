"""Placing and lifting holds on pages: who may, what they type, and what everybody else sees."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Bulk, Campaign, Hold, Operation
from campaigns.operations.holding import place_holds
from tests.factories import SCHEDULE, make_campaign, make_operation, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("enqueued")]

PAGE, FORM, LIFT = "/campaigns/spring/", "/campaigns/spring/hold/", "/campaigns/spring/hold/lift/"
HOURS = "/campaigns/spring/schedule/"
MANY = "/bulk/hold/?id=spring&id=autumn"


@pytest.fixture
def spring() -> Campaign:
    return make_campaign("spring", name="Spring renewal", status="PAUSED")


@pytest.fixture
def reviewer(client: Client) -> Client:
    client.force_login(make_user("reviewer", "rita"))
    return client


@pytest.fixture
def supervisor() -> Client:
    client = Client()
    client.force_login(make_user("supervisor"))
    return client


@pytest.fixture
def hold(spring: Campaign) -> Hold:
    return place_holds(campaign_ids=["spring"], by="rita", reason="Complaint 4711").holds[0]


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).text.split())


# --- place ---


def test_reviewer_places_a_hold(spring: Campaign, reviewer: Client) -> None:
    assert reviewer.post(FORM, {"reason": "Complaint 4711"}).status_code == 303
    held = Hold.objects.get(ended_at=None)
    assert (held.campaign_id, held.placed_by, held.reason, held.until) == ("spring", "rita", "Complaint 4711", None)


def test_reason_loses_what_would_reorder_other_words(spring: Campaign, reviewer: Client) -> None:
    """As pasted from elsewhere. Nobody has to look for characters that can't be seen."""
    reviewer.post(FORM, {"reason": "\u202eComplaint\u2066 4711\0\r\nby letter \u202c"})
    assert Hold.objects.get().reason == "Complaint 4711\nby letter"


def test_reason_is_required(spring: Campaign, reviewer: Client) -> None:
    response = reviewer.post(FORM, {"reason": "  "})
    assert (response.status_code, Hold.objects.exists()) == (422, False)
    assert "Say why" in response.text


def test_until_is_where_the_campaign_is(spring: Campaign, reviewer: Client) -> None:
    reviewer.post(FORM, {"reason": "Audit", "until_date": "2027-01-11", "until_time": "9am"})
    assert f"{Hold.objects.get().until:%Y-%m-%d %H:%M}" == "2027-01-11 14:00"


def test_hour_that_clocks_skip_is_asked_about(spring: Campaign, reviewer: Client) -> None:
    typed = {"reason": "Complaint 4711", "until_date": "2027-03-14", "until_time": "02:30"}
    response = reviewer.post(FORM, typed)
    assert (response.status_code, Hold.objects.exists()) == (422, False)
    assert "Which one do you mean?" in response.text
    assert "Complaint 4711" in response.text


def test_time_that_has_passed_is_refused(spring: Campaign, reviewer: Client) -> None:
    yesterday = timezone.now() - timedelta(days=2)
    response = reviewer.post(FORM, {"reason": "Audit", "until_date": f"{yesterday:%Y-%m-%d}", "until_time": "09:00"})
    assert (response.status_code, Hold.objects.exists()) == (422, False)


def test_pause_is_ticked_where_the_campaign_dials(spring: Campaign, reviewer: Client) -> None:
    assert "And pause it now" not in text_of(reviewer, FORM)
    Campaign.objects.update(status="ACTIVE")
    assert 'id="id_pause" value="on" checked' in text_of(reviewer, FORM)


def test_ticked_pause_is_asked_for(spring: Campaign, reviewer: Client) -> None:
    Campaign.objects.update(status="ACTIVE")
    reviewer.post(FORM, {"reason": "Complaint 4711", "pause": "on"})
    pause = Operation.objects.get()
    assert (pause.kind, pause.reason, pause.note, pause.by) == ("pause", "COMPLIANCE_HOLD", "Complaint 4711", "rita")


def test_hold_without_the_tick_pauses_nothing(spring: Campaign, reviewer: Client) -> None:
    Campaign.objects.update(status="ACTIVE")
    reviewer.post(FORM, {"reason": "Complaint 4711"})
    assert (Hold.objects.count(), Operation.objects.count()) == (1, 0)


def test_second_click_is_the_same_hold(spring: Campaign, reviewer: Client) -> None:
    for _ in range(2):
        assert reviewer.post(FORM, {"reason": "Complaint 4711"}).status_code == 303
    assert Hold.objects.count() == 1


def test_what_was_sent_already_is_said(spring: Campaign, reviewer: Client) -> None:
    make_operation(spring, kind="resume", state="ACCEPTED", by="Ada", sent_at=timezone.now())
    page = reviewer.post(FORM, {"reason": "Complaint 4711"}, follow=True).text
    assert "A resume requested by Ada had been sent to CXone already" in page


# --- lift ---


def test_reviewer_lifts_it_with_a_reason(hold: Hold, reviewer: Client) -> None:
    assert reviewer.post(LIFT, {"reason": "Resolved", "seen": hold.pk}).status_code == 303
    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lifted_reason) == ("rita", "Resolved")


def test_lift_without_a_reason_is_refused(hold: Hold, reviewer: Client) -> None:
    assert reviewer.post(LIFT, {"reason": "", "seen": hold.pk}).status_code == 422
    hold.refresh_from_db()
    assert hold.ended_at is None


def test_other_hold_than_the_seen_one_stays(hold: Hold, reviewer: Client) -> None:
    response = reviewer.post(LIFT, {"reason": "Resolved", "seen": hold.pk + 1})
    assert response.status_code == 409
    assert "Resolved" in response.text


# --- what others see ---


@pytest.mark.parametrize("address", [PAGE, "/campaigns/spring/resume/", HOURS])
def test_supervisor_reads_who_why_and_whom_to_ask(hold: Hold, supervisor: Client, address: str) -> None:
    page = text_of(supervisor, address)
    assert "On hold" in page
    assert "Complaint 4711" in page
    assert "Ask rita, another reviewer or an admin to lift it." in page


def test_supervisor_has_no_button_to_resume_or_lift(hold: Hold, supervisor: Client) -> None:
    page = text_of(supervisor, PAGE)
    assert 'id="resume"' not in page
    assert 'id="lift-hold"' not in page
    assert 'id="schedule"' not in page


def test_supervisor_cannot_lift_it(hold: Hold, supervisor: Client) -> None:
    assert supervisor.post(LIFT, {"reason": "Resolved", "seen": hold.pk}).status_code == 403
    assert Hold.objects.filter(ended_at=None).exists()


def test_supervisors_resume_is_refused_in_words(hold: Hold, supervisor: Client) -> None:
    form = {"reason": "RESOLVED", "note": "", "seen": "PAUSED", "key": "6f2c1f0e-58f5-4f6e-9a7e-000000000001"}
    response = supervisor.post("/campaigns/spring/resume/", form)
    assert (response.status_code, Operation.objects.count()) == (409, 0)
    assert "The campaign is on hold: rita placed it" in response.text


def test_hours_can_be_checked_but_not_saved(hold: Hold, supervisor: Client) -> None:
    page = text_of(supervisor, HOURS)
    assert "On hold: these hours can be checked, not saved." in page
    assert "Save hours" not in page
    assert 'name="do" value="check"' in page


def test_hours_typed_before_the_hold_stay(hold: Hold, supervisor: Client) -> None:
    page = supervisor.post(
        HOURS, {"day": "MON", "start": "10:15", "end": "17:00", "note": "summer", "do": "check"}
    ).text
    assert 'value="10:15"' in page
    assert "summer" in page


def test_reviewer_has_the_button_to_lift(hold: Hold, reviewer: Client) -> None:
    assert 'id="lift-hold"' in text_of(reviewer, PAGE)


def test_panel_leads_to_the_forms(spring: Campaign, reviewer: Client) -> None:
    assert 'id="panel-place-hold"' in reviewer.get("/campaigns/spring/panel/", headers={"hx-request": "true"}).text


def test_list_shows_it_and_finds_it(hold: Hold, supervisor: Client) -> None:
    make_campaign("autumn", name="Autumn appeal")
    page = text_of(supervisor, "/campaigns/?hold=1")
    assert "Spring renewal" in page
    assert "Autumn appeal" not in page
    assert 'class="shape lock"' in page


def test_list_without_it_has_no_sign(spring: Campaign, supervisor: Client) -> None:
    assert 'class="shape lock"' not in text_of(supervisor, "/campaigns/")


def test_export_has_a_column_for_it(hold: Hold, supervisor: Client) -> None:
    lines = b"".join(supervisor.post("/campaigns/list.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "On hold" in lines.splitlines()[0]
    assert "rita placed it" in lines


def test_resume_of_many_says_what_is_skipped(hold: Hold, supervisor: Client) -> None:
    make_campaign("autumn", status="PAUSED")
    page = text_of(supervisor, "/bulk/resume/?id=spring&id=autumn")
    assert "1 is on hold: it is skipped" in page
    assert "<h1>Resume 1 campaign</h1>" in page


# --- many ---


def test_many_are_held_at_once(spring: Campaign, reviewer: Client) -> None:
    make_campaign("autumn", status="PAUSED")
    assert reviewer.post(MANY, {"reason": "Audit"}).status_code == 303
    assert Hold.objects.filter(ended_at=None).count() == 2


def test_those_that_dial_are_paused_as_one_bulk(spring: Campaign, reviewer: Client) -> None:
    make_campaign("autumn", status="ACTIVE")
    reviewer.post(MANY, {"reason": "Audit", "pause": "on"})
    bulk = Bulk.objects.get()
    assert (bulk.campaign_ids, bulk.reason, bulk.note, bulk.override) == (["autumn"], "COMPLIANCE_HOLD", "Audit", True)


UNTIL = {"reason": "Audit", "until_date": "2027-01-11", "until_time": "9am"}


def ends_of_holds() -> set[str]:
    return {f"{hold.until:%Y-%m-%d %H:%M}" for hold in Hold.objects.filter(ended_at=None)}


def test_many_are_held_until_a_time_where_they_are(spring: Campaign, reviewer: Client) -> None:
    make_campaign("autumn", status="PAUSED")
    assert "In the time zone of the campaigns, America/New_York." in text_of(reviewer, MANY)
    reviewer.post(MANY, UNTIL)
    assert (Hold.objects.count(), ends_of_holds()) == (2, {"2027-01-11 14:00"})


def test_many_in_several_zones_are_held_until_a_time_where_the_reader_is(spring: Campaign, reviewer: Client) -> None:
    make_campaign("autumn", status="PAUSED", schedule=SCHEDULE | {"timezone": "America/Chicago"})
    reviewer.cookies["zone"] = "Europe/Berlin"
    assert "write it in yours, Europe/Berlin. It is the same moment for all." in text_of(reviewer, MANY)
    reviewer.post(MANY, UNTIL)
    assert (Hold.objects.count(), ends_of_holds()) == (2, {"2027-01-11 08:00"})


def test_many_are_not_held_until_a_time_that_has_passed(spring: Campaign, reviewer: Client) -> None:
    make_campaign("autumn", status="PAUSED")
    response = reviewer.post(MANY, UNTIL | {"until_date": "2020-01-11"})
    assert (response.status_code, Hold.objects.exists()) == (422, False)
    assert "This time has passed. Choose a later one." in response.text
    assert 'value="2020-01-11"' in response.text


def test_nothing_selected_changes_nothing(reviewer: Client) -> None:
    page = reviewer.post("/bulk/hold/", {"reason": "Audit"})
    assert (page.status_code, Hold.objects.count()) == (422, 0)
    assert "No campaign is selected" in page.text
