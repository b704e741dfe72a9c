"""Until when an operation is tried again while CXone fails."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0022_bulk_number'),
    ]

    operations = [
        migrations.AddField(
            model_name='operation',
            name='retry_until',
            field=models.DateTimeField(help_text='Given up then, if it still fails.', null=True),
        ),
    ]
