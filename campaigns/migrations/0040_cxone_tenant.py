from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0039_state_digest"),
    ]

    operations = [
        migrations.CreateModel(
            name="CXoneTenant",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("zone", models.CharField(blank=True, max_length=100)),
                ("zone_problem", models.CharField(blank=True, max_length=400)),
                (
                    "daily_limit",
                    models.PositiveBigIntegerField(
                        help_text="Requests a day before CXone raises an alert.", null=True
                    ),
                ),
                ("counted_day", models.DateField(null=True)),
                ("counted_from", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="requestslot",
            name="uses",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
