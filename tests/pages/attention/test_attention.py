"""The page of what needs attention: what is open and why, what to do, and what people decide about it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.models import Record
from campaigns.models import Campaign, Finding, FindingCode
from campaigns.states import State
from tests.attention.given import make_finding
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_operation
from tests.operations.runner.schedules import with_hours
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in
from tests.pages.costs import HEAD

pytestmark = pytest.mark.django_db

REFRESH = {"HX-Request": "true"}


@pytest.fixture
def spring() -> Campaign:
    return make_campaign("spring", name="Spring renewal", active_calls=37, tags={"client": "Northwind"})


@pytest.fixture
def outside(spring: Campaign) -> Finding:
    return make_finding(FindingCode.CALLS_OUTSIDE_HOURS, spring)


def shown(client: Client, query: str = "") -> str:
    return words_of(client.get(f"/attention/{query}"))


def title_of(page: str) -> str:
    """As browsers show it."""
    return " ".join(page.partition("<title>")[2].partition("</title>")[0].split())


# --- What is open ---


def test_quiet_system_says_so(supervisor: Client) -> None:
    assert "Nothing needs you" in shown(supervisor)


def test_finding_with_why_and_what_to_do(supervisor: Client, outside: Finding) -> None:
    page = shown(supervisor)
    assert "Spring renewal" in page
    assert "37 calls are in progress, and its dialing window has been closed since Wed 25 Nov 17:00 EST." in page
    assert 'href="/campaigns/spring/pause/">Pause now' in page


def test_most_urgent_kind_comes_first(supervisor: Client, outside: Finding) -> None:
    make_finding(FindingCode.CHANGED_IN_CXONE)
    make_finding(FindingCode.CAME_BACK)
    groups = supervisor.get("/attention/").context["page"].groups
    assert [group.label for group in groups] == ["Came back after a pause", "Calls outside hours", "Changed in CXone"]


def test_reviewer_sees_it_without_buttons(reviewer: Client, outside: Finding) -> None:
    page = shown(reviewer)
    assert "Calls outside hours" in page
    assert "Pause now" not in page
    assert "I’m on it<" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?code=calls_outside_hours", True),
        ("?code=changed_in_cxone", False),
        ("?tag=client:Northwind", True),
        ("?tag=client:Contoso", False),
        ("?tag=CXone+campaign:Northwind", False),
        ("?tag=nonsense", True),
        ("?client=Northwind", True),
        ("?client=Contoso", False),
        ("?mine=1", False),
        ("?code=nonsense", True),
    ],
)
def test_page_is_narrowed(supervisor: Client, outside: Finding, query: str, found: bool) -> None:
    assert ("Spring renewal" in shown(supervisor, query)) is found


def test_narrowed_page_without_any_says_how_many_are_open(supervisor: Client, outside: Finding) -> None:
    assert "1 finding is open" in shown(supervisor, "?code=changed_in_cxone")


def test_many_are_paused_together(supervisor: Client, outside: Finding) -> None:
    make_finding(FindingCode.CALLS_OUTSIDE_HOURS)
    assert "Pause these 2 campaigns" in shown(supervisor)
    form = words_of(supervisor.get("/bulk/pause/?all=1&finding=calls_outside_hours"))
    assert "Pause 2 campaigns" in form


def test_storm_shows_the_first_of_each_kind(supervisor: Client) -> None:
    for _ in range(25):
        make_finding(FindingCode.CALLS_OUTSIDE_HOURS)
    page = supervisor.get("/attention/").context["page"].groups[0]
    assert (len(page.rows), page.number, page.left_out) == (20, 25, 5)
    assert len(supervisor.get("/attention/?code=calls_outside_hours").context["page"].groups[0].rows) == 25


PAUSED, ACTIVE = "PAUSED", "ACTIVE"


@pytest.mark.parametrize(
    ("code", "status", "kind", "button", "leads_to"),
    [
        (FindingCode.CAME_BACK, ACTIVE, "", "Pause again", "Pause campaign</button>"),
        (FindingCode.CALLS_OUTSIDE_HOURS, ACTIVE, "", "Pause now", "Pause campaign</button>"),
        (FindingCode.DIALING_ON_HOLIDAY, ACTIVE, "", "Pause now", "Until a time"),
        (FindingCode.CALLS_OVER_LIMIT, ACTIVE, "", "Pause now", "overrides the"),
        (FindingCode.OPERATION_FAILED, ACTIVE, "pause", "Try to pause again", "Pause campaign</button>"),
        (FindingCode.OPERATION_FAILED, PAUSED, "resume", "Try to resume again", "Resume campaign</button>"),
        (FindingCode.OPERATION_FAILED, ACTIVE, "schedule", "Edit these hours and try again", "Save hours"),
        (FindingCode.OPERATION_UNCONFIRMED, ACTIVE, "pause", "Try to pause again", "Pause campaign</button>"),
        (FindingCode.OPERATION_STUCK, ACTIVE, "pause", "Open the operation", "Waiting for"),
        (FindingCode.CHANGED_IN_CXONE, ACTIVE, "", "Pause campaign", "Pause campaign</button>"),
        (FindingCode.PAUSED_TOO_LONG, PAUSED, "", "Resume campaign", "Resume campaign</button>"),
    ],
)
def test_button_does_what_the_sentence_says(
    supervisor: Client, code: FindingCode, status: str, kind: str, button: str, leads_to: str
) -> None:
    campaign = make_campaign("spring", status=status, active_calls=60)
    operation = make_operation(make_campaign(), by="ann", state=State.RUNNING)
    finding = make_finding(code, campaign)
    if kind:
        Finding.objects.update(details={**finding.details, "operation": str(operation.pk), "kind": kind})
    row = supervisor.get("/attention/").context["page"].groups[0].rows[0]
    assert row.step.label == button
    page = supervisor.get(row.step.address)
    assert page.status_code == 200
    assert leads_to in words_of(page)


def test_conflict_leads_to_the_choice(supervisor: Client, spring: Campaign) -> None:
    sides = {"base": SCHEDULE, "theirs": with_hours(MON="10:00-18:00"), "ours": with_hours(MON="08:30-17:00")}
    payload = {"base": sides["base"], "ours": sides["ours"], "etag": "", "acknowledged": False}
    conflict = {**sides, "clashes": [], "findings": []}
    operation = make_operation(
        spring, kind="schedule", reason="", state=State.CONFLICT, payload=payload, conflict=conflict
    )
    finding = make_finding(FindingCode.SCHEDULE_CONFLICT, spring)
    Finding.objects.update(details={**finding.details, "operation": str(operation.pk)})
    row = supervisor.get("/attention/").context["page"].groups[0].rows[0]
    assert row.step.label == "Open the conflict"
    assert f'action="/operations/{operation.pk}/resolve/"' in supervisor.get(row.step.address).text


@pytest.mark.parametrize("code", [FindingCode.CALLS_OUTSIDE_HOURS, FindingCode.CALLS_OVER_LIMIT])
def test_what_is_paused_already_is_not_to_be_paused(supervisor: Client, code: FindingCode) -> None:
    make_finding(code, make_campaign(status="PAUSED", active_calls=60))
    assert supervisor.get("/attention/").context["page"].groups[0].rows[0].step is None


@pytest.mark.parametrize("kind", ["pause", "resume"])
@pytest.mark.parametrize("code", [FindingCode.OPERATION_FAILED, FindingCode.OPERATION_UNCONFIRMED])
def test_what_cxone_would_refuse_again_is_not_offered(supervisor: Client, code: FindingCode, kind: str) -> None:
    finding = make_finding(code, make_campaign(status="COMPLETE"))
    Finding.objects.update(details={**finding.details, "kind": kind})
    assert supervisor.get("/attention/").context["page"].groups[0].rows[0].step is None
    page = shown(supervisor)
    assert "It is complete in CXone: it can be neither paused nor resumed. If that is right, dismiss this." in page
    assert "try again" not in page


def test_operation_that_ended_badly_can_be_looked_at(supervisor: Client) -> None:
    operation = make_operation(state=State.FAILED)
    make_finding(FindingCode.OPERATION_FAILED)
    Finding.objects.update(
        details={"operation": str(operation.pk), "kind": "pause", "state": "FAILED", "by": "ann", "error": ""}
    )
    assert f'<a href="/operations/{operation.pk}/">See the operation</a>' in shown(supervisor)


def test_calendar_leads_to_its_holidays() -> None:
    calendar, now = make_calendar(id=7, name="Ohio"), timezone.now()
    details, code = {"year": 2027, "campaigns": 12}, FindingCode.NO_CALENDAR_NEXT_YEAR
    Finding.objects.create(calendar=calendar, code=code, cause="2027", since=now, opened_at=now, details=details)
    page = shown(sign_in("admin", "ada"))
    assert "It restricts days in 2026 and none in 2027, and 12 campaigns go by it." in page
    assert 'href="/holidays/7/import/">Add holidays' in page


@pytest.mark.parametrize("number", [2, 15])
def test_queries_do_not_grow(
    supervisor: Client, number: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for code in (FindingCode.CALLS_OUTSIDE_HOURS, FindingCode.CHANGED_IN_CXONE, FindingCode.OPERATION_FAILED):
        for _ in range(number):
            make_finding(code)
    supervisor.get("/attention/")
    with django_assert_max_num_queries(HEAD + 7):
        supervisor.get("/attention/")


# --- Live ---


def test_unchanged_page_is_not_sent_again(supervisor: Client, outside: Finding) -> None:
    version = supervisor.get("/attention/").context["version"]
    assert supervisor.get(f"/attention/rows/?seen={version}", headers=REFRESH).status_code == 204


def test_every_page_counts_them(supervisor: Client, outside: Finding) -> None:
    page = words_of(supervisor.get("/operations/"))
    assert title_of(page) == "(1) Operations · Campaign control"
    assert 'data-findings="1"' in page


def test_every_page_names_their_kinds(supervisor: Client) -> None:
    for code in (FindingCode.CALLS_OUTSIDE_HOURS, FindingCode.OPERATION_FAILED, FindingCode.CALLS_OVER_LIMIT):
        make_finding(code)
    page = words_of(supervisor.get("/operations/"))
    assert "Calls outside hours: 1</strong> · Failed: 1 · Calls over the limit: 1 <a" in page


def test_quiet_page_counts_nothing(supervisor: Client) -> None:
    page = words_of(supervisor.get("/operations/"))
    assert title_of(page) == "Operations · Campaign control"
    assert 'data-count="findings" hidden' in page


# --- Decisions ---


def test_somebody_is_on_it(supervisor: Client, outside: Finding) -> None:
    supervisor.post(f"/attention/{outside.pk}/take/", {"listed": "code=calls_outside_hours"})
    assert "You are on it" in shown(supervisor)
    assert "Spring renewal" in shown(supervisor, "?mine=1")
    assert Record.objects.filter(kind="finding.taken", by="ann").exists()


def test_page_stays_narrowed_after_a_button(supervisor: Client, outside: Finding) -> None:
    response = supervisor.post(f"/attention/{outside.pk}/take/", {"listed": "code=calls_outside_hours"})
    assert response["Location"] == "/attention/?code=calls_outside_hours"


@pytest.mark.parametrize("button", ["take", "dismiss"])
def test_button_on_the_campaigns_page_leads_back_there(supervisor: Client, outside: Finding, button: str) -> None:
    response = supervisor.post(f"/attention/{outside.pk}/{button}/", {"note": "Test calls", "campaign": "spring"})
    assert response["Location"] == "/campaigns/spring/"


def test_panel_of_the_list_is_told_what_was_done(supervisor: Client, outside: Finding) -> None:
    headers = {"X-Panel": "1"}
    assert supervisor.post(f"/attention/{outside.pk}/take/", headers=headers).content == b""
    said = supervisor.post(f"/attention/{outside.pk}/dismiss/", {"note": "Test calls"}, headers=headers)
    assert said.content.startswith(b"Dismissed: Calls outside hours")
    assert "Dismissed: Calls outside hours" not in supervisor.get("/account/").text


def test_campaigns_page_says_that_its_buttons_are_there(supervisor: Client, outside: Finding) -> None:
    page = supervisor.get("/campaigns/spring/").content.decode()
    assert '<input type="hidden" name="campaign" value="spring">' in page
    assert f'action="/attention/{outside.pk}/dismiss/"' in page
    form = supervisor.get(f"/attention/{outside.pk}/dismiss/?campaign=spring").content.decode()
    assert '<input type="hidden" name="campaign" value="spring">' in form
    assert '<a class="button quiet" href="/campaigns/spring/">Cancel</a>' in form


def test_dismissed_with_a_note(supervisor: Client, outside: Finding) -> None:
    page = words_of(supervisor.post(f"/attention/{outside.pk}/dismiss/", {"note": "Test calls"}, follow=True))
    assert "Dismissed by ann: Test calls" in page
    assert "Nothing needs you" in page
    assert not Finding.objects.filter(ended_at=None).exists()


def test_note_is_needed_and_nothing_typed_is_lost(supervisor: Client, outside: Finding) -> None:
    response = supervisor.post(f"/attention/{outside.pk}/dismiss/", {"note": " "})
    assert response.status_code == 422
    assert "Nothing was dismissed" in words_of(response)
    too_long = supervisor.post(f"/attention/{outside.pk}/dismiss/", {"note": "x" * 501})
    assert "x" * 501 in too_long.text
    assert Finding.objects.filter(ended_at=None).exists()


def test_letting_it_dial_is_dismissing_it(supervisor: Client) -> None:
    spring = make_campaign("spring", came_back_at=timezone.now())
    finding = make_finding(FindingCode.CAME_BACK, spring)
    supervisor.post(f"/attention/{finding.pk}/dismiss/", {"note": "The client resumed it"})
    spring.refresh_from_db()
    assert (spring.came_back_at, spring.urgency) == (None, 0)


def test_ended_finding_is_not_dismissed_again(supervisor: Client, outside: Finding) -> None:
    Finding.objects.update(ended_at=timezone.now(), end="gone")
    page = words_of(supervisor.post(f"/attention/{outside.pk}/dismiss/", {"note": "Late"}, follow=True))
    assert "this has ended meanwhile" in page
    assert Finding.objects.get().note == ""


def test_yesterdays_ends_are_not_shown(supervisor: Client, outside: Finding) -> None:
    Finding.objects.update(ended_at=timezone.now() - timedelta(days=1), end="gone")
    assert "Ended today" not in shown(supervisor)


def test_reviewer_decides_nothing(reviewer: Client, outside: Finding) -> None:
    assert reviewer.post(f"/attention/{outside.pk}/take/").status_code == 403
    assert reviewer.post(f"/attention/{outside.pk}/dismiss/", {"note": "No"}).status_code == 403
