"""When a campaign was last read because of an event."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0020_bulks_at_work")]
    operations = [
        migrations.AddField(
            model_name="campaign",
            name="hinted_read_at",
            field=models.DateTimeField(help_text="When the last read that an event caused began.", null=True),
        ),
    ]
