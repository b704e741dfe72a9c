"""The holiday guard: which calendars it guards, and what it has asked for."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0018_subscription_due'),
    ]

    operations = [
        migrations.AddField(
            model_name='calendar',
            name='guarded',
            field=models.BooleanField(db_default=False, default=False, help_text='The holiday guard pauses its campaigns while a holiday lasts.'),
        ),
        migrations.CreateModel(
            name='GuardedStretch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begins', models.DateTimeField()),
                ('ends', models.DateTimeField()),
                ('holidays', models.CharField(help_text="Their names with their calendars'.", max_length=500)),
                ('left_alone', models.CharField(blank=True, choices=[('', "It isn't"), ('paused', 'Somebody had paused it before the stretch began'), ('changed', 'Somebody changed it after the guard had paused it'), ('cancelled', "Somebody cancelled the guard's pause")], default='', max_length=10)),
                ('withdrawn', models.BooleanField(default=False)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guarded_stretches', to='campaigns.campaign')),
                ('pause', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.operation')),
                ('resume', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.operation')),
            ],
            options={
                'ordering': ('campaign', 'begins'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('campaign',), name='one_open_stretch_for_a_campaign'), models.CheckConstraint(condition=models.Q(('begins__lt', models.F('ends'))), name='a_stretch_ends_after_it_begins')],
            },
        ),
    ]
