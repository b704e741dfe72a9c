"""Changes of people: their role, and whether they may sign in.

Each is one transaction with one record. They wait for each other, so that two admins who demote or disable each other
at the same moment don't leave the product without one.
"""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from audit.kinds import RecordKind
from campaigns.audited_changes import lock, record_change
from campaigns.errors import Refusal
from cxadmin.accounts.open_sessions import delete_sessions
from cxadmin.accounts.roles import ROLES, create_user
from cxadmin.accounts.unique_names import refuse_taken
from cxadmin.models import PasswordLink

ADMIN = "admin"
NO_ROLE, SUPERUSER = "none", "superuser"


def role_by_groups(user: User) -> str:
    """Of somebody whose groups are at hand, if they are many."""
    if user.is_superuser:
        return SUPERUSER
    roles = [group.name for group in user.groups.all() if group.name in ROLES]
    return " and ".join(sorted(roles)) or NO_ROLE


def admins_who_can_sign_in() -> QuerySet[User]:
    """Active, and with a password, or known to the company; where there are no passwords, the company's alone.

    Somebody whose account was just added, and who has never opened their link, can't help anybody.
    """
    is_admin = Q(is_superuser=True) | Q(pk__in=User.objects.filter(groups__name=ADMIN).values("pk"))
    has_way_in = Q(pk__in=SocialAccount.objects.values("user"))
    if settings.PASSWORD_SIGN_IN:
        has_password = ~Q(password="") & ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        # Who signed in before and has no password did so through the company, whatever it is called now.
        has_way_in |= has_password | Q(last_login__isnull=False)
    return User.objects.filter(is_admin, has_way_in, is_active=True)


def add_person(name: str, *, role: str, by: str) -> User:
    """An account without a password. Refusal: somebody took the name since it was checked."""
    try:
        with transaction.atomic():
            return create_user(name, role=role, password=None, by=by)
    except IntegrityError:
        _refuse_name(User(username=name))
        raise
    except ValidationError as refused:
        raise Refusal(" ".join(refused.messages), "name") from None


def change_role(person: User, role: str, *, by: str) -> str:
    """The role before. It holds from the person's next request on. Refusal: nobody else could do an admin's work."""
    with transaction.atomic():
        user = _lock(person)
        before = role_by_groups(user)
        if before == role:
            return before
        if role != ADMIN:
            _keep_an_admin(user, "Their role was not changed.")
        user.groups.set([Group.objects.get(name=role)])
        User.objects.filter(pk=user.pk, is_superuser=True).update(is_superuser=False)
        record_change(
            RecordKind.USER_ROLE_CHANGED,
            by=by,
            user=user.username,
            before={"role": before},
            after={"role": role},
        )
    return before


def follow_company(person: User, role: str, *, by: str) -> None:
    """Give somebody the role that their company says, or none ("").

    The last admin too: who is one is the company's to say, and it may have made somebody one who hasn't signed in yet.
    """
    with transaction.atomic():
        user = _lock(person)
        before, after = role_by_groups(user), role or NO_ROLE
        if before == after:
            return
        user.groups.set(Group.objects.filter(name=role))
        User.objects.filter(pk=user.pk, is_superuser=True).update(is_superuser=False)
        record_change(
            RecordKind.USER_ROLE_CHANGED, by=by, user=user.username, before={"role": before}, after={"role": after}
        )


def disable_person(person: User, *, by: str) -> int | None:
    """How many sessions this ended; None if the account was disabled before. Refusal as for a role."""
    with transaction.atomic():
        user = _lock(person)
        if not user.is_active:
            return None
        _keep_an_admin(user, "The account was not disabled.")
        User.objects.filter(pk=user.pk).update(is_active=False)
        PasswordLink.objects.filter(user=user).delete()
        ended = delete_sessions(user.pk)
        record_change(RecordKind.USER_DISABLED, by=by, user=user.username, sessions=ended)
    return ended


def enable_person(person: User, *, by: str) -> bool:
    """False if it was enabled already."""
    with transaction.atomic():
        user = _lock(person)
        if user.is_active:
            return False
        User.objects.filter(pk=user.pk).update(is_active=True)
        record_change(RecordKind.USER_ENABLED, by=by, user=user.username)
    return True


def _lock(person: User) -> User:
    # The group of the admins stands for all changes of people: whoever comes second sees what the first has done.
    list(Group.objects.select_for_update(no_key=True).filter(name=ADMIN))
    return lock(person, person.username)


def _keep_an_admin(user: User, undone: str) -> None:
    if list(admins_who_can_sign_in().values_list("pk", flat=True)[:2]) == [user.pk]:
        raise Refusal(
            f"{user.username} is the last admin who can sign in. {undone} First give somebody else the role admin; "
            "they count once they have signed in or set a password."
        )


def _refuse_name(user: User) -> None:
    try:
        refuse_taken(user)
    except ValidationError as refused:
        raise Refusal(" ".join(refused.messages), "name") from None
