"""What is to come: the list of it, on the pages of a campaign and of an operation, and another time for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.models import Record
from campaigns.models import Campaign, Operation, OperationKind
from campaigns.operations.rescheduling import change_time
from campaigns.operations.timed import due_columns
from campaigns.schedule.due_times import DueTime, due_instant
from campaigns.states import State
from tests.factories import make_campaign, make_operation
from tests.pages.asking import words_of
from tests.pages.costs import HEAD

pytestmark = pytest.mark.django_db

# Four in the afternoon in New York, where the campaigns are. At six the pauses here are due.
NOW = datetime(2026, 10, 20, 20, tzinfo=UTC)
SIX = datetime(2026, 10, 20, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("spring", name="Spring renewal")


PAUSE, RESUME = OperationKind.PAUSE, OperationKind.RESUME


def hold(campaign: Campaign, at: datetime = SIX, kind: OperationKind = PAUSE, **values: Any) -> Operation:
    due = DueTime(at, f"{at - 4 * HOUR:%Y-%m-%dT%H:%M:%S}", 0, "America/New_York")
    return make_operation(campaign, state=State.SCHEDULED, kind=kind, **due_columns(kind, due), **values)


# --- The list ---


def test_soonest_comes_first(supervisor: Client, campaign: Campaign) -> None:
    hold(make_campaign("later"), SIX + HOUR)
    hold(campaign)
    page = supervisor.get("/operations/?when=due").text
    assert page.index("campaigns/spring/") < page.index("campaigns/later/")


def test_both_times_are_shown(supervisor: Client, campaign: Campaign) -> None:
    supervisor.cookies["zone"] = "Europe/Berlin"
    hold(campaign)
    words = words_of(supervisor.get("/operations/?when=due"))
    assert "Tue 20 Oct 2026 18:00 EDT" in words
    assert "Wed 21 Oct 00:00:00 CEST" in words


def test_time_that_reads_the_same_for_the_reader_is_said_once(supervisor: Client, campaign: Campaign) -> None:
    supervisor.cookies["zone"] = "America/Toronto"
    operation = hold(campaign)
    for address in ("/operations/?when=due", f"/operations/{operation.pk}/", f"/operations/{operation.pk}/time/"):
        words = words_of(supervisor.get(address))
        assert "Tue 20 Oct 2026 18:00 EDT" in words
        assert "for you" not in words


def test_what_cxone_has_is_still_to_come(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, state=State.ACCEPTED, not_before=SIX, accepted_at=NOW)
    assert "With CXone until its time" in words_of(supervisor.get("/operations/?when=due"))


def test_what_has_ended_is_not(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, state=State.CONFIRMED, not_before=SIX)
    make_operation(campaign)
    assert "Nothing is to come" in words_of(supervisor.get("/operations/?when=due"))


def test_supervisor_may_change_and_cancel(supervisor: Client, campaign: Campaign) -> None:
    operation = hold(campaign)
    page = supervisor.get("/operations/?when=due").text
    assert f'href="/operations/{operation.pk}/time/"' in page
    assert f'action="/operations/{operation.pk}/cancel/"' in page


def test_reviewer_sees_it_and_changes_nothing(reviewer: Client, campaign: Campaign) -> None:
    operation = hold(campaign)
    page = reviewer.get("/operations/?when=due").text
    assert f"/operations/{operation.pk}/" in page
    assert "/time/" not in page
    assert "/cancel/" not in page


def test_list_is_narrowed(supervisor: Client, campaign: Campaign) -> None:
    hold(campaign)
    hold(campaign, SIX + HOUR, RESUME)
    page = supervisor.get("/operations/?when=due&kind=resume").text
    assert page.count('<tr id="due-') == 1


def test_pages_go_on_where_they_ended(supervisor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.pages.operations.due.PAGE", 2)
    for number in range(3):
        hold(make_campaign(f"c-{number}"), SIX)
    first = supervisor.get("/operations/?when=due")
    second = supervisor.get(f"/operations/?when=due&after={first.context['page'].later}")
    seen = [row.operation.pk for response in (first, second) for row in response.context["page"].rows]
    assert len(set(seen)) == 3
    assert second.context["page"].later == ""


@pytest.mark.parametrize("place", ["x", "-", "99999999999999999999-0", "1-zz"])
def test_nonsense_is_the_first_page(supervisor: Client, campaign: Campaign, place: str) -> None:
    hold(campaign)
    assert "Spring renewal" in supervisor.get(f"/operations/?when=due&after={place}").text


@pytest.mark.parametrize("number", [1, 30])
def test_list_costs_so_many_queries(
    supervisor: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        hold(make_campaign(f"c-{place}"))
    supervisor.get("/operations/?when=due")
    with django_assert_num_queries(HEAD + 1):
        supervisor.get("/operations/?when=due")


def test_rows_refresh_themselves(supervisor: Client, campaign: Campaign) -> None:
    hold(campaign)
    headers = {"HX-Request": "true"}
    page = supervisor.get("/operations/?when=due")
    rows = "/operations/rows/?when=due&seen="
    assert supervisor.get(rows + page.context["version"], headers=headers).status_code == 204
    Operation.objects.update(not_before=SIX + HOUR)
    assert "19:00 EDT" in words_of(supervisor.get(rows + page.context["version"], headers=headers))


# --- A campaign's page ---


def test_campaign_shows_what_is_to_come(supervisor: Client, campaign: Campaign) -> None:
    operation = hold(campaign)
    words = words_of(supervisor.get("/campaigns/spring/"))
    assert f"/operations/{operation.pk}/time/" in words
    assert "Tue 20 Oct 2026 18:00 EDT" in words


def test_week_has_a_mark(supervisor: Client, campaign: Campaign) -> None:
    hold(campaign)
    page = supervisor.get("/campaigns/spring/")
    assert '<path class="mark" d="M1080 0V20"/>' in page.text
    assert "To come: pause Tue 20 Oct 18:00." in words_of(page)


def test_week_after_next_has_none(supervisor: Client, campaign: Campaign) -> None:
    hold(campaign, SIX + timedelta(days=7))
    assert 'class="mark"' not in supervisor.get("/campaigns/spring/").text


def test_held_one_keeps_the_buttons(supervisor: Client, campaign: Campaign) -> None:
    hold(campaign)
    assert 'href="/campaigns/spring/pause/"' in supervisor.get("/campaigns/spring/").text
    assert "Pause" in supervisor.get("/campaigns/").text


def test_old_request_in_progress_is_the_newest(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, state=State.CONFIRMED)
    old = make_operation(campaign, state=State.ACCEPTED, not_before=SIX, requested_at=NOW - timedelta(days=3))
    page = supervisor.get("/campaigns/spring/")
    assert page.context["detail"].newest.operation == old
    assert f'<a href="/operations/{old.pk}/">' in supervisor.get("/campaigns/").text


def test_other_verb_is_for_later(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get("/campaigns/spring/").text
    assert 'href="/campaigns/spring/resume/?when=at"' in page
    assert supervisor.get("/campaigns/spring/resume/?when=at").context["form"].is_later


# --- An operation's page ---


def test_operation_shows_its_end(supervisor: Client, campaign: Campaign) -> None:
    pause = make_operation(campaign)
    resume = hold(campaign, SIX, RESUME, undoes=pause)
    assert f'href="/operations/{resume.pk}/">Tue 20 Oct 2026 18:00 EDT</a>' in words_of(
        supervisor.get(f"/operations/{pause.pk}/")
    )
    assert f'href="/operations/{pause.pk}/">the pause by' in words_of(supervisor.get(f"/operations/{resume.pk}/"))


def test_changed_time_is_a_step_for_all(supervisor: Client, campaign: Campaign) -> None:
    operation = hold(campaign)
    change_time(operation=operation, due=due_instant(SIX + HOUR), seen=SIX, by="bob")
    words = words_of(supervisor.get(f"/operations/{operation.pk}/"))
    assert "by bob: from Tue 20 Oct 2026 18:00 EDT to Tue 20 Oct 2026 19:00 EDT" in words


def test_held_one_refreshes_seldom(supervisor: Client, campaign: Campaign) -> None:
    assert 'data-live="5"' in supervisor.get(f"/operations/{hold(campaign).pk}/").text


# --- Another time ---


def change(client: Client, operation: Operation, **typed: str) -> Any:
    fields = {"at_date": "2026-10-20", "at_time": "19:00", "seen": SIX.isoformat()} | typed
    return client.post(f"/operations/{operation.pk}/time/", fields)


def test_form_has_the_time_that_it_has(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get(f"/operations/{hold(campaign).pk}/time/").text
    assert 'value="2026-10-20"' in page
    assert 'value="18:00"' in page


def test_new_time_is_saved(supervisor: Client, campaign: Campaign) -> None:
    operation = hold(campaign)
    assert change(supervisor, operation).status_code == 303
    operation.refresh_from_db()
    assert operation.not_before == SIX + HOUR
    assert Record.objects.get(kind="operation.rescheduled").by == "ann"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"at_time": "15:00"}, "has passed"),
        ({"at_date": "2026-11-01", "at_time": "01:30"}, "comes twice"),
        ({"at_date": ""}, "Choose the date"),
        ({"seen": ""}, "form was incomplete"),
    ],
)
def test_impossible_times_are_sentences(
    supervisor: Client, campaign: Campaign, typed: dict[str, str], words: str
) -> None:
    operation = hold(campaign)
    response = change(supervisor, operation, **typed)
    assert (response.status_code, words in words_of(response)) == (422, True)
    operation.refresh_from_db()
    assert operation.not_before == SIX


def test_somebody_else_was_faster(supervisor: Client, campaign: Campaign) -> None:
    response = change(supervisor, hold(campaign), seen=(SIX - HOUR).isoformat())
    assert (response.status_code, "was changed while this form was open" in words_of(response)) == (409, True)


def test_time_of_what_was_taken_up_stays(supervisor: Client, campaign: Campaign) -> None:
    operation = make_operation(campaign, state=State.ACCEPTED, not_before=SIX)
    response = change(supervisor, operation)
    assert (response.status_code, response["Location"]) == (303, f"/operations/{operation.pk}/")
    assert not Record.objects.filter(kind="operation.rescheduled").exists()


def test_reviewer_changes_no_time(reviewer: Client, campaign: Campaign) -> None:
    assert change(reviewer, hold(campaign)).status_code == 403
