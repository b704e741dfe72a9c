from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0035_quick_list"),
    ]

    operations = [
        migrations.AddField(
            model_name="reasoncode",
            name="needs_note",
            field=models.BooleanField(
                db_default=False, default=False, help_text="People who give it must say more in a note."
            ),
        ),
    ]
