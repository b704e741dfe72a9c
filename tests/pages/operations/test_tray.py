"""My operations in the head of every page: what runs, what ended since one looked, and what can be done about it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Bulk, Operation, OperationKind, Preferences
from campaigns.operations.holding import place_holds
from campaigns.pages.tray import Tray
from campaigns.states import State, WaitingFor
from tests.factories import SCHEDULE, make_bulk, make_campaign, make_operation
from tests.operations.two_people import want_two
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.django_db


def tray_of(client: Client) -> Tray:
    """As any page shows it."""
    tray: Tray = client.get("/operations/").context["tray"]
    return tray


def refresh(client: Client, seen: str = "") -> Any:
    headers = {"HX-Request": "true", "X-Automatic-Refresh": "1"}
    return client.get("/operations/mine/", {"seen": seen}, headers=headers)


def words(client: Client) -> str:
    return words_of(refresh(client))


# --- what is in it ---


def test_running_ones_say_what_they_wait_for(supervisor: Client) -> None:
    asked = timezone.now() - timedelta(seconds=14)
    make_operation(make_campaign(name="Spring"), by="ann", state=State.RUNNING, requested_at=asked)
    told = words(supervisor)
    assert "Pause of Spring" in told
    assert re.search(r"Waiting for CXone’s answer, <span data-age=\"\d\d\" data-waits>\d\d s</span>", told)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"state": State.QUEUED}, "Queued,"),
        ({"state": State.RUNNING, "sent_at": timezone.now()}, "Sent, waiting for CXone’s answer,"),
        ({"state": State.WAITING, "waiting_for": WaitingFor.PAUSE_SLOT}, "Queued behind another pause,"),
        ({"state": State.WAITING, "waiting_for": WaitingFor.CALLS}, "Waiting for fewer calls,"),
        ({"state": State.ACCEPTED, "sent_at": timezone.now()}, "Accepted, waiting to see it paused,"),
    ],
)
def test_waits_are_said_in_words(supervisor: Client, values: dict[str, Any], expected: str) -> None:
    make_operation(by="ann", **values)
    assert expected in words(supervisor)


def test_ends_since_one_looked_are_news(supervisor: Client) -> None:
    make_operation(make_campaign(name="Spring"), by="ann", state=State.REJECTED, calls_before=80, calls_limit=50)
    tray = tray_of(supervisor)
    assert (len(tray.running), tray.bad, tray.new) == (0, 1, 1)
    assert "80 calls were in progress, more than the limit of 50." in words(supervisor)


def test_opening_it_marks_them_seen(supervisor: Client) -> None:
    make_operation(by="ann", state=State.FAILED, requested_at=timezone.now() - timedelta(minutes=1))
    assert supervisor.post("/operations/mine/seen/").status_code == 204
    tray = tray_of(supervisor)
    # It is shown a while longer: somebody may want to look at it once more.
    assert (len(tray.ended), tray.bad, tray.new) == (1, 0, 0)


def test_what_was_seen_and_is_over_goes(supervisor: Client) -> None:
    make_operation(by="ann", state=State.CONFIRMED, requested_at=timezone.now() - timedelta(minutes=20))
    assert len(tray_of(supervisor).ended) == 1
    supervisor.post("/operations/mine/seen/")
    assert tray_of(supervisor).ended == []


def test_yesterdays_is_no_news_to_whoever_never_looked(supervisor: Client) -> None:
    make_operation(by="ann", state=State.FAILED, requested_at=timezone.now() - timedelta(hours=25))
    assert tray_of(supervisor).ended == []


def test_only_ones_own_are_in_it(supervisor: Client) -> None:
    make_operation(by="bob", state=State.RUNNING)
    make_operation(by="ann", state=State.RUNNING, bulk=make_bulk())
    make_operation(by="ann", state=State.SCHEDULED, not_before=timezone.now() + timedelta(days=1))
    tray = tray_of(supervisor)
    assert (tray.running, tray.ended) == ([], [])


def test_bulk_is_one_of_them(supervisor: Client) -> None:
    bulk = make_bulk(make_campaign(), make_campaign(), by="ann")
    make_operation(bulk=bulk, state=State.FAILED)
    assert [item.title for item in tray_of(supervisor).running] == ["Pause of 2 campaigns"]
    Bulk.objects.update(ended_at=timezone.now())
    assert "1 of 2 not paused" in words(supervisor)
    assert tray_of(supervisor).bad == 1


def test_bulk_that_is_done_says_what_it_did(supervisor: Client) -> None:
    bulk = make_bulk(by="ann", ended_at=timezone.now())
    for state in (State.CONFIRMED, State.CONFIRMED, State.SKIPPED):
        make_operation(bulk=bulk, state=state)
    assert '<strong>Done.</strong> <span class="tray-words">2 campaigns paused, 1 already so.</span>' in words(
        supervisor
    )


def test_bulk_that_was_overtaken_is_not_done(supervisor: Client) -> None:
    """A pause took the place of one of its resumes, and a restore has ended it before the other was made."""
    bulk = make_bulk(make_campaign(), make_campaign(), kind=OperationKind.RESUME, by="ann", ended_at=timezone.now())
    make_operation(bulk=bulk, kind=OperationKind.RESUME, state=State.CANCELLED)
    said = '<strong>Cancelled.</strong> <span class="tray-words">0 campaigns resumed, 2 cancelled.</span>'
    assert said in words(supervisor)


def test_operations_of_commands_are_of_whoever_is_named(supervisor: Client) -> None:
    make_campaign("spring", name="Spring")
    at = (timezone.now() + timedelta(days=7)).isoformat()
    with pytest.raises(SystemExit):
        call_command("pause_campaign", "spring", "--reason", "MAINTENANCE", "--by", "ann", "--at", at)
    Operation.objects.update(state=State.RUNNING, not_before=None)
    assert "Pause of Spring" in words(supervisor)


# --- what can be done ---


def exact_resume(client: Client, bulk: Bulk) -> bool:
    return f'href="/bulk/{bulk.pk}/resume/"' in refresh(client).text


def test_exact_resume_is_offered_for_two_minutes(supervisor: Client) -> None:
    bulk = make_bulk(by="ann", ended_at=timezone.now())
    make_operation(bulk=bulk, state=State.CONFIRMED)
    assert exact_resume(supervisor, bulk)
    Bulk.objects.update(ended_at=timezone.now() - timedelta(minutes=3))
    assert not exact_resume(supervisor, bulk)


def test_exact_resume_is_not_offered_twice_nor_for_nothing(supervisor: Client) -> None:
    bulk, idle = (make_bulk(by="ann", ended_at=timezone.now()) for _ in range(2))
    make_operation(bulk=bulk, state=State.CONFIRMED)
    make_bulk(kind=OperationKind.RESUME, undoes=bulk)
    assert not exact_resume(supervisor, bulk)
    assert not exact_resume(supervisor, idle)


def test_what_was_not_sent_can_be_cancelled(supervisor: Client) -> None:
    operation = make_operation(by="ann", state=State.RUNNING)
    assert f'action="/operations/{operation.pk}/cancel/"' in refresh(supervisor).text
    Operation.objects.update(sent_at=timezone.now())
    assert "/cancel/" not in refresh(supervisor).text


@pytest.mark.parametrize(("kind", "address"), [("pause", "undo"), ("resume", "undo"), ("schedule", "hours-back")])
def test_what_was_just_confirmed_can_be_undone(supervisor: Client, kind: str, address: str) -> None:
    hours: dict[str, Any] = {"payload": {"base": {}, "ours": {}, "replaced": SCHEDULE}, "applied": {}}
    operation = make_operation(by="ann", kind=kind, state=State.CONFIRMED, **hours)
    assert f'action="/operations/{operation.pk}/{address}/"' in refresh(supervisor).text
    Operation.objects.update(ended_at=timezone.now() - timedelta(minutes=2))
    assert address not in refresh(supervisor).text


def test_what_was_undone_already_is_not_offered(supervisor: Client) -> None:
    operation = make_operation(by="ann", state=State.CONFIRMED)
    make_operation(operation.campaign, by="bob", kind=OperationKind.RESUME, undoes=operation)
    assert "/undo/" not in refresh(supervisor).text


@pytest.mark.parametrize(
    ("kind", "waiting"),
    [
        ("pause", "Ask to undo: resume it"),
        ("schedule", "Ask to put the old hours back"),
        # To stop never waits.
        ("resume", None),
    ],
)
def test_undo_that_will_wait_says_so_before(supervisor: Client, kind: str, waiting: str | None) -> None:
    hours: dict[str, Any] = {"payload": {"base": {}, "ours": {}, "replaced": SCHEDULE}, "applied": {}}
    make_operation(by="ann", kind=kind, state=State.CONFIRMED, **hours)
    seen = tray_of(supervisor).version
    want_two()
    page = refresh(supervisor, seen)
    if waiting is None:
        assert page.status_code == 204
    else:
        assert f'aria-label="{waiting}, ' in page.text
        assert ">Ask to undo<" in page.text
        assert ">Undo<" not in page.text


@pytest.mark.parametrize(("kind", "is_offered"), [("pause", False), ("schedule", False), ("resume", True)])
def test_undo_that_a_hold_forbids_is_not_offered(supervisor: Client, kind: str, is_offered: bool) -> None:
    hours: dict[str, Any] = {"payload": {"base": {}, "ours": {}, "replaced": SCHEDULE}, "applied": {}}
    operation = make_operation(by="ann", kind=kind, state=State.CONFIRMED, **hours)
    seen = tray_of(supervisor).version
    place_holds(campaign_ids=[operation.campaign_id], by="rosa", reason="complaint 4711")
    page = refresh(supervisor, seen)
    assert (page.status_code == 204) == is_offered
    assert ("Undo" in refresh(supervisor).text) == is_offered


def test_undo_leads_to_the_new_operation(supervisor: Client) -> None:
    campaign = make_campaign(status="PAUSED")
    pause = make_operation(campaign, by="ann", state=State.CONFIRMED)
    campaign.explained_by = pause
    campaign.save()
    response = supervisor.post(f"/operations/{pause.pk}/undo/")
    resume = Operation.objects.get(undoes=pause)
    assert response["Location"] == f"/operations/{resume.pk}/"
    assert supervisor.post(f"/operations/{pause.pk}/undo/")["Location"] == response["Location"]


def test_undo_that_is_refused_says_why(supervisor: Client) -> None:
    pause = make_operation(state=State.CONFIRMED)
    page = supervisor.post(f"/operations/{pause.pk}/undo/", follow=True)
    assert "Somebody has paused or resumed the campaign since. Nothing was sent" in words_of(page)


def test_undo_needs_the_right_of_the_opposite(reviewer: Client) -> None:
    pause = make_operation(by="rosa", state=State.CONFIRMED)
    assert "/undo/" not in refresh(reviewer).text
    assert reviewer.post(f"/operations/{pause.pk}/undo/").status_code == 403


# --- its refreshes ---


def test_it_hurries_while_something_runs(supervisor: Client) -> None:
    assert tray_of(supervisor).seconds == 15
    make_operation(by="ann", state=State.RUNNING)
    assert tray_of(supervisor).seconds == 2


def test_unchanged_costs_an_empty_answer(supervisor: Client) -> None:
    make_operation(by="ann", state=State.RUNNING)
    seen = tray_of(supervisor).version
    assert refresh(supervisor, seen).status_code == 204
    Operation.objects.update(state=State.REJECTED, ended_at=timezone.now())
    assert refresh(supervisor, seen).status_code == 200


def test_it_costs_the_same_however_many_there_are(
    supervisor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_operation(by="ann", state=State.RUNNING)
        make_bulk(by="ann")
    refresh(supervisor)
    # Session, person and two of their rights, then the tray's own four.
    with django_assert_max_num_queries(8):
        refresh(supervisor)


def test_fragment_alone_leads_to_the_list(supervisor: Client) -> None:
    assert supervisor.get("/operations/mine/")["Location"] == "/operations/"


def test_whoever_sees_no_operations_has_none() -> None:
    nobody = sign_in("", "nil")
    assert 'id="tray"' not in nobody.get("/nowhere/").text
    assert refresh(nobody).status_code == 403


def test_preferences_of_others_are_left_alone(supervisor: Client, reviewer: Client) -> None:
    supervisor.post("/operations/mine/seen/")
    assert Preferences.objects.count() == 1
