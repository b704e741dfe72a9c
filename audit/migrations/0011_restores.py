from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0010_round_seconds")]

    operations = [
        migrations.AddField(
            model_name="watch",
            name="restores",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
    ]
