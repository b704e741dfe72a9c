"""The page of an operation, its refreshes until it ends, and its cancelling."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.models import Record
from campaigns.models import AttemptOutcome, Operation
from campaigns.operations.records import record_asked
from campaigns.states import State
from tests.factories import make_attempt, make_campaign, make_drain, make_operation
from tests.pages.asking import words_of
from tests.pages.costs import HEAD

pytestmark = pytest.mark.django_db

FAILURE = "CXone could not be reached to pause the campaign. Nothing was sent."


def show(client: Client, operation: Operation) -> Any:
    return client.get(f"/operations/{operation.pk}/")


def refresh(client: Client, operation: Operation, seen: str = "") -> Any:
    headers = {"HX-Request": "true", "X-Automatic-Refresh": "1"}
    return client.get(f"/operations/{operation.pk}/live/", {"seen": seen}, headers=headers)


# --- what it tells ---


def test_who_and_why_are_shown(supervisor: Client) -> None:
    operation = make_operation(by="bob", reason="MAINTENANCE", note="line 1\n<b>2</b>", requests=4)
    page = show(supervisor, operation).text
    assert "<dd>bob, " in page
    assert "<dd>Maintenance</dd>" in page
    assert "line 1<br>&lt;b&gt;2&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "SKIPPED"}, "The campaign was already paused when it was read from CXone, so nothing was sent."),
        ({"state": "REJECTED", "calls_before": 80, "calls_limit": 50}, "80 calls were in progress"),
        ({"state": "FAILED", "error": FAILURE}, FAILURE),
        ({"state": "UNCONFIRMED"}, "It is unknown whether CXone carried it out. It may still be dialing."),
    ],
)
def test_end_is_told_in_words(supervisor: Client, values: dict[str, Any], words: str) -> None:
    assert words in words_of(show(supervisor, make_operation(**values)))


def test_error_is_told_once(supervisor: Client) -> None:
    operation = make_operation(state="FAILED", error=FAILURE)
    make_attempt(operation, error=FAILURE)
    assert words_of(show(supervisor, operation)).count(FAILURE) == 1


@pytest.mark.parametrize(("kind", "form"), [("pause", "pause"), ("resume", "resume")])
def test_bad_end_leads_back_to_the_form(supervisor: Client, kind: str, form: str) -> None:
    operation = make_operation(make_campaign("c-1"), kind=kind, state="FAILED")
    assert f'href="/campaigns/c-1/{form}/"' in show(supervisor, operation).text


@pytest.mark.parametrize("kind", ["pause", "resume"])
def test_what_cxone_would_refuse_again_is_not_offered(supervisor: Client, kind: str) -> None:
    operation = make_operation(make_campaign("c-1", status="COMPLETE"), kind=kind, state="FAILED")
    assert 'id="again"' not in show(supervisor, operation).text


def test_good_end_leads_back_to_no_form(supervisor: Client) -> None:
    operation = make_operation(make_campaign("c-1"), state="CONFIRMED")
    assert 'href="/campaigns/c-1/pause/"' not in show(supervisor, operation).text


def test_wait_tells_when_it_is_due(supervisor: Client) -> None:
    due = timezone.now() + timedelta(days=2)
    operation = make_operation(state="WAITING", waiting_for="retry", next_attempt_at=due, error=FAILURE)
    page = words_of(show(supervisor, operation))
    assert "Waiting to try again" in page
    assert "due <time" in page
    assert f"{due:%H:%M:%S} UTC" in page


def test_accepted_tells_until_when(supervisor: Client) -> None:
    deadline = timezone.now() + timedelta(days=2)
    operation = make_operation(state="ACCEPTED", accepted_at=timezone.now(), confirm_by=deadline)
    assert f"{deadline:%H:%M:%S} UTC" in words_of(show(supervisor, operation))


def test_each_attempt_is_told(supervisor: Client) -> None:
    operation = make_operation(state="ACCEPTED", sent_at=timezone.now())
    make_attempt(operation, outcome=AttemptOutcome.UNKNOWN, api_status=504, error="Gateway timeout.")
    make_attempt(operation)
    page = words_of(show(supervisor, operation))
    assert "outcome unknown (HTTP 504)" in page
    assert "Gateway timeout." in page
    assert "accepted (HTTP 200)" in page


def test_attempts_words_name_no_id(supervisor: Client) -> None:
    operation = make_operation(make_campaign("c-17"), state="RUNNING")
    make_attempt(operation, outcome=AttemptOutcome.UNKNOWN, error="CXone was asked to pause campaign c-17.")
    text = supervisor.get(f"/operations/{operation.pk}/").text
    assert "CXone was asked to pause the campaign." in text
    assert "campaign c-17" not in text


def test_open_attempt_has_no_answer_yet(supervisor: Client) -> None:
    operation = make_operation(state="RUNNING", sent_at=timezone.now())
    make_attempt(operation, outcome="", answered_at=None, api_status=None)
    assert "no answer yet" in words_of(show(supervisor, operation))


def test_confirmed_pause_shows_its_drain(supervisor: Client) -> None:
    operation = make_operation(state="CONFIRMED")
    make_drain(operation, 30, 10, 0)
    assert "The last call had ended 0:06 after the pause." in words_of(show(supervisor, operation))


def test_records_are_for_those_with_the_right(supervisor: Client, reviewer: Client) -> None:
    operation = make_operation()
    with transaction.atomic():
        record_asked(operation)
    page = show(reviewer, operation).text
    assert f'href="/audit/?operation={operation.pk}"' in page
    assert "supervisor asked to pause" in page
    assert "On record" not in show(supervisor, operation).text
    assert "On record" not in refresh(supervisor, operation).text


def test_unknown_operation_is_told(supervisor: Client) -> None:
    response = supervisor.get("/operations/00000000-0000-4000-8000-000000000000/")
    assert response.status_code == 404
    assert "There is no operation with this number." in response.text


def test_page_costs_so_many_queries(supervisor: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    operation = make_operation(state="CONFIRMED", requested_at=timezone.now() - timedelta(minutes=5))
    make_attempt(operation)
    make_drain(operation, 9, 4, 0)
    show(supervisor, operation)
    with django_assert_num_queries(HEAD + 6):
        show(supervisor, operation)


# --- its refreshes ---


def test_in_progress_refreshes_every_second(supervisor: Client) -> None:
    assert 'data-live="1"' in show(supervisor, make_operation()).text


def test_draining_refreshes_every_two(supervisor: Client) -> None:
    operation = make_operation(state="CONFIRMED")
    make_drain(operation, 30, 10)
    assert 'data-live="2"' in show(supervisor, operation).text


def test_ended_stops_by_itself(supervisor: Client) -> None:
    operation = make_operation(state="CONFIRMED")
    make_drain(operation, 30, 0)
    fragment = refresh(supervisor, operation, "what was seen before").text
    assert 'id="operation"' in fragment
    assert "data-live" not in fragment


def test_unchanged_costs_an_empty_answer(supervisor: Client) -> None:
    operation = make_operation()
    seen = show(supervisor, operation).context["detail"].version
    assert refresh(supervisor, operation, seen).status_code == 204


@pytest.mark.parametrize(
    "change",
    [{"state": "RUNNING"}, {"waiting_for": "place"}, {"requests": 3}, {"sent_at": timezone.now()}, {"error": "No."}],
)
def test_change_is_sent(supervisor: Client, change: dict[str, Any]) -> None:
    operation = make_operation(state="WAITING", waiting_for="budget")
    seen = show(supervisor, operation).context["detail"].version
    Operation.objects.update(**change)
    assert refresh(supervisor, operation, seen).status_code == 200


def test_new_sample_is_sent(supervisor: Client) -> None:
    operation = make_operation(state="CONFIRMED")
    drain = make_drain(operation, 30, 10)
    seen = show(supervisor, operation).context["detail"].version
    drain.samples.create(at=timezone.now() + timedelta(seconds=9), calls=10)
    assert refresh(supervisor, operation, seen).status_code == 200


def test_fragment_alone_leads_to_its_page(supervisor: Client) -> None:
    operation = make_operation()
    response = supervisor.get(f"/operations/{operation.pk}/live/")
    assert response["Location"] == f"/operations/{operation.pk}/"


# --- cancelling ---


def cancel(client: Client, operation: Operation) -> Any:
    return client.post(f"/operations/{operation.pk}/cancel/", follow=True)


def test_unsent_can_be_cancelled(supervisor: Client) -> None:
    operation = make_operation(by="bob")
    page = cancel(supervisor, operation)
    assert page.redirect_chain == [(f"/operations/{operation.pk}/", 303)]
    assert "The pause was cancelled by ann before anything was sent." in words_of(page)
    assert Record.objects.get(kind="operation.cancelled").by == "ann"


def test_cancel_after_sending_is_too_late(supervisor: Client) -> None:
    operation = make_operation(state="ACCEPTED", sent_at=timezone.now())
    assert "It was too late to cancel" in words_of(cancel(supervisor, operation))
    assert Operation.objects.get().state == State.ACCEPTED


@pytest.mark.parametrize(
    ("values", "offered"),
    [
        ({"state": "QUEUED"}, True),
        ({"state": "WAITING", "waiting_for": "place"}, True),
        ({"state": "WAITING", "waiting_for": "outcome", "sent_at": timezone.now()}, False),
        ({"state": "RUNNING"}, True),
        ({"state": "RUNNING", "sent_at": timezone.now()}, False),
        ({"state": "CONFIRMED"}, False),
    ],
)
def test_cancel_is_offered_while_unsent(supervisor: Client, values: dict[str, Any], offered: bool) -> None:
    page = show(supervisor, make_operation(**values)).text
    assert ("Cancel this pause" in page) is offered


def test_cancel_needs_the_right(reviewer: Client) -> None:
    operation = make_operation()
    assert "Cancel this pause" not in show(reviewer, operation).text
    assert cancel(reviewer, operation).status_code == 403
    assert Operation.objects.get().state == State.QUEUED


def test_cancel_is_a_post(supervisor: Client) -> None:
    assert supervisor.get(f"/operations/{make_operation().pk}/cancel/").status_code == 405
