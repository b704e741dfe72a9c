"""The index behind the audit's filters. It replaces database indexes, each of which slows down every append."""

from django.db import migrations, models
from django.db.models import F


def drop_time_index(apps, schema_editor):
    """Drop the index by name."""
    # To alter the column, Django would rebuild the table on SQLite, without its triggers.
    table = apps.get_model("audit", "Record")._meta.db_table
    with schema_editor.connection.cursor() as cursor:
        constraints = schema_editor.connection.introspection.get_constraints(cursor, table)
    for name, found in constraints.items():
        if found["index"] and found["columns"] == ["timestamp"]:
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def make_time_index(apps, schema_editor):
    record = apps.get_model("audit", "Record")
    schema_editor.execute(schema_editor._create_index_sql(record, fields=[record._meta.get_field("timestamp")]))


def begin_anew(apps, schema_editor):
    """Fold everything again: what was folded before isn't in the new index."""
    apps.get_model("audit", "Rollup").objects.all().delete()
    apps.get_model("audit", "Span").objects.all().delete()
    apps.get_model("audit", "Progress").objects.update(number=0, generation=F("generation") + 1)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_derived")]
    operations = [
        migrations.CreateModel(
            name="Name",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("column", models.CharField(max_length=20)),
                ("value", models.CharField(max_length=150)),
                ("label", models.CharField(max_length=300)),
                ("number", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("column", "value"), name="audit_one_name_a_value"),
                ],
                "indexes": [models.Index(fields=["column", "-number"], name="audit_newest_names")],
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "block", "term", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("block", models.IntegerField()),
                ("term", models.BinaryField()),
                ("places", models.BinaryField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RemoveIndex(model_name="record", name="audit_by_kind"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_time_index, make_time_index)],
            state_operations=[
                migrations.AlterField(model_name="record", name="timestamp", field=models.DateTimeField()),
            ],
        ),
        migrations.RunPython(begin_anew, migrations.RunPython.noop),
    ]
