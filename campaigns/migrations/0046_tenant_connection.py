from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0045_restores"),
    ]

    operations = [
        migrations.AddField(
            model_name="cxonetenant",
            name="connection",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
    ]
