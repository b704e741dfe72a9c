"""The page of approvals: what waits for whom, what it would do, and two people at two browsers."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Approval, Campaign, Operation, OperationKind, Policy
from campaigns.states import State
from tests.factories import SCHEDULE, make_approval, make_campaign, make_operation
from tests.operations.runner.schedules import MONDAY
from tests.operations.two_people import let_lapse, want_two
from tests.pages.asking import ask, words_of
from tests.pages.bulk.asking import send
from tests.pages.conftest import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

LIST = "/approvals/"


@pytest.fixture
def spring() -> Campaign:
    want_two()
    return make_campaign("spring", name="Spring", status="PAUSED")


@pytest.fixture
def bea() -> Client:
    return sign_in("supervisor", "bea")


@pytest.fixture
def resume(spring: Campaign, supervisor: Client) -> Operation:
    """Asked for by Ann."""
    assert ask(supervisor, "resume", spring, reason="RESOLVED").status_code == 303
    return Operation.objects.get()


def page_of(operation: Operation) -> str:
    return f"{LIST}{Approval.objects.get(operation=operation).pk}/"


def digest_in(page: str) -> str:
    return page.partition('name="digest" value="')[2][:64]


def version_in(page: str) -> str:
    return page.partition("rows/?seen=")[2].partition('"')[0]


def approve(client: Client, operation: Operation) -> Any:
    address = page_of(operation)
    return client.post(f"{address}approve/", {"digest": digest_in(client.get(address).text)}, follow=True)


def test_resume_form_says_that_it_will_wait(supervisor: Client, spring: Campaign) -> None:
    page = words_of(supervisor.get("/campaigns/spring/resume/"))
    assert "It waits for a second person: nothing is sent before somebody else has approved it." in page
    assert "dialing starts at once" not in page


@pytest.mark.parametrize("address", ["/campaigns/spring/schedule/", "/bulk/resume/?id=spring"])
def test_other_forms_say_it_where_the_policy_wants_it(supervisor: Client, spring: Campaign, address: str) -> None:
    waits = "It waits for a second person: nothing is sent before somebody else has approved it."
    assert waits in words_of(supervisor.get(address))
    want_two(resume=False, bulk=False, schedule=False)
    assert waits not in words_of(supervisor.get(address))


def test_resume_beside_the_list_says_it_too(supervisor: Client, spring: Campaign) -> None:
    panel = {"hx-request": "true"}
    waits = "It waits for a second person: nothing is sent before somebody else has approved it."
    assert waits in words_of(supervisor.get("/campaigns/spring/panel/", headers=panel))
    want_two(resume=False, bulk=False, schedule=False)
    assert waits not in words_of(supervisor.get("/campaigns/spring/panel/", headers=panel))


def test_undo_on_the_page_of_an_operation_says_it(supervisor: Client, spring: Campaign) -> None:
    pause = make_operation(spring, state=State.CONFIRMED)
    spring.explained_by = pause
    spring.save()
    address = f"/operations/{pause.pk}/"
    page = words_of(supervisor.get(address))
    assert "Ask to undo: resume it" in page
    assert "It waits for a second person: nothing is sent before somebody else has approved it." in page
    want_two(resume=False)
    page = words_of(supervisor.get(address))
    assert "Ask to undo" not in page
    assert "Undo: resume it" in page
    assert "It waits for a second person" not in page


def test_button_that_puts_hours_back_says_it(supervisor: Client, spring: Campaign) -> None:
    sides = {"base": SCHEDULE, "ours": MONDAY, "replaced": SCHEDULE}
    change = make_operation(
        spring, kind=OperationKind.SCHEDULE, state=State.CONFIRMED, payload=sides, applied={**SCHEDULE, "x": 1}
    )
    page = words_of(supervisor.get(f"/operations/{change.pk}/"))
    assert "Ask to put the old hours back" in page
    assert "It waits for a second person: nothing is sent before somebody else has approved it." in page


def test_pause_of_many_does_not_say_it(supervisor: Client, spring: Campaign) -> None:
    assert "It waits for a second person" not in words_of(supervisor.get("/bulk/pause/?id=spring"))


def test_check_of_typed_hours_keeps_saying_it(supervisor: Client, spring: Campaign) -> None:
    page = supervisor.post("/campaigns/spring/schedule/check/", {}, headers={"hx-request": "true"})
    assert "It waits for a second person" in words_of(page)


def test_resume_form_leads_to_an_operation_that_waits(supervisor: Client, resume: Operation) -> None:
    assert resume.state == State.PENDING
    page = supervisor.get(f"/operations/{resume.pk}/").text
    assert "It waits for a second person to approve it." in page
    assert "Cancel this resume" in page
    assert page_of(resume) in page


def test_second_person_sees_it_with_what_it_means_now(bea: Client, resume: Operation) -> None:
    Campaign.objects.update(window_open=True, active_calls=3)
    page = bea.get(LIST).text
    assert "Waiting for you" in page
    assert "<strong>ann</strong> asks to resume" in page
    assert "Its window is open now" in page
    assert "3 calls are in progress on it." in page


@pytest.fixture
def is_gone() -> str:
    """ann's account is disabled, or has another role by now."""
    User.objects.filter(username="ann").update(is_active=False)
    return "The account of ann has been disabled since. Make sure that this is still wanted."


