from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0037_control_in_words"),
    ]

    operations = [
        migrations.AlterField(
            model_name="savedview",
            name="query",
            field=models.TextField(blank=True),
        ),
    ]
