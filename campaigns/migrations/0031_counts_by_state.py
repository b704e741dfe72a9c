from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0030_wall_and_handover")]

    operations = [
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                fields=["active_calls", "urgency", "status", "window_open", "window_changes_at", "gone_at"],
                name="campaigns_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                fields=["came_back_at"], condition=models.Q(came_back_at__isnull=False), name="campaigns_that_came_back"
            ),
        ),
    ]
