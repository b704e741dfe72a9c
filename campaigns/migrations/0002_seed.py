"""The defaults: reason codes, policy, periodic jobs and the single rows."""

from datetime import UTC, datetime

from django.db import migrations

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
REASONS = [
    ("WFM_OVERRIDE", "Workforce management override", False),
    ("WFM_SCALE_DOWN", "Workforce scale-down", False),
    ("COMPLIANCE_HOLD", "Compliance hold", True),
    ("EMERGENCY", "Emergency", True),
    ("HOLIDAY", "Holiday", True),
    ("MAINTENANCE", "Maintenance", False),
]
JOBS = [("sync_campaigns", 15), ("sample_drains", 3)]


def seed(apps, schema_editor):
    model = lambda name: apps.get_model("campaigns", name).objects
    for order, (code, label, overrides) in enumerate(REASONS):
        model("ReasonCode").create(code=code, label=label, overrides_calls_check=overrides, order=order)
    model("Policy").create(pk=1)
    model("SyncState").create(pk=1)
    model("RequestSlot").create(number=0, free_at=LONG_AGO)
    for name, seconds in JOBS:
        model("PeriodicJob").create(name=name, next_at=LONG_AGO, every_seconds=seconds)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
