"""The chain's beginning, and the triggers that keep what is written."""

from django.db import migrations

from audit import triggers

GENESIS = "0" * 64


def begin(apps, schema_editor):
    apps.get_model("audit", "Head").objects.create(id=1, number=0, digest=GENESIS)
    triggers.install(schema_editor.connection)


def undo(apps, schema_editor):
    triggers.remove(schema_editor.connection)
    apps.get_model("audit", "Head").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(begin, undo)]
