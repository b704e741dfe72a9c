"""What a bulk sends and waits for, its operations in order, and full reads that somebody waits for."""

import campaigns.states
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0019_holiday_guard'),
    ]

    operations = [
        migrations.AddField(
            model_name='bulk',
            name='failures',
            field=models.PositiveSmallIntegerField(default=0, help_text='Batches in a row that CXone took nothing of.'),
        ),
        migrations.AddField(
            model_name='bulk',
            name='payload',
            field=models.JSONField(default=dict, help_text='That of each of its operations.'),
        ),
        migrations.AddField(
            model_name='bulk',
            name='waiting_for',
            field=models.CharField(blank=True, default=campaigns.states.WaitingFor['NOTHING'], max_length=10),
        ),
        migrations.AddField(
            model_name='syncstate',
            name='read_wanted_at',
            field=models.DateTimeField(help_text='Somebody waits for a full read that begins after this moment.', null=True),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(fields=['bulk', 'state', 'next_attempt_at'], name='operations_of_a_bulk'),
        ),
    ]
