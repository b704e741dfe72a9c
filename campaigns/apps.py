from django.apps import AppConfig
from django.core.checks import register


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from campaigns import checks

        register(checks.check_cxone_and_wfm, "settings")
