"""Periodic jobs of the audit: rolling up what is new, and checking it."""

from datetime import UTC, datetime

from django.db import migrations

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
JOBS = [("fold_audit", 5), ("check_audit", 60)]


def seed(apps, schema_editor):
    for name, seconds in JOBS:
        apps.get_model("campaigns", "PeriodicJob").objects.create(name=name, next_at=LONG_AGO, every_seconds=seconds)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_policy")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
