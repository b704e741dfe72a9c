"""A campaign that came back by itself stands on top of every page until it is paused again or let dial."""

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Record
from campaigns.models import Campaign
from tests.factories import make_campaign
from tests.pages.asking import words_of

pytestmark = pytest.mark.django_db

REFRESH = {"HX-Request": "true"}
SAID = "Spring renewal</a> came back by itself"


@pytest.fixture
def spring() -> Campaign:
    return make_campaign("spring", name="Spring renewal", came_back_at=timezone.now())


@pytest.mark.parametrize("address", ["/campaigns/", "/operations/", "/campaigns/spring/", "/campaigns/spring/pause/"])
def test_every_page_says_so(supervisor: Client, spring: Campaign, address: str) -> None:
    assert SAID in words_of(supervisor.get(address, follow=True))


def test_page_without_any_says_nothing(supervisor: Client) -> None:
    make_campaign("spring")
    assert "came back by itself" not in words_of(supervisor.get("/campaigns/"))


def test_reviewer_sees_it_without_buttons(reviewer: Client, spring: Campaign) -> None:
    page = words_of(reviewer.get("/campaigns/"))
    assert SAID in page
    assert "Pause again" not in page


def test_refreshed_head_says_so(supervisor: Client, spring: Campaign) -> None:
    assert SAID in words_of(supervisor.get("/freshness/", headers=REFRESH))


def test_unchanged_fragment_tells_which_there_are(supervisor: Client, spring: Campaign) -> None:
    page = supervisor.get("/operations/rows/", headers=REFRESH)
    assert page["X-Returned"].startswith("1-")


def test_many_are_the_latest_and_their_number(supervisor: Client) -> None:
    for _ in range(7):
        make_campaign(came_back_at=timezone.now())
    page = words_of(supervisor.get("/campaigns/"))
    assert page.count("Let it dial") == 5
    assert "7 campaigns came back by themselves" in page


def test_let_dial_is_on_record(supervisor: Client, spring: Campaign) -> None:
    supervisor.post("/campaigns/spring/let-dial/")
    spring.refresh_from_db()
    assert spring.came_back_at is None
    assert Record.objects.filter(kind="campaign.return_dismissed", campaign_id="spring").exists()


def test_let_dial_a_second_time_changes_nothing(supervisor: Client, spring: Campaign) -> None:
    for _ in range(2):
        response = supervisor.post("/campaigns/spring/let-dial/", follow=True)
    assert "no longer among those" in words_of(response)
    assert Record.objects.filter(kind="campaign.return_dismissed").count() == 1


def test_reviewer_may_not_let_dial(reviewer: Client, spring: Campaign) -> None:
    assert reviewer.post("/campaigns/spring/let-dial/").status_code == 403
