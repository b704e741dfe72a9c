"""The second factor of somebody who has lost it, reset by an admin on the person's page."""

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.test import Client

from audit.kinds import RecordKind
from audit.models import Record
from cxadmin.accounts.factors import kept
from tests.cxadmin.accounts.factors.app import type_password
from tests.factories import make_user
from tests.pages.asking import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(make_user("admin", "root"))
    return client


def reset(client: Client, person: User) -> Any:
    return client.post(f"/people/{person.pk}/second-factor/", follow=True)


def test_reset_is_on_record_and_the_password_is_enough(root: Client, anna: User, browser: Client) -> None:
    kept.make_recovery_codes(anna)
    assert "The second factor of anna is reset." in words_of(reset(root, anna))
    record = Record.objects.get(kind=RecordKind.FACTORS_RESET)
    assert (record.by, record.details["user"]) == ("root", "anna")
    assert kept.recovery_codes_left(anna) == 0
    assert type_password(browser)["Location"] == "/"


def test_looking_at_the_question_resets_nothing(root: Client, anna: User) -> None:
    page = words_of(root.get(f"/people/{anna.pk}/second-factor/"))
    assert "the password alone is enough to sign in" in page
    assert kept.factors_of(anna).exists()


def test_question_says_what_comes_next_for_who_needs_one(root: Client, anna: User, settings: Any) -> None:
    settings.MFA_REQUIRED_FOR = ("admin",)
    page = words_of(root.get(f"/people/{anna.pk}/second-factor/"))
    assert "the password is enough to set up a new second factor" in page


def test_nobody_resets_their_own(anna: User, browser: Client) -> None:
    browser.force_login(anna)
    assert "Nothing was changed." in words_of(reset(browser, anna))
    assert kept.factors_of(anna).exists()


def test_again_changes_nothing(root: Client, anna: User) -> None:
    reset(root, anna)
    assert "had no second factor. Nothing was changed." in words_of(reset(root, anna))
    assert Record.objects.filter(kind=RecordKind.FACTORS_RESET).count() == 1


def test_only_an_admin_may(anna: User, browser: Client) -> None:
    browser.force_login(make_user("supervisor", "bert"))
    assert browser.post(f"/people/{anna.pk}/second-factor/").status_code == 403
    assert kept.factors_of(anna).exists()


def test_list_and_page_say_who_has_one(root: Client, anna: User) -> None:
    assert "Password and second factor" in words_of(root.get("/people/"))
    assert "Reset second factor" in words_of(root.get(f"/people/{anna.pk}/"))


def test_of_three_things_two_belong_together(root: Client, anna: User) -> None:
    SocialAccount.objects.create(user=anna, provider="company", uid="4711")
    assert "Company, or password and second factor" in words_of(root.get("/people/"))


def test_page_offers_no_reset_of_what_is_not_there(root: Client) -> None:
    page = words_of(root.get(f"/people/{make_user('supervisor', 'bert').pk}/"))
    assert "Reset second factor" not in page
    assert "bert may set one up in the settings" in page