@pytest.fixture
def is_demoted() -> str:
    User.objects.get(username="ann").groups.set(Group.objects.filter(name="reviewer"))
    return "ann may no longer resume campaigns. Make sure that this is still wanted."


@pytest.mark.parametrize("change", ["is_gone", "is_demoted"])
def test_second_person_reads_that_the_asker_could_not_ask_now(
    change: str, bea: Client, resume: Operation, request: pytest.FixtureRequest
) -> None:
    page = page_of(resume)
    assert "Make sure that this is still wanted" not in bea.get(page).text
    token = version_in(bea.get(LIST).text)
    sentence = request.getfixturevalue(change)
    assert sentence in words_of(bea.get(page))
    # Where the list shows a request whole, it can be approved there.
    assert sentence in words_of(bea.get(LIST))
    assert version_in(bea.get(LIST).text) != token
    # It is for the second person to decide.
    assert approve(bea, resume).redirect_chain[-1][0] == f"/operations/{resume.pk}/"
    assert sentence not in words_of(bea.get(page))


def test_request_for_many_says_it_too(bea: Client, many: str, is_demoted: str) -> None:
    assert is_demoted in words_of(bea.get(f"{LIST}{Approval.objects.get().pk}/"))


def test_whoever_has_the_right_by_no_role_may_ask(bea: Client, resume: Operation, is_demoted: str) -> None:
    User.objects.filter(username="ann").update(is_superuser=True)
    assert is_demoted not in words_of(bea.get(page_of(resume)))


def test_approving_leads_to_the_operation(bea: Client, resume: Operation, enqueued: list[tuple[str, ...]]) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        response = approve(bea, resume)
    assert response.redirect_chain[-1] == (f"/operations/{resume.pk}/", 303)
    assert "Approved by" in response.text
    assert ("campaigns.tasks.run_operation", str(resume.pk)) in enqueued


def test_reviewer_may_approve(reviewer: Client, resume: Operation) -> None:
    approve(reviewer, resume)
    resume.refresh_from_db()
    assert resume.approved_by == "rosa"


def test_own_request_cannot_be_approved(supervisor: Client, resume: Operation) -> None:
    page = supervisor.get(page_of(resume)).text
    assert "You asked for this" in page
    assert digest_in(page) == ""
    digest = Approval.objects.get().digest
    response = supervisor.post(f"{page_of(resume)}approve/", {"digest": digest}, follow=True)
    assert "somebody else has to approve" in response.text
    resume.refresh_from_db()
    assert resume.state == State.PENDING


