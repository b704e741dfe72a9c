"""Choices and permissions that nothing uses are gone. No table changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0015_pause_slot'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='campaign',
            options={'ordering': ('name', 'id'), 'permissions': [('pause_campaign', 'Can pause campaigns'), ('resume_campaign', 'Can resume campaigns'), ('edit_schedule', 'Can edit schedule windows'), ('manage_policy', 'Can edit policy, reason codes and calling-hours rules'), ('manage_holidays', 'Can edit holiday calendars'), ('manage_deliveries', 'Can see deliveries and send them again')]},
        ),
        migrations.AlterField(
            model_name='campaign',
            name='control',
            field=models.CharField(choices=[('schedule', 'the schedule'), ('person', 'a person'), ('outside', 'changed outside'), ('before', 'since before we looked')], default='schedule', max_length=10),
        ),
    ]
