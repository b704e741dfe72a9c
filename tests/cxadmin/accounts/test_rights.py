"""What people may do: by their roles, from their next request on, read in one statement."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cxadmin.accounts.rights import RoleBackend
from cxadmin.accounts.roles import ROLES
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def read(user: User) -> User:
    found = RoleBackend().get_user(user.pk)
    assert found is not None
    return found


@pytest.mark.parametrize("role", ROLES)
def test_rights_are_those_of_the_role(role: str) -> None:
    assert read(make_user(role)).get_all_permissions() == ROLES[role]


def test_several_roles_add_up() -> None:
    user = make_user("supervisor")
    user.groups.add(Group.objects.get(name="reviewer"))
    assert read(user).get_all_permissions() == ROLES["supervisor"] | ROLES["reviewer"]


def test_person_without_a_role_may_do_nothing() -> None:
    assert read(make_user("")).get_all_permissions() == set()


def test_right_of_one_person_counts_for_nothing() -> None:
    user = make_user("reviewer")
    user.user_permissions.set(Permission.objects.filter(codename="pause_campaign"))
    assert not read(user).has_perm("campaigns.pause_campaign")
    assert not User.objects.get(pk=user.pk).has_perm("campaigns.pause_campaign")


def test_person_rights_and_roles_are_one_statement() -> None:
    user = make_user("admin")
    with CaptureQueriesContext(connection) as queries:
        found = read(user)
        assert found.has_perm("campaigns.manage_policy")
        assert not found.has_perm("auth.add_user")
        assert [group.name for group in found.groups.all()] == ["admin"]
    assert len(queries) == 1


def test_role_that_was_taken_away_is_gone_with_the_next_request() -> None:
    user, client = make_user("supervisor"), Client()
    client.force_login(user)
    assert client.get("/campaigns/").status_code == 200
    user.groups.clear()
    assert client.get("/campaigns/").status_code == 403


def test_account_that_was_switched_off_is_signed_out() -> None:
    user, client = make_user("supervisor"), Client()
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/campaigns/").status_code == 302


def test_session_that_has_expired_is_over() -> None:
    client = Client()
    client.force_login(make_user("supervisor"))
    session = client.session
    session.set_expiry(timezone.now())
    session.save()
    assert client.get("/campaigns/").status_code == 302