def test_link_changes_nothing(bea: Client, resume: Operation) -> None:
    assert bea.get(page_of(resume)).status_code == 200
    assert bea.get(f"{page_of(resume)}approve/").status_code == 405
    resume.refresh_from_db()
    assert resume.state == State.PENDING


def test_link_leads_to_the_page_after_signing_in(resume: Operation) -> None:
    address = page_of(resume)
    response = Client().get(address)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")


def test_hash_of_something_else_approves_nothing(bea: Client, resume: Operation) -> None:
    response = bea.post(f"{page_of(resume)}approve/", {"digest": "0" * 64}, follow=True)
    assert "isn’t what you saw" in words_of(response)
    assert response.redirect_chain[-1][0] == page_of(resume)


def test_refusal_needs_a_reason(bea: Client, resume: Operation) -> None:
    response = bea.post(f"{page_of(resume)}refuse/", {"reason": " "})
    assert response.status_code == 422
    assert "Write why." in response.text


def test_asker_is_told_of_the_refusal(bea: Client, supervisor: Client, resume: Operation) -> None:
    bea.post(f"{page_of(resume)}refuse/", {"reason": "the script isn't ready"})
    page = supervisor.get("/operations/mine/", headers={"HX-Request": "true"}).text
    assert "Refused." in page
    assert "bea refused it: the script isn&#x27;t ready" in page


def test_asker_is_told_that_it_lapsed(supervisor: Client, resume: Operation) -> None:
    let_lapse(resume)
    assert "Lapsed: nobody approved it" in supervisor.get(LIST).text


def test_tray_says_how_long_it_waits(supervisor: Client, resume: Operation) -> None:
    page = supervisor.get("/operations/mine/", headers={"HX-Request": "true"}).text
    assert "Waits for a second person, lapses in 30 min" in page
    assert f"/operations/{resume.pk}/cancel/" in page


def test_head_counts_what_waits_for_the_reader(bea: Client, supervisor: Client, resume: Operation) -> None:
    def count(client: Client) -> str:
        entry = client.get("/handover/").text.partition('href="/approvals/"')[2].partition("</a>")[0]
        return entry.partition('data-count="approvals"')[2].partition("</span>")[0]

    assert count(bea) == ">1"
    assert count(supervisor) == " hidden>0"


def test_menu_has_no_approvals_while_none_are_wanted(supervisor: Client, db: None) -> None:
    assert 'href="/approvals/"' not in supervisor.get("/handover/").text


def test_changed_hours_are_shown_day_by_day(bea: Client, spring: Campaign) -> None:
    payload = {"base": SCHEDULE, "ours": MONDAY, "etag": "", "acknowledged": True}
    change = make_operation(
        spring, kind=OperationKind.SCHEDULE, state=State.PENDING, by="ann", reason="", payload=payload
    )
    make_approval(change)
    assert "Review and decide" in bea.get(LIST).text
    page = bea.get(page_of(change)).text
    assert "ann</strong> asks to change the dialing hours of" in page
    assert "Monday" in page
    assert "lost" in page


@pytest.fixture
def many(spring: Campaign, supervisor: Client) -> str:
    make_campaign("autumn", name="Autumn", status="PAUSED", active_calls=2)
    response = send(supervisor, "/bulk/resume/?id=spring&id=autumn", reason="RESOLVED", number="2")
    assert response.status_code == 303
    return str(response["Location"])


def test_bulk_waits_whole_with_its_summed_impact(bea: Client, many: str) -> None:
    assert "It waits for a second person." in bea.get(many).text
    page = bea.get(f"{LIST}{Approval.objects.get().pk}/").text
    assert "<p>2 will be resumed.</p>" in page
    assert "2 calls in progress on them now." in page
    assert "Autumn" in page


def test_bulk_begins_once_it_is_approved(bea: Client, many: str, enqueued: list[tuple[str, ...]]) -> None:
    approval = Approval.objects.get()
    address = f"{LIST}{approval.pk}/"
    with TestCase.captureOnCommitCallbacks(execute=True):
        bea.post(f"{address}approve/", {"digest": digest_in(bea.get(address).text)})
    assert ("campaigns.tasks.run_bulk", str(approval.bulk_id)) in enqueued
    assert "bea" in bea.get(many).text


