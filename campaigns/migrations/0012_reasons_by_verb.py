"""For which verbs a reason is offered. Codes that an admin has made stay offered for both."""

from django.db import migrations, models

WHY_PAUSED = ["WFM_SCALE_DOWN", "COMPLIANCE_HOLD", "EMERGENCY", "HOLIDAY", "MAINTENANCE"]
WHY_RESUMED = [("RESOLVED", "Resolved", 0), ("WFM_SCALE_UP", "Workforce scale-up", 1)]


def seed(apps, schema_editor):
    reasons = apps.get_model("campaigns", "ReasonCode").objects
    reasons.filter(code__in=WHY_PAUSED).update(for_resume=False)
    for code, label, order in WHY_RESUMED:
        reasons.get_or_create(code=code, defaults={"label": label, "order": order, "for_pause": False})


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0011_first_sight")]
    operations = [
        migrations.AddField("reasoncode", "for_pause", models.BooleanField(default=True, help_text="Offered for a pause.")),
        migrations.AddField("reasoncode", "for_resume", models.BooleanField(default=True, help_text="Offered for a resume.")),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
