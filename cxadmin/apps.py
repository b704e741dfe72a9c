"""What the project itself adds to Django's start."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ProjectConfig(AppConfig):
    name = "cxadmin"

    def ready(self) -> None:
        from cxadmin import roles, signin

        signin.connect()
        # Django makes an app's permissions right before this, and `campaigns` is the last app that has any.
        post_migrate.connect(roles.seed, sender=apps.get_app_config("campaigns"))