def test_policy_page_switches_it_on_and_says_so(db: None) -> None:
    admin = sign_in("admin", "adam")
    form = admin.get("/policy/thresholds/").text
    seen = form.partition('name="seen" value="')[2].partition('"')[0].replace("&quot;", '"')
    values = {name: str(getattr(Policy.current(), name)) for name in ("max_active_calls", "max_windows")}
    values |= {"max_concurrent_pauses": "1", "pause_patience_minutes": "30", "late_minutes": "60"}
    values |= {"paused_too_long_days": "7", "approval_minutes": "15", "two_for_resume": "on", "seen": seen}
    admin.post("/policy/thresholds/", values)
    assert "resumes" in admin.get("/policy/").text.partition("Waits for a second person")[2][:120]
    assert Policy.current().approval_minutes == 15


def test_list_costs_the_same_however_many_wait(bea: Client, resume: Operation) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            bea.get(LIST)
        return len(captured)

    cost()
    one = cost()
    for number in range(5):
        campaign = make_campaign(f"more-{number}", status="PAUSED")
        other = make_operation(campaign, kind=OperationKind.RESUME, state=State.PENDING, by="ann")
        make_approval(other)
    assert cost() == one


def test_soonest_to_lapse_comes_first(bea: Client, spring: Campaign) -> None:
    now = timezone.now()
    for name, minutes in (("late", 20), ("soon", 5)):
        operation = make_operation(make_campaign(name=name), kind="resume", state=State.PENDING, by="ada")
        make_approval(operation, asked_at=now, lapses_at=now + timedelta(minutes=minutes))
    page = bea.get(LIST).text
    assert page.index(">soon<") < page.index(">late<")


# --- On the campaign's page ---


def test_campaign_names_what_waits_for_it(bea: Client, resume: Operation) -> None:
    page = words_of(bea.get("/campaigns/spring/"))
    assert "ann asks to resume it." in page
    assert "lapses <time" in page
    assert f'href="{page_of(resume)}"> Review and decide' in page


def test_asker_reads_that_somebody_else_decides(supervisor: Client, resume: Operation) -> None:
    page = words_of(supervisor.get("/campaigns/spring/"))
    assert "You asked to resume it. Somebody else has to approve it before anything is sent." in page


def test_campaign_of_a_bulk_that_waits_names_it(bea: Client, supervisor: Client, spring: Campaign) -> None:
    make_campaign("summer", status="PAUSED")
    make_campaign("autumn")
    send(supervisor, "/bulk/resume/?id=spring&id=summer", reason="RESOLVED", number="2")
    assert "ann asks to resume it, as one of 2 campaigns." in words_of(bea.get("/campaigns/spring/"))
    assert "asks to resume" not in words_of(bea.get("/campaigns/autumn/"))


def test_campaign_names_nothing_once_it_is_decided(bea: Client, resume: Operation) -> None:
    bea.post(f"{page_of(resume)}refuse/", {"reason": "too early"})
    assert "asks to resume" not in words_of(bea.get("/campaigns/spring/"))


def test_time_of_what_waits_is_not_changed(supervisor: Client, resume: Operation) -> None:
    response = supervisor.get(f"/operations/{resume.pk}/time/", follow=True)
    assert "It waits for a second person, who decides about the time that was asked for." in words_of(response)


@pytest.mark.parametrize("role", ["admin", "supervisor"])
def test_list_leads_to_where_four_eyes_are_switched_on_whoever_may_do_so(role: str) -> None:
    page = sign_in(role, "cleo").get(LIST).text
    assert "the policy requires no second person for anything" in page
    assert ('href="/policy/thresholds/#two-people"' in page) == (role == "admin")


def test_list_leads_to_a_part_of_the_policy_that_is_there() -> None:
    assert 'id="two-people"' in sign_in("admin", "cleo").get("/policy/thresholds/").text
