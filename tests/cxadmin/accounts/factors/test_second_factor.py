"""The second step of a sign-in: what it takes, what it doesn't, and what is on record."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from audit.kinds import RecordKind
from audit.models import Record
from cxadmin.accounts import failed_sign_ins
from cxadmin.accounts.factors import kept
from tests.cxadmin.accounts.factors.app import LOGIN, SECOND, SECRET, code_of, is_signed_in, type_code, type_password
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def on_record(kind: RecordKind) -> list[Record]:
    return list(Record.objects.filter(kind=kind).order_by("number"))


def test_password_alone_signs_nobody_in(anna: User, browser: Client) -> None:
    assert type_password(browser)["Location"] == SECOND
    assert not is_signed_in(browser)
    assert not on_record(RecordKind.SIGNIN_SUCCEEDED)


def test_code_of_the_app_signs_in(anna: User, browser: Client) -> None:
    type_password(browser)
    assert type_code(browser, code_of(SECRET))["Location"] == "/"
    assert is_signed_in(browser)
    assert on_record(RecordKind.SIGNIN_SUCCEEDED)[0].details["means"] == "with a password and a one-time code"


def test_code_may_have_a_space(anna: User, browser: Client) -> None:
    type_password(browser)
    code = code_of(SECRET)
    assert type_code(browser, f" {code[:3]} {code[3:]} ").status_code == 302


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_clocks_may_differ_by_half_a_minute(anna: User, browser: Client, steps: int, accepted: bool) -> None:
    type_password(browser)
    type_code(browser, code_of(SECRET, steps))
    assert is_signed_in(browser) is accepted


def test_code_works_once(anna: User, browser: Client) -> None:
    type_password(browser)
    type_code(browser, code := code_of(SECRET))
    type_password(watcher := Client())
    assert "A code works once" in type_code(watcher, code).text
    assert not is_signed_in(watcher)


def test_code_before_the_last_used_one_is_worth_nothing(anna: User, browser: Client) -> None:
    type_password(browser)
    type_code(browser, code_of(SECRET, 1))
    type_password(watcher := Client())
    type_code(watcher, code_of(SECRET))
    assert not is_signed_in(watcher)


@pytest.mark.parametrize("code", ["", "000000", "12345", "\uff11\uff12\uff13\uff14\uff15\uff16", "a" * 5000, "-1"])
def test_other_texts_are_refused(anna: User, browser: Client, code: str) -> None:
    type_password(browser)
    assert type_code(browser, code).status_code == 422
    assert not is_signed_in(browser)


def test_wrong_code_is_on_record_as_one(anna: User, browser: Client) -> None:
    type_password(browser)
    type_code(browser, "000000")
    (failed,) = on_record(RecordKind.SIGNIN_FAILED)
    assert (failed.by, failed.reason) == ("anna", "wrong second factor")


def test_tenth_guess_locks_the_name(anna: User, browser: Client) -> None:
    type_password(browser)
    for number in range(failed_sign_ins.USUAL.failures):
        page = type_code(browser, f"00000{number}")
    assert page.status_code == 429
    assert type_code(browser, code_of(SECRET)).status_code == 429
    assert not is_signed_in(browser)


def test_right_password_gives_no_further_guesses(anna: User, browser: Client) -> None:
    for number in range(failed_sign_ins.USUAL.failures):
        type_password(browser)
        page = type_code(browser, f"00000{number}")
    assert page.status_code == 429


def test_it_leads_to_the_page_that_was_asked_for(anna: User, browser: Client) -> None:
    type_password(browser, next="/operations/")
    assert type_code(browser, code_of(SECRET))["Location"] == "/operations/"


def test_second_step_waits_ten_minutes(anna: User, browser: Client, clock: time_machine.Traveller) -> None:
    type_password(browser)
    clock.shift(601)
    assert type_code(browser, code_of(SECRET))["Location"] == LOGIN
    assert not is_signed_in(browser)


def test_second_step_without_the_first_is_the_sign_in(anna: User, browser: Client) -> None:
    assert type_code(browser, code_of(SECRET))["Location"] == LOGIN


def test_new_password_ends_a_second_step_that_waits(anna: User, browser: Client) -> None:
    type_password(browser)
    anna.set_password("another password of hers")
    anna.save()
    assert type_code(browser, code_of(SECRET))["Location"] == LOGIN


def test_disabled_meanwhile_stays_out(anna: User, browser: Client) -> None:
    type_password(browser)
    User.objects.update(is_active=False)
    assert type_code(browser, code_of(SECRET))["Location"] == LOGIN


def test_code_of_one_person_is_none_of_another(anna: User, browser: Client) -> None:
    bert = make_user("admin", "bert")
    kept.add_app(bert, other := "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU", code_of(other))
    type_password(browser, "bert")
    type_code(browser, code_of(SECRET))
    assert not is_signed_in(browser)


# --- recovery codes ---


def test_recovery_code_signs_in_and_says_how_many_are_left(anna: User, browser: Client) -> None:
    codes = kept.make_recovery_codes(anna)
    type_password(browser)
    page = browser.post(SECOND, {"code": f"{codes[0][:4]} {codes[0][4:]}"}, follow=True)
    assert "You used a recovery code, and have 9 left." in page.text
    assert on_record(RecordKind.RECOVERY_CODE_USED)[0].details["left"] == 9


def test_recovery_code_works_once(anna: User, browser: Client) -> None:
    codes = kept.make_recovery_codes(anna)
    type_password(browser)
    type_code(browser, codes[0])
    type_password(again := Client())
    type_code(again, codes[0])
    assert not is_signed_in(again)


def test_new_recovery_codes_replace_the_old(anna: User, browser: Client) -> None:
    old = kept.make_recovery_codes(anna)
    kept.make_recovery_codes(anna)
    type_password(browser)
    type_code(browser, old[0])
    assert not is_signed_in(browser)


def test_after_a_new_key_no_recovery_code_works(anna: User, browser: Client, settings: Settings) -> None:
    """Not even those that anybody could work out, from the seed that can no longer be read."""
    kept.make_recovery_codes(anna)
    settings.SECRET_KEY = "another"
    unreadable = Authenticator(data={"seed": "", "used_mask": 0})
    for code in RecoveryCodes(unreadable).generate_codes():
        type_password(browser)
        type_code(browser, code)
    assert not is_signed_in(browser)
    assert kept.recovery_codes_left(anna) == 0


def test_nothing_secret_is_stored_in_the_clear_or_on_record(anna: User) -> None:
    codes = kept.make_recovery_codes(anna)
    rows = " ".join(str(factor.data) for factor in anna.authenticator_set.all())  # type: ignore[attr-defined]
    bodies = b"".join(bytes(record.body) for record in Record.objects.all()).decode()
    assert not any(secret in rows + bodies for secret in [SECRET, *codes])
