"""Signing in through the company: who comes in, with which role, and who doesn't."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.test import Client

from audit.kinds import RecordKind
from audit.models import Record
from tests.cxadmin.accounts.company.company import ADMINS, COMPLIANCE, FLOOR, Company, visit_company
from tests.cxadmin.accounts.company.conftest import SignIn
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def roles_of(name: str) -> list[str]:
    return sorted(User.objects.get(username=name).groups.values_list("name", flat=True))


def on_record(kind: RecordKind) -> list[Record]:
    return list(Record.objects.filter(kind=kind).order_by("number"))


def is_signed_in(client: Client) -> bool:
    return client.get("/campaigns/").status_code == 200


def test_first_sign_in_makes_an_account_with_the_role(company: Company, sign_in: SignIn, client: Client) -> None:
    company.employ("jane", FLOOR)
    assert sign_in("jane")["Location"] == "/"
    assert is_signed_in(client)
    assert roles_of("jane") == ["supervisor"]
    assert not User.objects.get(username="jane").has_usable_password()


def test_first_sign_in_is_on_record(company: Company, sign_in: SignIn) -> None:
    company.employ("jane", COMPLIANCE)
    sign_in("jane")
    (created,), (signed_in,) = on_record(RecordKind.USER_CREATED), on_record(RecordKind.SIGNIN_SUCCEEDED)
    assert (created.by, created.details["role"]) == ("company sign-in", "reviewer")
    assert (signed_in.by, signed_in.details["means"]) == ("jane", "through the company")


def test_next_sign_in_is_the_same_account(company: Company, sign_in: SignIn, client: Client) -> None:
    company.employ("jane", FLOOR)
    sign_in("jane")
    client.post("/accounts/logout/")
    sign_in("jane")
    assert is_signed_in(client)
    assert User.objects.filter(username="jane").count() == 1


def test_role_changed_there_is_changed_here_at_the_next_sign_in(company: Company, sign_in: SignIn) -> None:
    company.employ("jane", FLOOR)
    sign_in("jane")
    company.employ("jane", COMPLIANCE)
    sign_in("jane", Client())
    assert roles_of("jane") == ["reviewer"]
    (changed,) = on_record(RecordKind.USER_ROLE_CHANGED)
    assert (changed.by, changed.details["after"]) == ("company sign-in", {"role": "reviewer"})


def test_of_several_roles_the_one_that_may_most_counts(company: Company, sign_in: SignIn) -> None:
    company.employ("jane", FLOOR, ADMINS, "everybody")
    sign_in("jane")
    assert roles_of("jane") == ["admin"]


def test_nobody_without_a_role_gets_an_account(company: Company, sign_in: SignIn, client: Client) -> None:
    company.employ("joe", "everybody")
    page = sign_in("joe")
    assert page.status_code == 403
    assert "You have no role here" in page.text
    assert not User.objects.filter(username="joe").exists()
    assert not is_signed_in(client)


def test_refusal_is_on_record_with_the_name(company: Company, sign_in: SignIn) -> None:
    company.employ("joe")
    sign_in("joe")
    (refused,) = on_record(RecordKind.SIGNIN_REFUSED)
    assert (refused.details["user"], refused.reason) == ("joe", "no role here")


def test_many_refusals_leave_few_records(company: Company, sign_in: SignIn) -> None:
    company.employ("joe")
    for _ in range(5):
        sign_in("joe", Client())
    assert len(on_record(RecordKind.SIGNIN_REFUSED)) == 3


def test_role_taken_away_there_is_taken_away_here(company: Company, sign_in: SignIn) -> None:
    company.employ("jane", ADMINS)
    sign_in("jane")
    company.employ("jane")
    assert sign_in("jane", Client()).status_code == 403
    assert roles_of("jane") == []
    assert on_record(RecordKind.USER_ROLE_CHANGED)[0].details["after"] == {"role": "none"}


def test_missing_claim_is_said(company: Company, sign_in: SignIn, settings: object) -> None:
    company.employ("jane", FLOOR)
    settings.OIDC_ROLE_CLAIM = "roles"  # type: ignore[attr-defined]
    assert "the claim roles was missing" in sign_in("jane").text


def test_claim_is_looked_for_at_the_userinfo_endpoint_too(company: Company, sign_in: SignIn) -> None:
    company.tell(claimsIn="userinfo")
    company.employ("jane", FLOOR)
    sign_in("jane")
    assert roles_of("jane") == ["supervisor"]


def test_disabled_person_stays_out(company: Company, sign_in: SignIn, client: Client) -> None:
    company.employ("jane", FLOOR)
    sign_in("jane")
    User.objects.filter(username="jane").update(is_active=False)
    page = sign_in("jane", stranger := Client())
    assert "Your account here is disabled" in page.text
    assert not is_signed_in(stranger)
    assert on_record(RecordKind.SIGNIN_REFUSED)[0].reason == "the account is disabled"


@pytest.mark.parametrize("name", ["anna", "ANNA"])
def test_account_of_that_name_is_not_taken_over(company: Company, sign_in: SignIn, client: Client, name: str) -> None:
    make_user("admin", "anna")
    company.employ(name, FLOOR)
    page = sign_in(name)
    assert "belongs to another account" in page.text
    assert not is_signed_in(client)
    assert roles_of("anna") == ["admin"]
    assert not SocialAccount.objects.exists()


def test_account_of_that_email_is_not_taken_over(company: Company, sign_in: SignIn) -> None:
    anna = make_user("admin", "anna")
    User.objects.filter(pk=anna.pk).update(email="anna@example.com")
    company.employ("other", FLOOR, email="anna@example.com", email_verified=True)
    sign_in("other")
    assert SocialAccount.objects.get().user.username == "other"


def test_renamed_person_keeps_the_account(company: Company, sign_in: SignIn) -> None:
    company.employ("jane", FLOOR)
    sign_in("jane")
    company.employ("jane", FLOOR, preferred_username="jane.miller")
    sign_in("jane", Client())
    assert [link.user.username for link in SocialAccount.objects.all()] == ["jane"]


def test_no_second_factor_is_asked_for(company: Company, sign_in: SignIn, client: Client, settings: object) -> None:
    settings.MFA_REQUIRED_FOR = ("admin",)  # type: ignore[attr-defined]
    company.employ("jane", ADMINS)
    sign_in("jane")
    assert is_signed_in(client)


def test_it_leads_to_the_page_that_was_asked_for(company: Company, client: Client) -> None:
    company.employ("jane", FLOOR)
    page = client.get("/accounts/login/?next=/operations/")
    assert "/accounts/company/?next=%2Foperations%2F" in page.text
    returned = visit_company(client.get("/accounts/company/?next=/operations/")["Location"], "jane")
    assert client.get(returned)["Location"] == "/operations/"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_leads_nowhere_else(company: Company, client: Client, address: str) -> None:
    company.employ("jane", FLOOR)
    returned = visit_company(client.get("/accounts/company/", {"next": address})["Location"], "jane")
    assert client.get(returned)["Location"] == "/"


def test_where_it_is_off_there_is_no_such_address(client: Client) -> None:
    assert client.get("/accounts/company/").status_code == 404
    assert client.get("/accounts/company/callback/").status_code == 404
    assert "through your company" not in client.get("/accounts/login/").text
