"""The last operation of a campaign to end, without reading the others."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0023_retry_until'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(fields=['campaign', '-ended_at'], name='operations_by_end'),
        ),
    ]
