"""How many campaigns a bulk has, beside which they are. There is no bulk yet."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("campaigns", "0021_hinted_read")]

    operations = [
        migrations.AddField(
            model_name="bulk",
            name="number",
            field=models.PositiveIntegerField(default=0, help_text="How many campaigns these are."),
            preserve_default=False,
        ),
    ]
