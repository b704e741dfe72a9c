from django.apps import AppConfig
from django.core.checks import register


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import checks

        register(checks.check_audit_settings, "settings")
