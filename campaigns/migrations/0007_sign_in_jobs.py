"""Periodic jobs of sign-in: deleting sessions that have ended, each day, and counts of failures, each hour."""

from datetime import UTC, datetime

from django.db import migrations

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
HOUR = 3600
JOBS = [("delete_ended_sessions", 24 * HOUR), ("delete_ended_failures", HOUR)]


def seed(apps, schema_editor):
    for name, seconds in JOBS:
        apps.get_model("campaigns", "PeriodicJob").objects.create(name=name, next_at=LONG_AGO, every_seconds=seconds)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_audit_jobs")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
