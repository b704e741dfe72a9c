"""Counts of failed sign-ins, in place of what django-axes kept: names as typed, bodies, addresses, browsers."""

from django.db import migrations, models

# Django's order: what refers to another comes first.
KEPT = ["AccessAttemptExpiration", "AccessAttempt", "AccessFailureLog", "AccessLog"]


def empty(apps, schema_editor):
    """TRUNCATE gives the space back at once; a million failed sign-ins could have taken gigabytes."""
    tables = [schema_editor.quote_name(apps.get_model("axes", name)._meta.db_table) for name in KEPT]
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"TRUNCATE {', '.join(tables)}")
        return
    for table in tables:
        schema_editor.execute(f"DELETE FROM {table}")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("axes", "0010_accessattemptexpiration")]
    operations = [
        migrations.CreateModel(
            name="FailedSignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("place", models.CharField(max_length=64)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("locked", models.BooleanField(default=False)),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("name", "place"), name="cxadmin_one_count_a_place"),
                ],
            },
        ),
        migrations.RunPython(empty, migrations.RunPython.noop),
    ]
