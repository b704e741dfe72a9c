from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import reason_labels
        from campaigns import checks
        from campaigns.models import ReasonCode
        from campaigns.queueing import periodic

        register(checks.check_cxone_and_wfm, "settings")
        reason_labels.register_labels(ReasonCode.labels)
        post_migrate.connect(periodic.complete_rows, sender=self)
