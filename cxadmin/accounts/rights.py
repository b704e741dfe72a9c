"""What people may do, by their roles alone, and how they read pages, in one statement together with who they are."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission, User
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate, CharField, F, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat
from django.db.models.sql.compiler import SQLCompiler

from campaigns.prepared import fetch_objects

# No name of a role or a right has one.
BETWEEN = "\n"


class Joined(Aggregate):
    """Texts, one a line."""

    function = "STRING_AGG"
    output_field = CharField()

    def __init__(self, text: Combinable) -> None:
        super().__init__(text, Value(BETWEEN))

    def as_sqlite(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        **extra_context: Any,
    ) -> tuple[str, tuple[Any, ...]]:
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **extra_context)


class RoleBackend(ModelBackend):
    """Django's own asks for a person, for their rights, for those of their groups, and for these."""

    def get_user(self, user_id: int | str) -> User | None:
        found = fetch_objects(_with_rights, user_id=int(user_id))
        if not found or not self.user_can_authenticate(found[0]):
            return None
        (user,) = found
        # Both where Django's own keeps them. A superuser has all rights, and their roles aren't asked about.
        user._perm_cache = set(_lines(user.rights))  # type: ignore[attr-defined]
        user._prefetched_objects_cache = {"groups": _groups(_lines(user.roles))}  # type: ignore[attr-defined]
        return user

    def _get_user_permissions(self, user_obj: User) -> QuerySet[Permission]:
        """Nobody has a right but by a role."""
        return Permission.objects.none()


def _with_rights(user_id: int) -> QuerySet[User]:
    rights = Permission.objects.filter(group__user=user_id).order_by().values("content_type__app_label", "codename")
    roles = Group.objects.filter(user=user_id).order_by()
    right = Concat("content_type__app_label", Value("."), "codename", output_field=CharField())
    role = Concat(Cast("pk", CharField()), Value(" "), "name", output_field=CharField())
    return User.objects.filter(pk=user_id).annotate(
        twelve_hours=F("preferences__twelve_hours"),
        time_zone=F("preferences__time_zone"),
        theme=F("preferences__theme"),
        rights=Subquery(rights.annotate(all=Value(1)).values("all").annotate(lines=Joined(right)).values("lines")),
        roles=Subquery(roles.annotate(all=Value(1)).values("all").annotate(lines=Joined(role)).values("lines")),
    )


def _lines(joined: str | None) -> list[str]:
    return joined.split(BETWEEN) if joined else []


def _groups(lines: list[str]) -> QuerySet[Group]:
    known = Group.objects.all()
    parts = [line.partition(" ") for line in lines]
    known._result_cache = [Group(pk=int(key), name=name) for key, _, name in parts]
    return known
