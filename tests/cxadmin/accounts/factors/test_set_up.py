"""Setting a second factor up: at once for those who must, and whenever they like for others."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit.kinds import RecordKind
from audit.models import Record
from cxadmin.accounts.factors import kept
from tests.cxadmin.accounts.factors.app import LOGIN, SECOND, SET_UP, code_of, is_signed_in, type_code, type_password
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def admins_must(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR = ("admin",)


def secret_on(page: Any) -> str:
    found = re.search(r'factor-key">([A-Z2-7 ]+)<', page.text)
    assert found, page.text
    return found[1].replace(" ", "")


def set_up(browser: Client, **fields: str) -> Any:
    secret = secret_on(browser.get(SET_UP))
    return browser.post(SET_UP, {"code": code_of(secret)} | fields)


def test_nothing_else_works_before_it_is_set_up(browser: Client) -> None:
    make_user("admin", "anna")
    assert type_password(browser)["Location"] == SET_UP
    assert browser.get("/campaigns/")["Location"].startswith(LOGIN)
    assert browser.get("/account/second-factors/")["Location"].startswith(LOGIN)


def test_once_it_is_set_up_its_person_is_signed_in(browser: Client) -> None:
    anna = make_user("admin", "anna")
    type_password(browser, next="/operations/")
    page = set_up(browser)
    assert 'href="/operations/"' in page.text
    assert is_signed_in(browser)
    assert kept.factors_of(anna).count() == 1


def test_recovery_codes_are_shown_then_and_never_again(browser: Client) -> None:
    make_user("admin", "anna")
    type_password(browser)
    codes = re.findall(r"<li><code>(\d{4} \d{4})</code>", set_up(browser).text)
    assert len(codes) == 10
    assert codes[0] not in browser.get("/account/second-factors/").text
    assert "10 recovery codes left" in browser.get("/account/second-factors/").text


def test_shown_codes_work(browser: Client) -> None:
    make_user("admin", "anna")
    type_password(browser)
    page = set_up(browser).text
    assert 'download="recovery-codes.txt"' in page
    code = re.findall(r"<li><code>(\d{4} \d{4})</code>", page)[3]
    type_password(other := Client())
    assert type_code(other, code).status_code == 302


def test_it_is_on_record(browser: Client) -> None:
    make_user("admin", "anna")
    type_password(browser)
    set_up(browser)
    kinds = list(Record.objects.order_by("number").values_list("kind", flat=True))
    assert kinds == [RecordKind.FACTOR_ADDED, RecordKind.RECOVERY_CODES_MADE, RecordKind.SIGNIN_SUCCEEDED]


def test_wrong_code_sets_nothing_up(browser: Client) -> None:
    anna = make_user("admin", "anna")
    type_password(browser)
    page = set_up(browser, code="000000")
    assert (page.status_code, "Nothing was set up" in page.text) == (422, True)
    assert not kept.factors_of(anna).exists()
    assert not is_signed_in(browser)


def test_others_are_signed_in_at_once(browser: Client) -> None:
    make_user("supervisor", "anna")
    assert type_password(browser)["Location"] == "/"


def test_superuser_must_have_one_too(browser: Client) -> None:
    make_user("", "anna")
    User.objects.update(is_superuser=True)
    assert type_password(browser)["Location"] == SET_UP


def test_where_nobody_must_admins_are_signed_in_at_once(browser: Client, settings: Any) -> None:
    settings.MFA_REQUIRED_FOR = ()
    make_user("admin", "anna")
    assert type_password(browser)["Location"] == "/"


def test_others_may_have_one(browser: Client) -> None:
    make_user("supervisor", "anna")
    type_password(browser)
    set_up(browser, password=PASSWORD)
    assert type_password(Client())["Location"] == SECOND


def test_setting_up_while_signed_in_needs_the_password(browser: Client) -> None:
    anna = make_user("supervisor", "anna")
    type_password(browser)
    assert set_up(browser, password="wrong").status_code == 422
    assert not kept.factors_of(anna).exists()


def test_who_has_one_cannot_set_up_another_with_the_password_alone(browser: Client) -> None:
    anna = make_user("admin", "anna")
    type_password(browser)
    set_up(browser)
    type_password(other := Client())
    assert other.get(SET_UP)["Location"] == SECOND
    assert kept.factors_of(anna).count() == 1


def test_who_has_no_password_has_no_factor_here(browser: Client) -> None:
    user = make_user("admin", "anna")
    user.set_unusable_password()
    user.save()
    browser.force_login(user)
    assert browser.get(SET_UP).status_code == 404
    assert browser.get("/account/second-factors/").status_code == 404
