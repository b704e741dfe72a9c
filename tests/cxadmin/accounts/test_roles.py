"""The three roles, and accounts that have them."""

import io
import json
from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command

from audit import ledger
from audit.kinds import RecordKind
from audit.models import Record
from audit.os_user import os_user
from cxadmin.accounts import roles

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
PASSWORD = "correct horse battery"
CreateUser = Callable[..., None]


def rights_of(role: str) -> set[str]:
    permissions = Permission.objects.filter(group__name=role).select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions}


@pytest.fixture
def create_user(monkeypatch: pytest.MonkeyPatch) -> CreateUser:
    def run(name: str, role: str = "supervisor", password: str = PASSWORD) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        call_command("create_user", name, "--role", role)

    return run


@pytest.mark.parametrize("role", roles.ROLES)
def test_role_has_its_rights(role: str) -> None:
    assert rights_of(role) == roles.ROLES[role]


def test_seeding_again_mends_a_role() -> None:
    Group.objects.get(name="reviewer").permissions.set(Permission.objects.filter(codename="pause_campaign"))
    roles.seed(apps)
    assert rights_of("reviewer") == roles.ROLES["reviewer"]


def test_account_has_role_and_password(create_user: CreateUser, capsys: pytest.CaptureFixture[str]) -> None:
    create_user("anna", role="reviewer")
    user = User.objects.get(username="anna")
    assert json.loads(capsys.readouterr().out) == {"user": "anna", "role": "reviewer"}
    assert (user.check_password(PASSWORD), user.has_perm("audit.view_record")) == (True, True)


def test_new_account_is_on_record(create_user: CreateUser) -> None:
    create_user("anna", role="admin")
    record = Record.objects.get(kind=RecordKind.USER_CREATED)
    assert (record.by, record.details) == (os_user(), {"user": "anna", "role": "admin"})


def test_no_account_without_a_record(create_user: CreateUser, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(ledger, "append", fail)
    with pytest.raises(OSError, match="disk full"):
        create_user("anna")
    assert not User.objects.exists()


def test_existing_account_isnt_changed(create_user: CreateUser) -> None:
    create_user("anna", role="supervisor")
    with pytest.raises(CommandError, match="There is an account 'anna' already") as refusal:
        create_user("anna", role="admin", password="another long password")
    assert refusal.value.returncode == 2
    assert User.objects.get().check_password(PASSWORD)
    assert [group.name for group in User.objects.get().groups.all()] == ["supervisor"]


@pytest.mark.parametrize(
    ("name", "password", "says"),
    [
        ("anna", "short", "too short"),
        ("anna", "", "No password was given"),
        ("annabella-smith", "annabella-smith", "too similar to the username"),
        ("anna smith", PASSWORD, "without spaces. Type it again"),
        ("", PASSWORD, "cannot be blank"),
    ],
)
def test_unfit_account_is_refused(create_user: CreateUser, name: str, password: str, says: str) -> None:
    with pytest.raises(CommandError, match=says) as refusal:
        create_user(name, password=password)
    assert refusal.value.returncode == 2
    assert not User.objects.exists()


def test_unknown_role_is_refused(create_user: CreateUser) -> None:
    with pytest.raises(CommandError, match="invalid choice: 'boss'"):
        create_user("anna", role="boss")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def type_in(*passwords: str) -> None:
        answers = [*passwords]
        monkeypatch.setattr("sys.stdin", Terminal())
        monkeypatch.setattr("getpass.getpass", lambda _: answers.pop(0))

    return type_in


def test_terminal_asks_twice(answer: Callable[..., None]) -> None:
    answer(PASSWORD, PASSWORD)
    call_command("create_user", "anna", "--role", "admin")
    assert User.objects.get().check_password(PASSWORD)


def test_differing_passwords_are_refused(answer: Callable[..., None]) -> None:
    answer(PASSWORD, PASSWORD + " ")
    with pytest.raises(CommandError, match="The two passwords differ"):
        call_command("create_user", "anna", "--role", "admin")
    assert not User.objects.exists()
