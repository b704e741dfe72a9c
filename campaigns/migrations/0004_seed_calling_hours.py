"""The federal rule, which applies where a campaign has no other."""

from datetime import time

from django.db import migrations

WEEK = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


def seed(apps, schema_editor):
    apps.get_model("campaigns", "CallingHoursRule").objects.create(
        name="Federal (TCPA)",
        days=WEEK,
        earliest=time(8),
        latest=time(21),
        source="47 CFR 64.1200(c)(1)",
        is_default=True,
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_schedules_holidays_deliveries")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
