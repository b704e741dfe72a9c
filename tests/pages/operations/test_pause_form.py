"""The form that pauses a campaign: its impact before the click, and every way in which it is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from time_machine import TimeMachineFixture

from campaigns.models import Campaign, Operation, OperationKind, Policy, ReasonCode, SyncState
from campaigns.states import State
from tests.factories import make_campaign, make_operation
from tests.pages.asking import ask, chosen_in, fill, words_of
from tests.pages.conftest import sign_in
from tests.pages.costs import HEAD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> None:
    """CXone was read just now."""
    SyncState.objects.update(last_good_at=timezone.now())


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("c-1", name="Spring <offer>", active_calls=7)


# --- before the click ---


def test_calls_are_shown_against_the_limit(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get("/campaigns/c-1/pause/")
    assert "7 calls in progress, within the limit of 50." in words_of(page)
    assert "Pause Spring &lt;offer&gt;</h1>" in page.text
    assert "Pause campaign</button>" in page.text


def test_too_many_calls_are_announced(supervisor: Client) -> None:
    make_campaign("busy", active_calls=80)
    page = supervisor.get("/campaigns/busy/pause/")
    assert "80 calls are in progress, over the limit of 50 that the policy sets." in words_of(page)
    assert "A pause now will be <strong>rejected</strong>" in page.text


def test_own_threshold_goes_first(supervisor: Client) -> None:
    make_campaign("own", active_calls=7, max_active_calls=5)
    assert "over the limit of 5 that an admin set for this campaign" in words_of(
        supervisor.get("/campaigns/own/pause/")
    )


def test_policys_threshold_is_the_default(supervisor: Client, campaign: Campaign) -> None:
    Policy.objects.update(max_active_calls=6)
    assert "over the limit of 6 " in words_of(supervisor.get("/campaigns/c-1/pause/"))


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_what_is_at_rest_offers_no_form(supervisor: Client, verb: str) -> None:
    make_campaign("once", status="COMPLETE")
    page = supervisor.get(f"/campaigns/once/{verb}/").text
    assert "It is complete in CXone: it can be neither paused nor resumed." in page
    assert '<form method="post" class="form panel"' not in page


def test_what_was_at_rest_long_ago_can_be_asked_for(supervisor: Client) -> None:
    make_campaign("once", status="COMPLETE")
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(hours=1))
    assert "</button>" in supervisor.get("/campaigns/once/pause/").text.partition('class="form panel"')[2]


@pytest.mark.parametrize(("status", "offered"), [("COMPLETE", False), ("DRAFT", False), ("RAMPING", True)])
def test_campaign_page_offers_what_cxone_takes(supervisor: Client, status: str, offered: bool) -> None:
    make_campaign("once", status=status)
    page = supervisor.get("/campaigns/once/").text
    assert ("Pause campaign" in page) == offered
    assert ("it can be neither paused nor resumed" in page) != offered
    assert "Resume campaign" not in page


def test_age_of_the_calls_is_shown(supervisor: Client) -> None:
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(minutes=8))
    make_campaign("old", read_at=timezone.now() - timedelta(minutes=7))
    assert ">7 min</span> ago" in supervisor.get("/campaigns/old/pause/").text


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (2, "Dialing stops at once, although the schedule is open until 17:00 UTC."),
        (1, "It opens Mon 09:00 UTC, and dialing would begin again then; paused, it won’t."),
    ],
)
def test_next_dialing_is_told(supervisor: Client, time_machine: TimeMachineFixture, day: int, sentence: str) -> None:
    time_machine.move_to(datetime(2026, 11, day, 10, tzinfo=UTC))
    hours = [{"day": "MON", "startTime": "09:00", "endTime": "17:00"}]
    make_campaign("utc", schedule={"timezone": "UTC", "dialingHours": hours})
    assert sentence in words_of(supervisor.get("/campaigns/utc/pause/"))


def test_paused_under_a_resume_is_no_skip(supervisor: Client, campaign: Campaign) -> None:
    Campaign.objects.update(status="PAUSED")
    make_operation(campaign, kind=OperationKind.RESUME, state=State.RUNNING)
    words = words_of(supervisor.get("/campaigns/c-1/pause/"))
    assert "It is read until that resume can no longer take effect, and paused if it dials." in words
    assert "ends as skipped" not in words


def test_operation_in_the_way_is_shown(supervisor: Client, campaign: Campaign) -> None:
    operation = make_operation(campaign, by="bob")
    page = supervisor.get("/campaigns/c-1/pause/")
    assert "A pause requested by bob is still in progress" in page.text
    assert f"/operations/{operation.pk}/" in page.text


def test_paused_one_would_be_skipped(supervisor: Client) -> None:
    make_campaign("c-2", status="PAUSED")
    assert "is paused already" in supervisor.get("/campaigns/c-2/pause/").text


def test_unknown_state_is_said(supervisor: Client, campaign: Campaign) -> None:
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(hours=1))
    assert "what you see here may be out of date" in supervisor.get("/campaigns/c-1/pause/").text


def test_overriding_reasons_are_marked(supervisor: Client, campaign: Campaign) -> None:
    cards = words_of(supervisor.get("/campaigns/c-1/pause/")).split('<label class="check choice">')
    overriding = {
        card.partition('value="')[2].partition('"')[0] for card in cards if "overrides the calls limit" in card
    }
    assert overriding == {"EMERGENCY", "COMPLIANCE_HOLD", "HOLIDAY"}


def test_each_form_has_its_own_key(supervisor: Client, campaign: Campaign) -> None:
    keys = {supervisor.get("/campaigns/c-1/pause/").context["form"].own_key for _ in range(2)}
    assert len(keys) == 2


def test_showing_costs_so_many_queries(
    supervisor: Client, campaign: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_operation(campaign)
    supervisor.get("/campaigns/c-1/pause/")
    with django_assert_num_queries(HEAD + 7):
        supervisor.get("/campaigns/c-1/pause/")


# --- the click ---


def test_pause_becomes_an_operation(supervisor: Client, campaign: Campaign) -> None:
    response = ask(supervisor, "pause", campaign, note="storm\r\nwarning")
    operation = Operation.objects.get()
    assert (response.status_code, response.url) == (303, f"/operations/{operation.pk}/")
    assert (operation.by, operation.reason, operation.note) == ("ann", "WFM_OVERRIDE", "storm\nwarning")
    assert (operation.payload, operation.override) == ({"drop_active_calls": False}, False)


def test_double_click_is_one_operation(supervisor: Client, campaign: Campaign) -> None:
    form = fill(campaign)
    first = supervisor.post("/campaigns/c-1/pause/", form)
    second = supervisor.post("/campaigns/c-1/pause/", form)
    assert first["Location"] == second["Location"]
    assert Operation.objects.count() == 1


def test_form_sent_again_is_not_stale(supervisor: Client, campaign: Campaign) -> None:
    form = fill(campaign)
    first = supervisor.post("/campaigns/c-1/pause/", form)
    Campaign.objects.update(status="PAUSED")
    assert supervisor.post("/campaigns/c-1/pause/", form)["Location"] == first["Location"]


def test_same_key_other_contents_is_refused(supervisor: Client, campaign: Campaign) -> None:
    form = fill(campaign)
    supervisor.post("/campaigns/c-1/pause/", form)
    again = supervisor.post("/campaigns/c-1/pause/", form | {"reason": "MAINTENANCE"})
    assert again.status_code == 409
    assert f"/operations/{Operation.objects.get().pk}/" in again.text
    assert "Open a new form" in again.text


def test_one_in_progress_refuses_another(supervisor: Client, campaign: Campaign) -> None:
    other = make_operation(campaign, by="bob")
    response = ask(supervisor, "pause", campaign, note="storm")
    assert response.status_code == 409
    assert "See the pause requested by bob" in response.text
    assert f"/operations/{other.pk}/" in response.text
    assert "storm</textarea>" in response.text


def test_override_goes_with_its_reason(supervisor: Client, campaign: Campaign) -> None:
    ask(supervisor, "pause", campaign, reason="EMERGENCY", override="on")
    assert Operation.objects.get().override


def test_override_without_its_reason_is_none(supervisor: Client, campaign: Campaign) -> None:
    ask(supervisor, "pause", campaign, override="on")
    assert not Operation.objects.get().override


def test_calls_are_dropped_when_confirmed(supervisor: Client, campaign: Campaign) -> None:
    ask(supervisor, "pause", campaign, drop_active_calls="on", drop_understood="on")
    assert Operation.objects.get().payload == {"drop_active_calls": True}


# --- refusals, with nothing typed lost ---


def test_override_must_be_confirmed_over_the_limit(supervisor: Client) -> None:
    busy = make_campaign("busy", active_calls=80)
    response = ask(supervisor, "pause", busy, reason="EMERGENCY")
    assert response.status_code == 422
    assert (
        "80 calls are in progress, over the limit of 50, and Emergency pauses the campaign all the same."
        in response.text
    )
    assert chosen_in(response) == "EMERGENCY"
    assert not Operation.objects.exists()


def test_emergency_within_the_limit_is_one_click(supervisor: Client, campaign: Campaign) -> None:
    assert ask(supervisor, "pause", campaign, reason="EMERGENCY").status_code == 303
    assert Operation.objects.get().override


def test_form_sent_again_after_calls_rose_is_the_same_operation(supervisor: Client, campaign: Campaign) -> None:
    form = fill(campaign, reason="EMERGENCY")
    first = supervisor.post("/campaigns/c-1/pause/", form)
    Campaign.objects.update(active_calls=80)
    assert supervisor.post("/campaigns/c-1/pause/", form)["Location"] == first["Location"]


# --- once fewer calls are in progress ---


def test_pause_can_wait_for_fewer_calls(supervisor: Client, campaign: Campaign) -> None:
    ask(supervisor, "pause", campaign, when="calls", wait_for_calls="5")
    assert Operation.objects.get().payload == {"drop_active_calls": False, "wait_for_calls": 5}


def test_overriding_reason_that_waits_overrides_nothing(supervisor: Client) -> None:
    busy = make_campaign("busy", active_calls=80)
    assert ask(supervisor, "pause", busy, reason="EMERGENCY", when="calls", wait_for_calls="50").status_code == 303
    assert not Operation.objects.get().override


@pytest.mark.parametrize("number", ["", "51", "-1", "some"])
def test_number_to_wait_for_is_within_the_limit(supervisor: Client, campaign: Campaign, number: str) -> None:
    response = ask(supervisor, "pause", campaign, when="calls", wait_for_calls=number)
    assert response.status_code == 422
    assert "from 0 to" in words_of(response)
    assert not Operation.objects.exists()


def test_number_counts_only_where_it_is_chosen(supervisor: Client, campaign: Campaign) -> None:
    ask(supervisor, "pause", campaign, when="now", wait_for_calls="5")
    assert Operation.objects.get().payload == {"drop_active_calls": False}


# --- the reasons that are shown ---


def test_commonest_reasons_come_first(supervisor: Client, campaign: Campaign) -> None:
    ReasonCode.objects.bulk_create(ReasonCode(code=f"NEW_{n}", label=f"New {n}", order=20 + n) for n in range(3))
    for code in ("NEW_2", "NEW_2", "MAINTENANCE"):
        make_operation(reason=code, state=State.CONFIRMED)
    make_operation(reason="NEW_0", state=State.CONFIRMED, requested_at=timezone.now() - timedelta(days=91))
    offered = supervisor.get("/campaigns/c-1/pause/").context["form"].offered
    first = ["NEW_2", "MAINTENANCE", "WFM_OVERRIDE", "WFM_SCALE_DOWN", "COMPLIANCE_HOLD"]
    assert [reason.code for reason in offered.usual] == first
    assert [reason.code for reason in offered.others] == ["EMERGENCY", "HOLIDAY", "NEW_0", "NEW_1"]


def test_last_reason_of_the_campaign_is_marked(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, reason="MAINTENANCE", state=State.CONFIRMED)
    assert 'Maintenance <span class="small muted">· as last time</span>' in words_of(
        supervisor.get("/campaigns/c-1/pause/")
    )


def test_link_can_choose_a_reason(supervisor: Client, campaign: Campaign) -> None:
    assert chosen_in(supervisor.get("/campaigns/c-1/pause/?reason=EMERGENCY")) == "EMERGENCY"


def test_dropping_must_be_confirmed(supervisor: Client, campaign: Campaign) -> None:
    response = ask(supervisor, "pause", campaign, drop_active_calls="on")
    assert response.status_code == 422
    assert "7 calls in progress would be cut off" in response.text
    assert not Operation.objects.exists()


@pytest.mark.parametrize("reason", ["", "NO_SUCH", "x" * 41, "EMERG\0ENCY"])
def test_unknown_reason_is_refused(supervisor: Client, campaign: Campaign, reason: str) -> None:
    response = ask(supervisor, "pause", campaign, reason=reason, note="storm")
    assert response.status_code == 422
    assert response.context["form"].errors["reason"]
    assert "storm</textarea>" in response.text


def test_long_note_is_refused_and_kept(supervisor: Client, campaign: Campaign) -> None:
    response = ask(supervisor, "pause", campaign, note="n" * 501)
    assert response.status_code == 422
    assert "The note has 501 characters; 500 fit." in response.text
    assert "n" * 501 in response.text


def test_line_breaks_count_once(supervisor: Client, campaign: Campaign) -> None:
    assert ask(supervisor, "pause", campaign, note="a\r\n" * 250).status_code == 303


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_missing_key_is_given_anew(supervisor: Client, campaign: Campaign, key: str) -> None:
    response = ask(supervisor, "pause", campaign, key=key)
    assert response.status_code == 422
    assert "This form was incomplete" in response.text
    again = ask(supervisor, "pause", campaign, key=str(response.context["form"].own_key))
    assert again.status_code == 303


def test_good_key_is_kept(supervisor: Client, campaign: Campaign) -> None:
    key = uuid4()
    response = ask(supervisor, "pause", campaign, key=str(key), reason="NO_SUCH")
    assert response.context["form"].own_key == key


def test_missing_seen_state_is_refused(supervisor: Client, campaign: Campaign) -> None:
    response = ask(supervisor, "pause", campaign, seen="")
    assert response.status_code == 422
    assert "form was incomplete" in response.text


def test_empty_post_is_refused(supervisor: Client, campaign: Campaign) -> None:
    assert supervisor.post("/campaigns/c-1/pause/").status_code == 422


# --- the stale form ---


@pytest.fixture
def paused_meanwhile(campaign: Campaign) -> dict[str, str]:
    """A form that was opened while the campaign was still active."""
    form = fill(campaign, note="storm", reason="MAINTENANCE")
    Campaign.objects.filter(pk=campaign.pk).update(status="PAUSED", control="person", controller="bob")
    return form


def test_stale_form_tells_what_changed(supervisor: Client, paused_meanwhile: dict[str, str]) -> None:
    response = supervisor.post("/campaigns/c-1/pause/", paused_meanwhile)
    assert response.status_code == 409
    assert "changed from active to paused, by bob. Nothing was sent." in response.text
    assert not Operation.objects.exists()


def test_stale_form_keeps_what_was_typed(supervisor: Client, paused_meanwhile: dict[str, str]) -> None:
    page = supervisor.post("/campaigns/c-1/pause/", paused_meanwhile)
    assert "storm</textarea>" in page.text
    assert chosen_in(page) == "MAINTENANCE"


def test_stale_form_can_be_sent_again(supervisor: Client, paused_meanwhile: dict[str, str]) -> None:
    page = supervisor.post("/campaigns/c-1/pause/", paused_meanwhile).text
    assert 'name="seen" value="PAUSED"' in page
    assert supervisor.post("/campaigns/c-1/pause/", paused_meanwhile | {"seen": "PAUSED"}).status_code == 303


def test_stale_and_invalid_tells_both(supervisor: Client, paused_meanwhile: dict[str, str]) -> None:
    response = supervisor.post("/campaigns/c-1/pause/", paused_meanwhile | {"reason": "NO_SUCH"})
    assert response.status_code == 422
    assert "changed from active to paused" in response.text


def test_click_survives_a_dead_broker(
    campaign: Campaign,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    broker = Mock(side_effect=OperationalError)
    monkeypatch.setattr("celery.current_app.send_task", broker)
    with django_capture_on_commit_callbacks(execute=True):
        response = ask(sign_in("supervisor", "ann"), "pause", campaign)
    assert response.status_code == 303
    assert broker.called


# --- who, and which ---


def test_unknown_campaign_is_told(supervisor: Client) -> None:
    response = supervisor.get("/campaigns/nowhere/pause/")
    assert response.status_code == 404
    assert "There is no campaign with this id." in response.text


def test_right_is_asked_for(reviewer: Client, campaign: Campaign) -> None:
    response = ask(reviewer, "pause", campaign)
    assert response.status_code == 403
    assert "Your role does not allow you to pause campaigns." in response.text
    assert not Operation.objects.exists()


def test_right_comes_before_existence(reviewer: Client) -> None:
    assert reviewer.get("/campaigns/nowhere/pause/").status_code == 403


# --- while it is filled in ---


def refresh(client: Client, seen: str = "", **address: str) -> Any:
    return client.get("/campaigns/c-1/pause/", {"seen": seen, **address}, headers={"HX-Request": "true"})


def test_impact_follows_the_calls(supervisor: Client, campaign: Campaign) -> None:
    seen = supervisor.get("/campaigns/c-1/pause/").context["impact"].version
    Campaign.objects.update(active_calls=80)
    fragment = refresh(supervisor, seen).text
    assert "80 calls are in progress, over the limit of 50" in fragment
    assert "<form" not in fragment


def test_unchanged_impact_is_not_sent(supervisor: Client, campaign: Campaign) -> None:
    seen = supervisor.get("/campaigns/c-1/pause/").context["impact"].version
    assert refresh(supervisor, seen).status_code == 204


def test_impact_tells_once_what_is_in_the_way(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, by="bob")
    assert "requested by bob" in words_of(refresh(supervisor))
    assert "requested by bob" not in words_of(refresh(supervisor, refused="1"))


def test_unknown_state_is_never_shown_as_live(supervisor: Client, campaign: Campaign) -> None:
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(hours=1))
    page = words_of(supervisor.get("/campaigns/c-1/pause/"))
    assert '<div id="impact" class="stack is-old"' in page
    assert "7 calls were in progress when CXone was last read; the limit is 50." in page
