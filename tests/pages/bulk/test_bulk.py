"""The page of a bulk: how far it is, the result for each campaign, and what can be done to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Bulk, Campaign, Operation, OperationKind
from campaigns.pages.bulk import results
from campaigns.states import State, WaitingFor
from tests.factories import make_bulk, make_campaign, make_operation
from tests.pages.bulk.asking import alert_of, send, shown

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def make_ended(*states: State, **values: Any) -> Bulk:
    """A bulk that has ended, with a campaign for each state."""
    return make_begun(*states, ended_at=timezone.now(), **values)


def make_begun(*states: State, **values: Any) -> Bulk:
    campaigns = [make_campaign(name=f"Spring {number}") for number in range(len(states))]
    bulk = make_bulk(*campaigns, **{"started_at": timezone.now(), "by": "bob"} | values)
    for campaign, state in zip(campaigns, states, strict=True):
        make_operation(campaign, state=state, bulk=bulk, by="bob", kind=bulk.kind)
        if state == State.CONFIRMED:
            operation = bulk.operations.get(campaign=campaign)
            status = "PAUSED" if bulk.kind == OperationKind.PAUSE else "ACTIVE"
            Campaign.objects.filter(pk=campaign.pk).update(
                status=status, control="person", controller="bob", explained_by=operation
            )
    return bulk


def show(client: Client, bulk: Bulk, **address: str) -> Any:
    return client.get(f"/bulk/{bulk.pk}/", address)


def refresh(client: Client, bulk: Bulk, seen: str = "") -> Any:
    return client.get(f"/bulk/{bulk.pk}/live/", {"seen": seen}, headers={"HX-Request": "true"})


def press(client: Client, bulk: Bulk, button: str) -> Any:
    return client.post(f"/bulk/{bulk.pk}/{button}/", follow=True)


# --- What it tells ---


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([State.CONFIRMED], "1 campaign was read back from CXone as paused."),
        ([State.CONFIRMED, State.CONFIRMED], "2 campaigns were read back from CXone as paused."),
        (
            [State.CONFIRMED, State.SKIPPED],
            "1 campaign was read back from CXone as paused. 1 was already paused or at rest.",
        ),
        ([State.SKIPPED, State.SKIPPED], "Nothing had to be done: 2 campaigns were already paused or at rest."),
        (
            [State.SKIPPED, State.REJECTED],
            "0 of 2 campaigns were read back as paused. The others: 1 already paused or at rest and 1",
        ),
        ([State.CONFIRMED, State.REJECTED], "1 of 2 campaigns were read back as paused. The others: 1 rejected."),
        (
            [State.FAILED, State.UNCONFIRMED],
            "The others: 1 unconfirmed: their outcome is unknown and 1 failed.",
        ),
        ([State.CONFIRMED, State.CANCELLED], "1 of 2 campaigns were read back as paused. The others: 1 cancelled."),
    ],
)
def test_end_is_told_in_words(supervisor: Client, states: list[State], words: str) -> None:
    assert words in shown(show(supervisor, make_ended(*states)))


def test_progress_is_told(supervisor: Client) -> None:
    page = shown(show(supervisor, make_begun(State.CONFIRMED, State.QUEUED)))
    assert "1 of 2 campaigns are done. It continues by itself, even if you close this page." in page
    assert "1 Confirmed" in page
    assert "1 Queued" in page


def test_begin_is_told(supervisor: Client) -> None:
    page = shown(show(supervisor, make_bulk(make_campaign(), by="bob")))
    assert "bob asked to pause 1 campaign, and a worker picks it up next." in page
    assert "The operations of its campaigns are created in a moment." in page


def test_cancelled_rest_is_told(supervisor: Client) -> None:
    bulk = make_begun(State.RUNNING, State.QUEUED, cancelled_at=timezone.now(), cancelled_by="eve")
    page = shown(show(supervisor, bulk))
    assert "eve cancelled what had not begun. 0 of 2 campaigns are done, 1 more is under way." in page
    assert "What has begun runs to its end." in page
    assert "Cancel what has not begun" not in page


def test_who_cancelled_stays_told(supervisor: Client) -> None:
    bulk = make_ended(State.CANCELLED, cancelled_at=timezone.now(), cancelled_by="eve")
    assert "Cancelled by eve, " in shown(show(supervisor, bulk))


@pytest.mark.parametrize("waiting_for", [*WaitingFor])
def test_wait_is_explained(supervisor: Client, waiting_for: WaitingFor) -> None:
    bulk = make_begun(State.QUEUED, waiting_for=waiting_for)
    assert bool(show(supervisor, bulk).context["detail"].waiting) == bool(waiting_for)


def test_who_and_why_are_shown(supervisor: Client) -> None:
    bulk = make_bulk(make_campaign(), note="storm", selection={"filter": {"q": "Solar"}}, override=True)
    page = shown(show(supervisor, bulk))
    assert "1, all that match: name or id with “Solar”" in page
    assert "Workforce management override, which overrides the calls limit" in page
    assert "storm" in page


def test_trouble_comes_first(supervisor: Client) -> None:
    bulk = make_ended(State.CONFIRMED, State.REJECTED, State.SKIPPED, State.UNCONFIRMED, State.FAILED)
    states = [row.operation.state for row in show(supervisor, bulk).context["detail"].rows]
    assert states == [State.UNCONFIRMED, State.FAILED, State.REJECTED, State.SKIPPED, State.CONFIRMED]


def test_every_state_has_its_place() -> None:
    assert set(results.STATES_BY_URGENCY) == {*State}


def test_campaigns_are_paged(supervisor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "ROWS", 2)
    bulk = make_ended(State.FAILED, State.CONFIRMED, State.CONFIRMED)
    page = show(supervisor, bulk, page="2")
    assert len(page.context["detail"].rows) == 1
    assert "3 to 3 of 3" in shown(page)


def test_campaigns_are_narrowed_to_a_state(supervisor: Client) -> None:
    page = show(supervisor, make_ended(State.FAILED, State.CONFIRMED), state="FAILED")
    assert [row.operation.state for row in page.context["detail"].rows] == [State.FAILED]


def test_nonsense_narrows_nothing(supervisor: Client) -> None:
    page = show(supervisor, make_ended(State.FAILED, State.CONFIRMED), state="NO_SUCH", page="x")
    assert len(page.context["detail"].rows) == 2


def test_rows_lead_to_their_operations(supervisor: Client) -> None:
    bulk = make_ended(State.FAILED)
    [operation] = bulk.operations.all()
    assert f'href="/operations/{operation.pk}/"' in show(supervisor, bulk).text


def test_unknown_bulk_is_a_sentence(supervisor: Client) -> None:
    page = supervisor.get("/bulk/9d5b6e0a-2a63-4b0c-8e57-6a1f0c3d7b44/")
    assert page.status_code == 404
    assert "There is no bulk with this number." in shown(page)


def test_bar_is_as_wide_as_it_is_far(supervisor: Client) -> None:
    bulk = make_begun(State.CONFIRMED, State.FAILED, State.RUNNING, State.QUEUED)
    shares = show(supervisor, bulk).context["detail"].shares
    assert [(share.state, share.x, share.width) for share in shares] == [
        (State.CONFIRMED, "0.0", "250.0"),
        (State.FAILED, "250.0", "250.0"),
        (State.RUNNING, "500.0", "250.0"),
        (State.QUEUED, "750.0", "250.0"),
    ]


# --- Its refreshes ---


def test_unchanged_costs_an_empty_answer(supervisor: Client) -> None:
    # The time that is left counts down, once it is known.
    bulk = make_begun(State.RUNNING, State.CONFIRMED)
    seen = show(supervisor, bulk).context["detail"].version
    assert refresh(supervisor, bulk, seen).status_code == 204


def test_new_state_is_sent(supervisor: Client) -> None:
    bulk = make_begun(State.RUNNING)
    seen = show(supervisor, bulk).context["detail"].version
    Operation.objects.update(state=State.FAILED)
    page = refresh(supervisor, bulk, seen)
    assert "1 Failed" in shown(page)
    assert "<html" not in page.text


def test_ended_bulk_refreshes_no_more(supervisor: Client) -> None:
    assert "data-live" not in show(supervisor, make_ended(State.CONFIRMED)).text


# --- Cancelling ---


def test_rest_can_be_cancelled(supervisor: Client) -> None:
    bulk = make_begun(State.RUNNING, State.QUEUED)
    assert "Cancel what has not begun" in show(supervisor, bulk).text
    assert "ann cancelled what had not begun." in shown(press(supervisor, bulk, "cancel"))
    bulk.refresh_from_db()
    assert bulk.cancelled_by == "ann"


def test_nothing_is_left_to_cancel(supervisor: Client) -> None:
    assert "Cancel what has not begun" not in show(supervisor, make_begun(State.RUNNING)).text


def test_cancelling_too_late_is_told(supervisor: Client) -> None:
    assert "It was too late to cancel" in shown(press(supervisor, make_ended(State.CONFIRMED), "cancel"))


# --- Trying again ---


def test_failed_are_tried_again(supervisor: Client) -> None:
    bulk = make_ended(State.CONFIRMED, State.FAILED, State.REJECTED)
    assert "Try 2 campaigns again" in shown(show(supervisor, bulk))
    page = press(supervisor, bulk, "retry")
    again = Bulk.objects.exclude(pk=bulk.pk).get()
    assert page.redirect_chain == [(f"/bulk/{again.pk}/", 303)]
    assert (again.number, again.by) == (2, "ann")
    assert f'href="/bulk/{bulk.pk}/"' in page.text


def test_two_people_try_again_once(supervisor: Client) -> None:
    bulk = make_ended(State.FAILED)
    press(supervisor, bulk, "retry")
    press(supervisor, bulk, "retry")
    assert Bulk.objects.count() == 2
    page = shown(show(supervisor, bulk))
    assert "See the second try" in page
    assert "Try 1 campaign again" not in page


def test_nothing_failed_is_told(supervisor: Client) -> None:
    bulk = make_ended(State.CONFIRMED)
    assert "again" not in shown(show(supervisor, bulk)).split("Request By")[0]
    assert "Choose at least one." in shown(press(supervisor, bulk, "retry"))
    assert Bulk.objects.count() == 1


def test_running_bulk_is_not_tried_again(supervisor: Client) -> None:
    assert "Try 1 campaign again" not in shown(show(supervisor, make_begun(State.FAILED, State.RUNNING)))


# --- Resuming exactly what it paused ---


@pytest.fixture
def paused() -> Bulk:
    """It has paused two campaigns, of which somebody has resumed one since, and failed to pause a third."""
    bulk = make_ended(State.CONFIRMED, State.CONFIRMED, State.FAILED)
    Campaign.objects.filter(name="Spring 1").update(status="ACTIVE", controller="eve")
    return bulk


def test_what_it_paused_is_offered(supervisor: Client, paused: Bulk) -> None:
    assert "Resume exactly what this paused (1)" in shown(show(supervisor, paused))


def test_form_tells_who_is_left_out(supervisor: Client, paused: Bulk) -> None:
    page = shown(supervisor.get(f"/bulk/{paused.pk}/resume/"))
    assert "Resume 1 campaign" in page
    assert "Exactly what the pause of 3 campaigns has paused, and nobody has touched since." in page
    assert "1 campaign left out: no longer paused by this bulk" in page
    assert "Spring 1: active, by eve" in page


def test_exact_resume_is_a_bulk_of_its_own(supervisor: Client, paused: Bulk) -> None:
    response = send(supervisor, f"/bulk/{paused.pk}/resume/", number="1", reason="RESOLVED")
    undoing = Bulk.objects.get(undoes=paused)
    assert response["Location"] == f"/bulk/{undoing.pk}/"
    assert (undoing.kind, undoing.number, undoing.reason) == (OperationKind.RESUME, 1, "RESOLVED")
    assert f'href="/bulk/{paused.pk}/"' in show(supervisor, undoing).text
    assert f'href="/bulk/{undoing.pk}/"' in show(supervisor, paused).text


def test_exact_resume_needs_its_number(supervisor: Client, paused: Bulk) -> None:
    page = send(supervisor, f"/bulk/{paused.pk}/resume/", number="2", reason="RESOLVED")
    assert "You typed “2”, and this is 1 campaign." in alert_of(page)
    assert not Bulk.objects.filter(undoes=paused).exists()


def test_resumed_meanwhile_is_told(supervisor: Client, paused: Bulk) -> None:
    address = f"/bulk/{paused.pk}/resume/"
    form = supervisor.get(address).context["form"]
    fields = {"key": str(form.own_key), "seen": form.own_seen, "number": "1", "reason": "RESOLVED"}
    Campaign.objects.filter(name="Spring 0").update(status="ACTIVE", controller="eve")
    page = supervisor.post(address, fields)
    assert "Spring 0 is no longer among them: it is active, by eve." in alert_of(page)
    assert "Nothing is left to resume" in shown(page)


def test_resume_offers_no_undoing(supervisor: Client) -> None:
    assert "Resume exactly" not in show(supervisor, make_ended(State.CONFIRMED, kind="resume")).text


# --- Who may ---


def test_reviewer_is_led_to_its_records(reviewer: Client, supervisor: Client) -> None:
    bulk = make_bulk(make_campaign())
    assert f'href="/audit/?q={bulk.pk}"' in show(reviewer, bulk).text
    assert "/audit/" not in show(supervisor, bulk).text


def test_reviewer_only_looks(reviewer: Client, paused: Bulk) -> None:
    page = shown(show(reviewer, paused))
    assert "2 of 3 campaigns were read back as paused." in page
    for words in ("Try 1 campaign again", "Resume exactly", "Cancel what"):
        assert words not in page


@pytest.mark.parametrize("button", ["cancel", "retry", "resume"])
def test_reviewer_changes_nothing(reviewer: Client, paused: Bulk, button: str) -> None:
    assert reviewer.post(f"/bulk/{paused.pk}/{button}/", {"number": "1"}).status_code == 403
    assert Bulk.objects.count() == 1


# --- The list ---


def test_newest_come_first(supervisor: Client) -> None:
    now = timezone.now()
    older = make_ended(State.CONFIRMED, requested_at=now - timedelta(hours=1))
    newer = make_begun(State.FAILED, State.QUEUED)
    page = supervisor.get("/bulk/")
    assert [row.bulk for row in page.context["bulks"].rows] == [newer, older]
    assert "Pause of 2 campaigns by bob Workforce management override 1 of 2 1 not paused" in shown(page)
    assert "Pause of 1 campaign by bob Workforce management override 1 of 1 Done" in shown(page)


@pytest.mark.parametrize(
    ("states", "values", "words"),
    [
        ([], {}, "Queued"),
        ([State.RUNNING], {"started_at": timezone.now()}, "In progress"),
        ([State.RUNNING], {"started_at": timezone.now(), "cancelled_at": timezone.now()}, "Being cancelled"),
        ([State.CANCELLED], {"ended_at": timezone.now()}, "1 cancelled"),
        ([State.UNCONFIRMED], {"ended_at": timezone.now()}, "1 not paused"),
    ],
)
def test_outcome_in_a_few_words(supervisor: Client, states: list[State], values: dict[str, Any], words: str) -> None:
    make_begun(*states, **{"started_at": None} | values)
    assert words in shown(supervisor.get("/bulk/"))


def test_older_ones_have_a_page(supervisor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "BULKS", 1)
    for _ in range(2):
        make_ended(State.CONFIRMED)
    assert 'href="?page=2"' in supervisor.get("/bulk/").text


def test_no_bulk_yet_is_a_sentence(supervisor: Client) -> None:
    assert "No bulks yet" in shown(supervisor.get("/bulk/"))


def test_unchanged_list_costs_an_empty_answer(supervisor: Client) -> None:
    make_begun(State.RUNNING)
    seen = supervisor.get("/bulk/").context["version"]
    headers = {"HX-Request": "true"}
    assert supervisor.get("/bulk/rows/", {"seen": seen}, headers=headers).status_code == 204
    Operation.objects.update(state=State.CONFIRMED)
    assert "1 of 1" in shown(supervisor.get("/bulk/rows/", {"seen": seen}, headers=headers))


def test_fragment_opened_by_hand_is_the_page(supervisor: Client) -> None:
    assert supervisor.get("/bulk/rows/")["Location"] == "/bulk/"


# --- Elsewhere ---


def test_operation_says_that_it_is_part_of_a_bulk(supervisor: Client) -> None:
    bulk = make_begun(State.RUNNING)
    [operation] = bulk.operations.all()
    page = supervisor.get(f"/operations/{operation.pk}/")
    assert "Part of Pause of 1 campaign" in shown(page)
    assert f'href="/bulk/{bulk.pk}/"' in page.text


def test_operations_are_narrowed_to_a_bulk(supervisor: Client) -> None:
    bulk = make_begun(State.RUNNING)
    make_operation()
    page = supervisor.get("/operations/", {"bulk": str(bulk.pk)})
    assert [row.operation.bulk for row in page.context["page"].running] == [bulk]
    assert "Only those of Pause of 1 campaign by bob." in shown(page)


@pytest.mark.parametrize("nonsense", ["x", "\0", "9d5b6e0a-2a63-4b0c-8e57-6a1f0c3d7b44"])
def test_nonsense_as_a_bulk_is_no_error(supervisor: Client, nonsense: str) -> None:
    make_operation()
    assert supervisor.get("/operations/", {"bulk": nonsense}).status_code == 200


def test_operations_lead_to_bulks(reviewer: Client) -> None:
    page = reviewer.get("/operations/").text
    assert 'href="/bulk/"' in page
    assert '<a href="/operations/" aria-current="true">' in reviewer.get("/bulk/").text.replace("\n", "")
