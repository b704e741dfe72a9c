"""What the project itself connects when Django starts."""

from pathlib import Path

from django.apps import AppConfig
from django.core.checks import register
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from cxadmin import local


class ProjectConfig(AppConfig):
    name = "cxadmin"

    def ready(self) -> None:
        # Celery: wake-ups are sent by its current app.
        from cxadmin import celery, checks  # noqa: F401
        from cxadmin.accounts import roles, signin_records, unique_names

        register(checks.check_project, checks.TAG)
        register(checks.check_proxies, checks.TAG, deploy=True)
        signin_records.start_recording()
        unique_names.start_refusing()
        connection_created.connect(close_new_database, dispatch_uid="close_new_database")
        # Django creates an app's permissions right before this, and this is the last app that has any.
        post_migrate.connect(roles.seed, sender=self)
        post_migrate.connect(unique_names.renew_keys, sender=self)


def close_new_database(connection: BaseDatabaseWrapper, **_: object) -> None:
    """The first connection creates SQLite's file, readable for others."""
    if connection.vendor == "sqlite":
        local.close_database(Path(connection.settings_dict["NAME"]))
