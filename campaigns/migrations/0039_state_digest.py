import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0038_long_views"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="state_digest",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AlterField(
            model_name="campaignnumber",
            name="campaign",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="numbered", to="campaigns.campaign"
            ),
        ),
    ]
