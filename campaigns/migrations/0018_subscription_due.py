"""When a campaign's event subscription may be tried again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0017_time_number_rank")]
    operations = [
        migrations.AddField(
            model_name="campaign",
            name="subscription_due_at",
            field=models.DateTimeField(
                help_text="When it may be asked for again; until then a worker asks, or the last try failed.", null=True
            ),
        ),
    ]
