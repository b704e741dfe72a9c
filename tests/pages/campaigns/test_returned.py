"""A campaign that came back by itself stands on top of every page until it is paused again or let dial."""

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Record
from campaigns.models import Campaign, FindingCode
from tests.attention.given import make_finding
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
    assert page["X-Notices"].startswith("1-")


def test_many_are_the_latest_and_their_number(supervisor: Client) -> None:
    for _ in range(7):
        make_campaign(came_back_at=timezone.now())
    page = words_of(supervisor.get("/campaigns/"))
    assert page.count("Let it dial") == 5
    assert "7 campaigns came back by themselves" in page


@pytest.mark.parametrize("address", ["/campaigns/spring/", "/attention/"])
def test_page_that_has_the_finding_says_it_once(supervisor: Client, spring: Campaign, address: str) -> None:
    make_finding(FindingCode.CAME_BACK, spring, since=spring.came_back_at)
    assert SAID not in words_of(supervisor.get(address))
    assert "Came back after a pause" in words_of(supervisor.get(address))


def test_page_of_one_tells_of_the_other(supervisor: Client, spring: Campaign) -> None:
    make_finding(FindingCode.CAME_BACK, spring)
    other = make_campaign("autumn", name="Autumn offer", came_back_at=timezone.now())
    make_finding(FindingCode.CAME_BACK, other)
    assert "Autumn offer</a> came back by itself" in words_of(supervisor.get("/campaigns/spring/"))


def test_letting_it_dial_needs_a_note(supervisor: Client, spring: Campaign) -> None:
    finding = make_finding(FindingCode.CAME_BACK, spring)
    supervisor.post(f"/attention/{finding.pk}/dismiss/", {"note": ""})
    assert Campaign.objects.filter(came_back_at=None).count() == 0
    supervisor.post(f"/attention/{finding.pk}/dismiss/", {"note": "The client resumed it"})
    assert Campaign.objects.filter(came_back_at=None).count() == 1
    record = Record.objects.get(kind="campaign.return_dismissed")
    assert (record.campaign_id, record.details["note"]) == ("spring", "The client resumed it")
