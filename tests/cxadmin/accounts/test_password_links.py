"""One-time links, and every other way in which a password is changed."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from audit.kinds import RecordKind
from audit.models import Record
from audit.sentences import sentence_of
from campaigns.errors import Refusal
from cxadmin import starting
from cxadmin.accounts import password_links, passwords, people
from cxadmin.models import PasswordLink, Session
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.usefixtures("one_clock")]
NEW = "four words nobody guesses"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def anna() -> User:
    return make_user("supervisor", "anna")


def recorded(kind: RecordKind) -> list[str]:
    return [sentence_of(record) for record in Record.objects.filter(kind=kind).order_by("number")]


def use(token: str, password: str = NEW) -> None:
    link = password_links.find_password_link(token)
    assert link is not None
    password_links.use_password_link(link, password)


def test_link_sets_the_password(anna: User) -> None:
    _, token = password_links.make_password_link(anna, by="root")
    use(token)
    assert User.objects.get(pk=anna.pk).check_password(NEW)


def test_link_works_once(anna: User) -> None:
    _, token = password_links.make_password_link(anna, by="root")
    use(token)
    assert password_links.find_password_link(token) is None


def test_of_two_people_with_one_link_the_second_is_refused(anna: User) -> None:
    _, token = password_links.make_password_link(anna, by="root")
    late = password_links.find_password_link(token)
    assert late is not None
    use(token)
    with pytest.raises(Refusal, match="This link was used meanwhile"):
        password_links.use_password_link(late, "another long password")
    assert User.objects.get(pk=anna.pk).check_password(NEW)


def test_link_lapses_after_a_day(anna: User, clock: time_machine.Traveller) -> None:
    _, token = password_links.make_password_link(anna, by="root")
    clock.shift(timedelta(hours=23, minutes=59))
    assert password_links.find_password_link(token) is not None
    clock.shift(timedelta(minutes=1))
    assert password_links.find_password_link(token) is None


def test_newer_link_replaces_the_older(anna: User) -> None:
    _, older = password_links.make_password_link(anna, by="root")
    _, newer = password_links.make_password_link(anna, by="root")
    assert password_links.find_password_link(older) is None
    assert password_links.find_password_link(newer) is not None


def test_revoked_link_works_no_longer(anna: User) -> None:
    _, token = password_links.make_password_link(anna, by="root")
    assert password_links.revoke_password_link(anna, by="root")
    assert password_links.find_password_link(token) is None
    assert not password_links.revoke_password_link(anna, by="root")


def test_disabling_ends_the_link(anna: User) -> None:
    _, token = password_links.make_password_link(anna, by="root")
    people.disable_person(anna, by="root")
    assert password_links.find_password_link(token) is None
    with pytest.raises(Refusal, match="Enable it first"):
        password_links.make_password_link(anna, by="root")


def test_nobody_learns_the_link_from_the_database(anna: User) -> None:
    _, token = password_links.make_password_link(anna, by="root")
    row = PasswordLink.objects.values().get()
    assert token not in str(row)
    assert re.fullmatch("[0-9a-f]{64}", row["token_hash"])
    assert not any(token in str(record) for record in Record.objects.values())


def test_it_is_on_record_who_made_and_who_used_it(anna: User) -> None:
    _, token = password_links.make_password_link(anna, by="root")
    use(token)
    (made,) = recorded(RecordKind.PASSWORD_LINK_MADE)
    assert re.fullmatch(r"root created a one-time password link for anna, until \w{3} .+ UTC\.", made)
    assert recorded(RecordKind.PASSWORD_CHANGED) == [
        "anna changed their own password, with a one-time link from root."
    ]
    assert not any(NEW in str(record) for record in Record.objects.values())


def test_link_ends_sessions_and_a_lock(anna: User, client: Client) -> None:
    client.force_login(anna)
    for _ in range(10):
        Client().post("/accounts/login/", {"username": "anna", "password": "wrong"})
    _, token = password_links.make_password_link(anna, by="root")
    use(token)
    assert not Session.objects.filter(user=anna).exists()
    response = Client().post("/accounts/login/", {"username": "anna", "password": NEW})
    assert response.status_code == 302


def test_expired_links_are_deleted_by_a_periodic_job(anna: User, clock: time_machine.Traveller) -> None:
    password_links.make_password_link(anna, by="root")
    clock.shift(timedelta(hours=25))
    password_links.delete_expired()
    assert not PasswordLink.objects.exists()


# --- other ways ---


def test_changed_password_ends_all_sessions_but_one(anna: User) -> None:
    here, there = Client(), Client()
    here.force_login(anna)
    there.force_login(anna)
    ended = passwords.change_password(anna, NEW, by="anna", way=passwords.Way.OWN, keep=here.session.session_key)
    assert ended == 1
    assert list(Session.objects.values_list("session_key", flat=True)) == [here.session.session_key]
    assert recorded(RecordKind.PASSWORD_CHANGED) == ["anna changed their own password, which ended 1 session."]


def test_demo_password_that_changes_is_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("admin", "admin")
    monkeypatch.setattr(settings, "DEMO_PASSWORD", NEW)
    starting._demo_accounts()
    starting._demo_accounts()
    assert recorded(RecordKind.PASSWORD_CHANGED) == [
        "up changed the password of admin, at the start, as DEMO_PASSWORD says."
    ]
