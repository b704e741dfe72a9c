"""Where the audit can't be written, no account, password, link, session or right changes either."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection
from django.db.models import Model

from audit.models import Head, Record
from cxadmin.accounts import password_links, passwords, people
from cxadmin.accounts.company.links import link_subject
from cxadmin.accounts.factors import kept
from cxadmin.accounts.open_sessions import end_sessions
from cxadmin.models import PasswordLink, Session
from tests.cxadmin.accounts.test_people import signed_in
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

COMPANY = "https://login.example.com"
TABLES: tuple[type[Model], ...] = (
    Authenticator, Group, Head, PasswordLink, Record, Session, SocialAccount, User, User.groups.through,
)  # fmt: skip
FORBID = {
    "postgresql": f"ALTER TABLE {Record._meta.db_table} ADD CONSTRAINT full_disk CHECK (number < 0) NOT VALID",
    "sqlite": (
        f"CREATE TRIGGER full_disk BEFORE INSERT ON {Record._meta.db_table} BEGIN SELECT RAISE(ABORT, 'full'); END"
    ),
}


def everything() -> list[list[dict[str, Any]]]:
    return [list(table._default_manager.order_by("pk").values()) for table in TABLES]


def _disabled(anna: User) -> User:
    people.disable_person(anna, by="root")
    return anna


def _link_of(anna: User) -> PasswordLink:
    return password_links.make_password_link(anna, by="root")[0]


def _add(anna: User) -> Callable[[], object]:
    return lambda: people.add_person("berta", role="reviewer", by="root")


def _role(anna: User) -> Callable[[], object]:
    return lambda: people.change_role(anna, "reviewer", by="root")


def _role_of_the_company(anna: User) -> Callable[[], object]:
    return lambda: people.follow_company(anna, "", by="company sign-in")


def _disable(anna: User) -> Callable[[], object]:
    _link_of(anna)
    return lambda: people.disable_person(anna, by="root")


def _enable(anna: User) -> Callable[[], object]:
    disabled = _disabled(anna)
    return lambda: people.enable_person(disabled, by="root")


def _password(anna: User) -> Callable[[], object]:
    _link_of(anna)
    return lambda: passwords.change_password(anna, "a very long password", by="anna", way=passwords.Way.OWN)


def _make_link(anna: User) -> Callable[[], object]:
    _link_of(anna)
    return lambda: password_links.make_password_link(anna, by="root")


def _revoke_link(anna: User) -> Callable[[], object]:
    _link_of(anna)
    return lambda: password_links.revoke_password_link(anna, by="root")


def _use_link(anna: User) -> Callable[[], object]:
    link = _link_of(anna)
    return lambda: password_links.use_password_link(link, "a very long password")


def _end_sessions(anna: User) -> Callable[[], object]:
    return lambda: end_sessions(anna, by="root")


def _reset_factors(anna: User) -> Callable[[], object]:
    kept.add_passkey(anna, "blue key", {})
    return lambda: kept.reset_factors(anna, by="root")


def _replace_company(anna: User) -> Callable[[], object]:
    link_subject(anna, COMPANY, "4711", by="root")
    return lambda: link_subject(anna, COMPANY, "4712", by="root", replace=True)


CHANGES = [
    _add, _role, _role_of_the_company, _disable, _enable, _password, _make_link, _revoke_link, _use_link,
    _end_sessions, _reset_factors, _replace_company,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_changes_without_a_record(change: Callable[[User], Callable[[], object]]) -> None:
    anna = make_user("supervisor", "anna")
    signed_in(anna)
    act = change(anna)
    with connection.cursor() as cursor:
        cursor.execute(FORBID[connection.vendor])
    before = everything()
    with pytest.raises(DatabaseError):
        act()
    assert everything() == before
