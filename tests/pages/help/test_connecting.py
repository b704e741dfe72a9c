"""How to connect one's own CXone, where an admin looks for it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from campaigns.cxone.errors import TokenRefused, WrongAddress
from campaigns.cxone.published.address import UNKNOWN_TENANT
from campaigns.cxone.published.credentials import APP, KEY
from campaigns.first_tenant import TRIALS
from campaigns.models import SyncState
from campaigns.pages.help.connecting import TROUBLES
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.django_db
ADDRESS = "/help/connect/"
DOCS = Path(settings.BASE_DIR) / "docs"


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


@pytest.mark.parametrize("place", ["/help/", "/policy/integrations/", "/campaigns/", "/find/?q=connect"])
def test_admin_without_a_connection_finds_it(admin: Client, place: str) -> None:
    assert f'href="{ADDRESS}"' in admin.get(place).text


def test_list_without_campaigns_leads_there(admin: Client) -> None:
    SyncState.objects.update(last_good_at="2026-11-16T15:00:00Z")
    assert f'href="{ADDRESS}"' in admin.get("/campaigns/").text


def test_supervisor_is_not_sent_there(supervisor: Client) -> None:
    assert ADDRESS not in supervisor.get("/campaigns/").text
    assert supervisor.get(ADDRESS).status_code == 403


def test_simulated_cxone_is_said_to_be_one(admin: Client, settings: Settings) -> None:
    settings.CXONE_SIMULATED = True
    assert "Nothing here reaches a real one" in words_of(admin.get(ADDRESS))


def test_error_of_a_read_is_shown(admin: Client) -> None:
    SyncState.objects.update(error="CXone doesn’t accept these credentials.")
    assert "No read of CXone has succeeded so far. CXone doesn’t accept these credentials." in words_of(
        admin.get(ADDRESS)
    )


def test_page_has_no_field_for_a_secret(admin: Client) -> None:
    main = admin.get(ADDRESS).text.partition("<main")[2]
    assert not re.search("<input|<textarea", main)


def test_documents_say_the_same() -> None:
    """The page is for admins, the document for whoever runs the server: one text for both."""
    document = (DOCS / "connect-your-cxone.md").read_text(encoding="utf-8")
    plain = re.sub(r"[`*]", "", document)
    for trial in TRIALS:
        assert f"| {trial.question} | {trial.how} | {trial.then} |" in document
    for trouble in TROUBLES:
        assert trouble.ask.partition(";")[0].partition(",")[0].rstrip(".").lower() in plain.lower()


def test_troubles_are_as_the_product_says_them() -> None:
    said = " ".join((APP, KEY, UNKNOWN_TENANT, TokenRefused("x").description, WrongAddress("x").description))
    seen = [trouble.seen for trouble in TROUBLES]
    assert [each for each in seen[:5] if each.removeprefix("CXone issued") not in said] == []


def test_named_settings_exist(admin: Client) -> None:
    known = (DOCS / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"CXONE_[A-Z_]+", admin.get(ADDRESS).text))
    assert named
    assert {name for name in named if name.removesuffix("_FILE") not in known} == set()
