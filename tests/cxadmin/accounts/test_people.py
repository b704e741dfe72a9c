"""Changes of people: what each does, that it is on record, and that an admin always remains."""

import threading
from collections.abc import Callable

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import Settings

from audit.kinds import RecordKind
from audit.models import Record
from audit.sentences import sentence_of
from campaigns.errors import Refusal
from cxadmin.accounts import people
from cxadmin.models import Session
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def role_now(user: User) -> str:
    return people.role_by_groups(User.objects.get(pk=user.pk))


def is_enabled(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_active


def recorded(kind: RecordKind) -> str:
    return sentence_of(Record.objects.get(kind=kind))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_another_role_holds_from_the_next_request() -> None:
    anna = make_user("supervisor", "anna")
    client = signed_in(anna)
    assert client.get("/policy/").status_code == 403
    assert people.change_role(anna, "admin", by="root") == "supervisor"
    assert client.get("/policy/").status_code == 200


def test_role_is_on_record_with_what_was_before() -> None:
    people.change_role(make_user("supervisor", "anna"), "reviewer", by="root")
    sentence = "root changed the role of anna: role from supervisor to reviewer."
    assert recorded(RecordKind.USER_ROLE_CHANGED) == sentence


def test_same_role_again_changes_nothing() -> None:
    people.change_role(make_user("supervisor"), "supervisor", by="root")
    assert not Record.objects.filter(kind=RecordKind.USER_ROLE_CHANGED).exists()


def test_superuser_gets_the_rights_of_the_role_alone() -> None:
    make_user("admin")
    root = User.objects.create_superuser("root", password="a password for tests")
    assert people.change_role(root, "reviewer", by="anna") == "superuser"
    assert role_now(root) == "reviewer"


def test_disabling_ends_sessions_at_once() -> None:
    anna = make_user("supervisor", "anna")
    client = signed_in(anna)
    assert people.disable_person(anna, by="root") == 1
    assert client.get("/campaigns/rows/", headers={"X-Automatic-Refresh": "1"}).status_code == 401
    assert not Session.objects.exists()
    assert recorded(RecordKind.USER_DISABLED) == "root disabled the account anna, which ended 1 session."


def test_disabled_person_cannot_sign_in() -> None:
    anna = make_user("supervisor", "anna")
    people.disable_person(anna, by="root")
    page = Client().post("/accounts/login/", {"username": "anna", "password": "a password for tests"})
    assert "The name and the password don’t match" in page.text


def test_disabling_twice_is_one_change() -> None:
    anna = make_user("supervisor", "anna")
    people.disable_person(anna, by="root")
    assert people.disable_person(anna, by="root") is None
    assert Record.objects.filter(kind=RecordKind.USER_DISABLED).count() == 1


def test_enabled_person_has_what_they_had() -> None:
    anna = make_user("supervisor", "anna")
    people.disable_person(anna, by="root")
    assert people.enable_person(anna, by="root")
    assert (role_now(anna), is_enabled(anna)) == ("supervisor", True)
    assert recorded(RecordKind.USER_ENABLED) == "root enabled the account anna."


# --- never the last admin ---


def demote(user: User, *, by: str) -> str:
    return people.change_role(user, "reviewer", by=by)


@pytest.mark.parametrize(
    "change", [people.disable_person, lambda user, by: people.change_role(user, "reviewer", by=by)]
)
def test_last_admin_stays(change: Callable[..., object]) -> None:
    last = make_user("admin", "last")
    make_user("supervisor")
    with pytest.raises(Refusal, match="last is the last admin who can sign in"):
        change(last, by="root")
    assert (role_now(last), is_enabled(last)) == ("admin", True)


def test_admin_who_never_had_a_password_is_no_help() -> None:
    last = make_user("admin", "last")
    people.add_person("invited", role="admin", by="last")
    with pytest.raises(Refusal, match="they count once they have signed in"):
        people.disable_person(last, by="root")


def test_disabled_admin_is_no_help() -> None:
    last, other = make_user("admin", "last"), make_user("admin", "other")
    people.disable_person(other, by="root")
    with pytest.raises(Refusal):
        people.disable_person(last, by="root")


def test_admin_without_a_password_who_has_signed_in_counts() -> None:
    """By the company, which keeps the password."""
    last = make_user("admin", "last")
    other = people.add_person("other", role="admin", by="last")
    signed_in(other)
    assert people.disable_person(last, by="root") == 0


def test_admin_with_a_password_is_no_help_where_there_are_none(settings: Settings) -> None:
    settings.PASSWORD_SIGN_IN = False
    last, _with_password = make_user("admin", "last"), make_user("admin", "other")
    SocialAccount.objects.create(user=last, provider="https://login.example.com", uid="7")
    with pytest.raises(Refusal, match="last is the last admin"):
        people.disable_person(last, by="root")


def test_superuser_counts_as_an_admin() -> None:
    User.objects.create_superuser("root", password="a password for tests")
    assert people.disable_person(make_user("admin"), by="root") == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change", [people.disable_person, lambda user, by: people.change_role(user, "reviewer", by=by)]
)
def test_two_admins_at_the_same_moment_leave_one(change: Callable[..., object]) -> None:
    anna, bert = make_user("admin", "anna"), make_user("admin", "bert")
    together, refused = threading.Barrier(2), []

    def end(person: User, by: str) -> None:
        together.wait()
        try:
            change(person, by=by)
        except Refusal:
            refused.append(person)
        connection.close()

    threads = [threading.Thread(target=end, args=(anna, "bert")), threading.Thread(target=end, args=(bert, "anna"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert list(people.admins_who_can_sign_in()) == refused
