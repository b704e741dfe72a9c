"""`manage.py link_company`: for people who can't sign in by password to link their account themselves."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from audit.kinds import RecordKind
from audit.models import Record
from tests.cxadmin.accounts.company.company import FLOOR, Company
from tests.cxadmin.accounts.company.conftest import SignIn
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
Link = Callable[..., Any]


@pytest.fixture
def anna() -> User:
    return make_user("supervisor", "anna")


@pytest.fixture
def link() -> Link:
    def run(name: str, subject: str, *words: str) -> Any:
        said = StringIO()
        call_command("link_company", name, "--subject", subject, "--by", "ops", *words, stdout=said, stderr=StringIO())
        return json.loads(said.getvalue())

    return run


def on_record(kind: RecordKind) -> list[tuple[str, str, str]]:
    records = Record.objects.filter(kind=kind).order_by("number")
    return [(record.by, record.details["user"], record.details["subject"]) for record in records]


def test_refused_person_is_let_in_to_the_old_account(
    company: Company, anna: User, sign_in: SignIn, link: Link, client: Client, settings: Any
) -> None:
    settings.PASSWORD_SIGN_IN = False
    company.employ("a.miller", FLOOR, preferred_username="anna")
    assert "they can have it linked: this sign-in is on record" in sign_in("a.miller").text
    subject = Record.objects.get(kind=RecordKind.SIGNIN_REFUSED).details["subject"]
    assert link("anna", subject) == {"user": "anna", "subject": "a.miller", "changed": True, "sessions_ended": 0}
    sign_in("a.miller", client)
    assert client.get("/account/").context["user"].username == "anna"


def test_link_is_on_record(anna: User, link: Link) -> None:
    link("anna", "4711")
    assert on_record(RecordKind.COMPANY_LINKED) == [("ops", "anna", "4711")]


def test_again_changes_nothing(anna: User, link: Link) -> None:
    link("anna", "4711")
    assert link("anna", "4711")["changed"] is False
    assert len(on_record(RecordKind.COMPANY_LINKED)) == 1


def test_subject_of_another_account_is_refused(anna: User, link: Link) -> None:
    link("anna", "4711")
    make_user("supervisor", "bert")
    with pytest.raises(CommandError, match="4711 leads to the account anna already"):
        link("bert", "4711")
    assert SocialAccount.objects.get().user == anna


def test_account_with_another_subject_is_refused(anna: User, link: Link) -> None:
    link("anna", "4711")
    with pytest.raises(CommandError, match="4711 leads to the account anna already"):
        link("anna", "4712")
    assert SocialAccount.objects.get().uid == "4711"


def test_replaced_link_leads_nowhere_and_its_sessions_end(anna: User, link: Link, client: Client) -> None:
    link("anna", "4711")
    client.force_login(anna)
    assert link("anna", "4712", "--replace")["sessions_ended"] == 1
    assert client.get("/campaigns/").status_code == 302
    assert SocialAccount.objects.get().uid == "4712"
    assert on_record(RecordKind.COMPANY_UNLINKED) == [("ops", "anna", "4711")]


def test_replaced_link_of_another_account_is_on_record_there(anna: User, link: Link) -> None:
    link("anna", "4711")
    make_user("supervisor", "bert")
    link("bert", "4711", "--replace")
    assert SocialAccount.objects.get().user.username == "bert"
    assert on_record(RecordKind.COMPANY_UNLINKED) == [("ops", "anna", "4711")]


@pytest.mark.parametrize(("subject", "said"), [("", "is empty"), ("x" * 192, "191 fit"), ("a\0b", "isn’t text")])
def test_unfit_subject_links_nothing(anna: User, link: Link, subject: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        link("anna", subject)
    assert not SocialAccount.objects.exists()


def test_without_a_company_there_is_nothing_to_link(anna: User, link: Link, settings: Any) -> None:
    settings.OIDC_IS_ON = False
    with pytest.raises(CommandError, match="OIDC_ISSUER is not set"):
        link("anna", "4711")
