"""Each person's page of their factors, and what an admin may do for somebody who has lost them."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from audit.kinds import RecordKind
from audit.models import Record
from cxadmin.accounts.factors import kept
from tests.cxadmin.accounts.factors.app import SECRET, code_of, type_code, type_password
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
FACTORS = "/account/second-factors/"


@pytest.fixture
def signed_in(anna: User, browser: Client) -> Client:
    type_password(browser)
    type_code(browser, code_of(SECRET))
    return browser


def post(browser: Client, password: str = PASSWORD, **fields: object) -> Any:
    return browser.post(FACTORS, {"password": password} | fields, follow=True)


def test_page_shows_what_somebody_has(signed_in: Client) -> None:
    assert "An authenticator app, since" in signed_in.get(FACTORS).text


def test_change_needs_the_password(signed_in: Client, anna: User) -> None:
    for change in ({"remove": kept.factors_of(anna).get().pk}, {"codes": "new"}):
        page = post(signed_in, "wrong", **change)
        assert (page.status_code, "Nothing was changed" in page.text) == (422, True)
    assert kept.factors_of(anna).count() == 1
    assert kept.recovery_codes_left(anna) == 0


def test_factor_is_removed_on_record_with_its_recovery_codes(signed_in: Client, anna: User) -> None:
    kept.make_recovery_codes(anna)
    assert "Removed." in post(signed_in, remove=kept.factors_of(anna).get().pk).text
    assert kept.recovery_codes_left(anna) == 0
    assert Record.objects.get(kind=RecordKind.FACTOR_REMOVED).details["what"] == "an authenticator app"


def test_last_one_of_somebody_who_must_have_one_stays(signed_in: Client, anna: User, settings: Any) -> None:
    settings.MFA_REQUIRED_FOR = ("admin",)
    page = post(signed_in, remove=kept.factors_of(anna).get().pk)
    assert "this is your only one" in page.text
    assert kept.factors_of(anna).count() == 1


@pytest.mark.parametrize("number", ["0", "99999999", "x", "9" * 30])
def test_what_is_not_theirs_is_not_removed(signed_in: Client, anna: User, number: str) -> None:
    post(signed_in, remove=number)
    assert kept.factors_of(anna).count() == 1


def test_new_recovery_codes_are_shown_once(signed_in: Client) -> None:
    assert post(signed_in, codes="new").text.count("<li><code>") == 10


def test_admin_resets_what_somebody_has_lost(anna: User, browser: Client) -> None:
    said = StringIO()
    call_command("reset_factors", "anna", by="bert", stdout=said)
    assert json.loads(said.getvalue()) == {"user": "anna", "removed": 1}
    assert type_password(browser)["Location"] == "/"
    record = Record.objects.get(kind=RecordKind.FACTORS_RESET)
    assert (record.by, record.details["user"]) == ("bert", "anna")


def test_second_step_that_waits_goes_on_to_set_up_after_a_reset(anna: User, browser: Client) -> None:
    type_password(browser)
    kept.reset_factors(anna, by="bert")
    assert type_code(browser, "000000")["Location"] == "/accounts/second-factor/set-up/"
