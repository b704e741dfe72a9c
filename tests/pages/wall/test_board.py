"""The wallboard: the floor in big type for whoever has a link, and nothing else."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.models import Record
from campaigns.models import Bulk, Finding, FindingCode, SyncState, WallLink
from campaigns.states import State
from cxadmin.logs import Formatter
from tests.factories import make_bulk, make_campaign, make_operation, make_user, make_wall_link

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

TOKEN = "a-token-of-a-wallboard"
BOARD, LIVE = f"/wall/{TOKEN}/", f"/wall/{TOKEN}/live/"


@pytest.fixture
def link() -> WallLink:
    return make_wall_link(TOKEN, group_by="client")


def read_now() -> None:
    SyncState.objects.update(last_good_at=timezone.now(), interval_seconds=15)


def counts() -> dict[str, int]:
    return vars_of(Client().get(BOARD).context["wall"].total)


def vars_of(counted: Any) -> dict[str, int]:
    return {name: getattr(counted, name) for name in counted.__slots__ if getattr(counted, name)}


def make_finding(**values: Any) -> Finding:
    now = timezone.now()
    campaign = make_campaign(name="Spring", active_calls=18, urgency=9)
    defaults = {"code": FindingCode.CALLS_OUTSIDE_HOURS, "cause": "x", "since": now, "opened_at": now, "details": {}}
    return Finding.objects.create(campaign=campaign, **defaults | values)


@pytest.mark.usefixtures("link")
def test_floor_is_counted() -> None:
    make_campaign(active_calls=7)
    make_campaign(window_open=True)
    make_campaign(window_open=False)
    make_campaign(status="PAUSED")
    make_campaign(status="PAUSED", active_calls=3, urgency=4)
    make_campaign(status="DRAFT")
    make_campaign(gone_at=timezone.now(), active_calls=5)
    assert counts() == {
        "dialing": 2, "waiting": 1, "paused": 2, "draining": 1, "other": 1, "calls": 10, "needs_you": 1
    }  # fmt: skip


@pytest.mark.usefixtures("link")
def test_floor_is_added_up_by_tag_and_trouble_comes_first() -> None:
    make_campaign(tags={"client": "Northwind"}, active_calls=30)
    make_campaign(tags={"client": "Northwind"}, active_calls=3)
    make_campaign(tags={"client": "Lakeshore"}, active_calls=1, urgency=5)
    make_campaign()
    groups = Client().get(BOARD).context["wall"].groups
    assert [(group.name, group.counts.calls) for group in groups] == [("Lakeshore", 1), ("Northwind", 33), ("", 0)]


@pytest.mark.usefixtures("link")
def test_open_findings_are_on_it_without_names_of_people() -> None:
    make_finding()
    make_finding(code=FindingCode.PAUSED_TOO_LONG, details={"by": "supervisor-sue"})
    page = Client().get(BOARD).text
    assert "Calls outside hours" in page
    assert "Spring" in page
    assert "supervisor-sue" not in page


def test_names_of_people_are_on_it_if_an_admin_chose_so() -> None:
    make_wall_link(TOKEN, shows_people=True)
    make_finding(code=FindingCode.PAUSED_TOO_LONG, details={"by": "supervisor-sue"})
    make_bulk(by="bulk-bea")
    page = Client().get(BOARD).text
    assert "supervisor-sue" in page
    assert "bulk-bea" in page


@pytest.mark.usefixtures("link")
def test_running_bulks_show_how_far_they_are() -> None:
    campaigns = [make_campaign() for _ in range(3)]
    bulk = make_bulk(*campaigns, by="bulk-bea")
    make_operation(campaigns[0], bulk=bulk, state=State.CONFIRMED)
    make_operation(campaigns[1], bulk=bulk, state=State.RUNNING)
    (shown,) = Client().get(BOARD).context["wall"].bulks
    assert (shown.words, shown.ended, shown.number) == ("Pausing 3 campaigns", 1, 3)
    Bulk.objects.update(ended_at=timezone.now())
    assert Client().get(BOARD).context["wall"].bulks == []


@pytest.mark.usefixtures("link")
def test_old_data_is_said_loudly() -> None:
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(minutes=20), interval_seconds=15)
    page = Client().get(BOARD).text
    assert "OLD: from" in page
    assert 'class="wall is-old"' in page


@pytest.mark.usefixtures("link")
def test_unchanged_board_is_not_sent_again() -> None:
    read_now()
    version = Client().get(BOARD).context["version"]
    response = Client().get(LIVE, {"seen": version})
    assert (response.status_code, response.content) == (204, b"")
    assert int(response["X-Data-Age"]) < 10
    SyncState.bump()
    assert Client().get(LIVE, {"seen": version}).status_code == 200


@pytest.mark.usefixtures("link")
@pytest.mark.parametrize("number", [5, 300])
def test_queries_do_not_grow(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    read_now()
    for each in range(number):
        make_campaign(tags={"client": f"c{each % 20}"})
    Client().get(BOARD)  # notes that the screen is on
    with django_assert_num_queries(4):
        Client().get(BOARD)


def test_link_is_no_session(link: WallLink) -> None:
    client = Client()
    response = client.get(BOARD)
    assert response.status_code == 200
    assert not response.cookies
    assert "/campaigns/" in client.get("/campaigns/")["Location"]
    assert client.get("/campaigns/").status_code == 302


@pytest.mark.usefixtures("link")
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_changed_by_it(method: str) -> None:
    assert getattr(Client(), method)(BOARD).status_code == 405


@pytest.mark.usefixtures("link")
@pytest.mark.parametrize("address", [BOARD, LIVE])
def test_address_is_kept_nowhere(address: str) -> None:
    response = Client().get(address)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]


def test_screen_is_noted_once_a_minute(link: WallLink) -> None:
    Client().get(LIVE)
    link.refresh_from_db()
    first = link.shown_at
    Client().get(LIVE)
    link.refresh_from_db()
    assert first
    assert link.shown_at == first


@pytest.mark.parametrize(
    "values",
    [
        {"revoked_at": timezone.now(), "revoked_by": "ada"},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"token_hash": "0" * 64},
    ],
)
@pytest.mark.parametrize("address", [BOARD, LIVE, f"/wall/{'x' * 5000}/", "/wall/%00/"])
def test_link_that_does_not_work_gets_the_same_plain_page(values: dict[str, Any], address: str) -> None:
    make_wall_link(TOKEN, **values)
    response = Client().get(address)
    assert response.status_code == 404
    assert "There is nothing at this address." in response.text
    assert "wall" not in response.text.lower()


def test_refused_links_are_counted_not_flooded() -> None:
    for number in range(9):
        Client().get(f"/wall/guess-{number}/")
    records = Record.objects.filter(kind="wall.refused")
    assert [record.details["times"] for record in records.order_by("number")] == [1, 2, 4, 8]


@pytest.mark.parametrize("line", ['"GET /wall/s3cret/ HTTP/1.1" 404', "Not Found: /wall/s3cret/live/?seen=1"])
def test_token_is_in_no_line_of_the_log(line: str) -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, line, (), None)
    assert "s3cret" not in Formatter().format(record)
    assert "/wall/•••" in Formatter().format(record)


def test_refused_link_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Client().get("/wall/s3cret/")
    assert "s3cret" not in caplog.text


def test_person_who_is_signed_in_may_look_too(link: WallLink) -> None:
    client = Client()
    client.force_login(make_user("reviewer"))
    assert client.get(BOARD).status_code == 200
