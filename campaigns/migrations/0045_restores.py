from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0044_metric_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownDatabase",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("identity", models.JSONField(default=dict)),
                ("seen_at", models.DateTimeField(null=True)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="NoticedRestore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("noticed_at", models.DateTimeField()),
                (
                    "cause",
                    models.CharField(help_text="By what it was noticed, as a sentence.", max_length=500),
                ),
                ("acknowledged_at", models.DateTimeField(null=True)),
            ],
            options={"default_permissions": ()},
        ),
    ]
