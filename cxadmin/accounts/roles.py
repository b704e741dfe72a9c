"""The three roles: Django groups with their permissions.

Seeded after each `migrate`, not by a migration: Django creates the rows of permissions only once all migrations have
run. A role means the same everywhere and after each upgrade, so its group gets exactly these permissions.
"""

from django.apps.registry import Apps
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Q

from audit import ledger
from audit.kinds import RecordKind, Status

SUPERVISOR = (
    "campaigns.view_campaign",
    "campaigns.view_operation",
    "campaigns.pause_campaign",
    "campaigns.resume_campaign",
    "campaigns.edit_schedule",
    "campaigns.cancel_operation",
    "campaigns.give_approval",
    "campaigns.view_handover",
    "campaigns.write_handover",
)
REVIEWER = (
    "campaigns.view_campaign",
    "campaigns.view_operation",
    "campaigns.view_handover",
    "campaigns.hold_campaign",
    "campaigns.give_approval",
    "audit.view_record",
    "audit.export_record",
    "audit.verify_record",
)
ADMIN = (
    "campaigns.manage_policy",
    "campaigns.manage_holidays",
    "campaigns.manage_deliveries",
    "cxadmin.manage_people",
)
ROLES = {
    "supervisor": frozenset(SUPERVISOR),
    "reviewer": frozenset(REVIEWER),
    "admin": frozenset(SUPERVISOR + REVIEWER + ADMIN),
}


def seed(apps: Apps, **_: object) -> None:
    """Create the groups, or restore their permissions."""
    try:
        groups, permissions = apps.get_model("auth", "Group").objects, apps.get_model("auth", "Permission").objects
    except LookupError:
        # Only some migrations have run yet.
        return
    for role, rights in ROLES.items():
        group, _created = groups.get_or_create(name=role)
        group.permissions.set(permissions.filter(_any_of(rights)))


def create_user(name: str, *, role: str, password: str | None, by: str) -> User:
    """Create an account with that role, on record. The password is not validated here; None: it has none yet.

    IntegrityError for a taken name, ValidationError for one that reads the same as another account's.
    """
    with transaction.atomic():
        user = User.objects.create_user(name, password=password)
        user.groups.add(Group.objects.get(name=role))
        ledger.append(
            RecordKind.USER_CREATED, by=by, status=Status.SUCCESS, details={"user": user.username, "role": role}
        )
    return user


def _any_of(rights: frozenset[str]) -> Q:
    wanted = Q(pk__in=())
    for right in rights:
        app, codename = right.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return wanted
