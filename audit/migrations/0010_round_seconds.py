from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0009_campaign_names")]

    operations = [
        migrations.AddField(model_name="watch", name="round_seconds", field=models.FloatField(null=True)),
    ]
