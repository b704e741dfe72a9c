import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0031_counts_by_state"),
    ]

    operations = [
        migrations.CreateModel(
            name="AssignmentRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name_part",
                    models.CharField(blank=True, help_text="Their name contains it, in any case.", max_length=100),
                ),
                ("zone", models.CharField(blank=True, help_text="By the zone's current name.", max_length=64)),
                ("tag", models.CharField(blank=True, help_text='As in "region:Florida".', max_length=200)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField()),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="campaigns.calendar"
                    ),
                ),
            ],
            options={
                "ordering": ("made_at", "pk"),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("calendar", "name_part", "zone", "tag"), name="an_assignment_rule_is_made_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name_part", ""), ("tag", ""), ("zone", ""), _negated=True),
                        name="an_assignment_rule_has_a_condition",
                    ),
                ],
            },
        ),
    ]
