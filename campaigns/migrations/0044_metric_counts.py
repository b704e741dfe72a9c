from django.db import migrations, models


def begin_here(apps, schema_editor):
    """What is on record already isn't counted: a counter may begin anywhere, and reading millions of records would
    keep the new version waiting."""
    head = apps.get_model("audit", "Head").objects.filter(pk=1).first()
    apps.get_model("campaigns", "CountedRecords").objects.create(pk=1, number=head.number if head else 0)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0010_round_seconds"),
        ("campaigns", "0043_appearance"),
    ]

    operations = [
        migrations.CreateModel(
            name="CountedRecords",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="MetricCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("metric", models.CharField(max_length=80)),
                ("labels", models.CharField(max_length=120)),
                ("count", models.BigIntegerField(default=0)),
                ("total", models.FloatField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("metric", "labels"), name="one_count_for_the_same_labels")
                ],
            },
        ),
        migrations.RunPython(begin_here, migrations.RunPython.noop),
    ]
