"""People from the shell: one line of JSON each, and an exit status."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit.kinds import RecordKind
from audit.models import Record
from cxadmin.accounts.people import role_by_groups
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
Command = Callable[..., tuple[int, Any, str]]
NEW = "four words nobody guesses"


def by_of(kind: RecordKind) -> str:
    return Record.objects.get(kind=kind).by


def test_set_role(command: Command) -> None:
    make_user("supervisor", "anna")
    status, line, _ = command("set_role", "anna", "--role", "reviewer", "--by", "ops")
    assert (status, line) == (0, {"user": "anna", "role": "reviewer", "before": "supervisor"})
    assert role_by_groups(User.objects.get(username="anna")) == "reviewer"
    assert by_of(RecordKind.USER_ROLE_CHANGED) == "ops"


def test_set_role_as_it_is(command: Command) -> None:
    make_user("supervisor", "anna")
    status, line, words = command("set_role", "anna", "--role", "supervisor")
    assert (status, line["before"], words) == (0, "supervisor", "Nothing was changed: it was like that already.\n")


def test_disable_and_enable(command: Command, client: Client) -> None:
    client.force_login(make_user("supervisor", "anna"))
    status, line, _ = command("disable_user", "anna", "--by", "ops")
    assert (status, line) == (0, {"user": "anna", "enabled": False, "changed": True, "sessions_ended": 1})
    status, line, _ = command("enable_user", "anna", "--by", "ops")
    assert (status, line) == (0, {"user": "anna", "enabled": True, "changed": True})
    assert [by_of(kind) for kind in (RecordKind.USER_DISABLED, RecordKind.USER_ENABLED)] == ["ops", "ops"]


@pytest.mark.parametrize(("name", "changed"), [("disable_user", True), ("enable_user", False)])
def test_again_changes_nothing(command: Command, name: str, changed: bool) -> None:
    make_user("supervisor", "anna")
    assert command(name, "anna")[1]["changed"] is changed
    status, line, words = command(name, "anna")
    assert (status, line["changed"]) == (0, False)
    assert words.startswith("Nothing was changed")


@pytest.mark.parametrize("words", [("disable_user", "last"), ("set_role", "last", "--role", "reviewer")])
def test_last_admin_stays(command: Command, words: tuple[str, ...]) -> None:
    make_user("admin", "last")
    status, _, sentence = command(*words)
    assert status == 1
    assert sentence.startswith("last is the last admin who can sign in.")


@pytest.mark.parametrize(
    "words",
    [
        ("disable_user", "nemo"),
        ("enable_user", "n\0"),
        ("set_role", "nemo", "--role", "admin"),
        ("changepassword", "x"),
    ],
)
def test_unknown_name(command: Command, words: tuple[str, ...]) -> None:
    status, _, sentence = command(*words)
    assert status == 2
    assert sentence.startswith("There is no account")


def test_changed_password_is_on_record(command: Command, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(make_user("supervisor", "anna"))
    monkeypatch.setattr("sys.stdin", io.StringIO(NEW + "\n"))
    status, line, _ = command("changepassword", "anna", "--by", "ops")
    assert (status, line) == (0, {"user": "anna", "sessions_ended": 1})
    assert User.objects.get(username="anna").check_password(NEW)
    assert by_of(RecordKind.PASSWORD_CHANGED) == "ops"


def test_unfit_password_is_refused(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("supervisor", "anna")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    status, _, sentence = command("changepassword", "anna")
    assert status == 2
    assert "too short" in sentence
    assert not Record.objects.exists()
