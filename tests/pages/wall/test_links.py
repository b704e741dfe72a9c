"""The links to the wallboard: made and revoked by admins, on record, shown once."""

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Record
from campaigns.models import WallLink
from tests.factories import make_campaign, make_user, make_wall_link

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

LINKS = "/wall/links/"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_user("admin", "ada"))
    return client


def form(**values: str) -> dict[str, str]:
    return {"name": "Floor 2", "group_by": "", "zone": "America/New_York", "theme": "dark", "key": "k1"} | values


def token_in(page: str) -> str:
    found = re.search(r"/wall/([\w-]{32})/", page)
    assert found
    return found[1]


def test_address_is_shown_once_and_only_its_digest_is_kept(admin: Client) -> None:
    token = token_in(admin.post(LINKS, form()).text)
    link = WallLink.objects.get()
    assert link.token_hash == sha256(token.encode()).hexdigest()
    assert token not in admin.get(LINKS).text
    assert Client().get(f"/wall/{token}/").status_code == 200


def test_link_is_on_record_without_its_token(admin: Client) -> None:
    token = token_in(admin.post(LINKS, form(until="2099-12-31")).text)
    record = Record.objects.get(kind="wall.link_made")
    assert (record.by, record.details["link"]) == ("ada", "Floor 2")
    assert record.details["expires"] == "2100-01-01T05:00:00Z"
    assert token not in str(record.details)


def test_second_click_makes_no_second_link(admin: Client) -> None:
    admin.post(LINKS, form())
    response = admin.post(LINKS, form(), follow=True)
    assert "made already" in response.text
    assert WallLink.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "Name the screen"),
        ({"zone": "Mars/Olympus"}, "“Mars/Olympus” isn’t a time zone"),
        ({"until": "2020-01-01"}, "That day is over"),
        ({"until": "soon"}, "“soon” isn’t a date"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(admin: Client, values: dict[str, str], sentence: str) -> None:
    response = admin.post(LINKS, form(name="By the stairs") | values)
    assert response.status_code == 422
    assert sentence in response.text
    assert values.get("name") == "" or "By the stairs" in response.text
    assert not WallLink.objects.exists()


def test_tags_of_campaigns_are_offered(admin: Client) -> None:
    make_campaign(tags={"client": "Northwind", "region": "Texas"})
    page = admin.get(LINKS).text
    assert '<option value="client" selected>Client</option>' in page
    assert '<option value="region">Region</option>' in page


def test_revoked_link_is_on_record_and_works_no_more(admin: Client) -> None:
    link = make_wall_link("token")
    response = admin.post(f"/wall/links/{link.pk}/revoke/", follow=True)
    assert "is revoked" in response.text
    assert Client().get("/wall/token/").status_code == 404
    record = Record.objects.get(kind="wall.link_revoked")
    assert (record.by, record.details) == ("ada", {"link": "Floor 2", "number": link.pk})


def test_link_is_revoked_once(admin: Client) -> None:
    link = make_wall_link(revoked_at=timezone.now(), revoked_by="bea")
    assert "was revoked before" in admin.post(f"/wall/links/{link.pk}/revoke/", follow=True).text
    assert not Record.objects.filter(kind="wall.link_revoked").exists()


def test_list_says_which_links_work_and_which_screens_are_on(admin: Client) -> None:
    now = timezone.now()
    make_wall_link("a", name="Lobby", shown_at=now - timedelta(minutes=3))
    make_wall_link("b", name="Attic", expires_at=now - timedelta(days=1))
    make_wall_link("c", name="Cellar", revoked_at=now, revoked_by="bea")
    page = admin.get(LINKS).text
    assert "3 min ago" in page
    assert "Expired" in page
    assert "by bea" in page
    assert page.count("Revoke the link of") == 2
