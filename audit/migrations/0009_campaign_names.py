from django.db import migrations, models
from django.db.models import F

DERIVED = ("audit_rollup", "audit_span", "audit_posting", "audit_name")


def start_over(apps, schema_editor):
    """Fold everything again: what was folded before lacks names, overrides and the figures for compliance."""
    for table in DERIVED:
        schema_editor.execute(f"DELETE FROM {schema_editor.quote_name(table)}")
    apps.get_model("audit", "FoldingProgress").objects.update(number=0, generation=F("generation") + 1)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0008_clearer_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="CampaignName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("campaign_id", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=300)),
                ("folded", models.TextField()),
                ("number", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("campaign_id", "name"), name="audit_one_row_a_campaign_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="PauseBegan",
            fields=[
                ("campaign_id", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RunPython(start_over, migrations.RunPython.noop),
    ]
