"""`rung_at` is called `enqueued_at`. The columns keep their names, so no large table is rewritten or locked."""

from django.db import migrations, models


def _renamed(model):
    column = models.DateTimeField(null=True, db_column="rung_at")
    return [migrations.RenameField(model, "rung_at", "enqueued_at"), migrations.AlterField(model, "enqueued_at", column)]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0013_parked_deliveries")]
    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[*_renamed("operation"), *_renamed("delivery")])
    ]
