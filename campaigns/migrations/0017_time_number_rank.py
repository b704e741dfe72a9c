"""Time, number and rank of operations: their columns; bulks; the shared count of calls; how long a pause keeps trying."""

import campaigns.states
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0016_unused_choices'),
    ]

    operations = [
        migrations.CreateModel(
            name='Bulk',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('pause', 'Pause'), ('resume', 'Resume'), ('schedule', 'Schedule change')], max_length=10)),
                ('by', models.CharField(max_length=150)),
                ('reason', models.CharField(max_length=40)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('override', models.BooleanField(default=False, help_text='The reason overrides the calls check.')),
                ('selection', models.JSONField(default=dict)),
                ('campaign_ids', models.JSONField(default=list)),
                ('idempotency_key', models.CharField(max_length=64, unique=True)),
                ('body_hash', models.CharField(max_length=64)),
                ('requested_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('cancelled_by', models.CharField(blank=True, max_length=150)),
                ('ended_at', models.DateTimeField(null=True)),
                ('requests', models.PositiveIntegerField(default=0, help_text='Requests that no single operation counts.')),
                ('next_attempt_at', models.DateTimeField()),
                ('enqueued_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('fence', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ('-requested_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='CallsReading',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(help_text="When the query began, by the database's clock.")),
                ('calls', models.JSONField(default=dict, help_text="By campaign id; one that isn't here has none.")),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='operation',
            name='one_operation_in_progress_for_a_campaign',
        ),
        migrations.RemoveIndex(
            model_name='operation',
            name='operations_due',
        ),
        migrations.AddField(
            model_name='campaign',
            name='came_back_at',
            field=models.DateTimeField(help_text='It dials again, although nobody here resumed it.', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='explained_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.operation'),
        ),
        migrations.AddField(
            model_name='drain',
            name='expected_median_seconds',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='drain',
            name='expected_p90_seconds',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='operation',
            name='entered_fold',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='operation',
            name='entered_local',
            field=models.CharField(blank=True, db_default='', default='', max_length=19),
        ),
        migrations.AddField(
            model_name='operation',
            name='entered_zone',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='operation',
            name='failing_since',
            field=models.DateTimeField(help_text='The first of the failures in a row until now.', null=True),
        ),
        migrations.AddField(
            model_name='operation',
            name='not_before',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='operation',
            name='origin',
            field=models.CharField(choices=[('person', 'A person'), ('bulk', 'A bulk'), ('guard', 'The holiday guard'), ('watch', 'The watch over confirmed pauses')], db_default='person', default='person', max_length=10),
        ),
        migrations.AddField(
            model_name='operation',
            name='outranks',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.operation'),
        ),
        migrations.AddField(
            model_name='operation',
            name='superseded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='superseded', to='campaigns.operation'),
        ),
        migrations.AddField(
            model_name='operation',
            name='undoes',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='campaigns.operation'),
        ),
        migrations.AddField(
            model_name='operation',
            name='zone_data',
            field=models.CharField(blank=True, db_default='', default='', max_length=20),
        ),
        migrations.AddField(
            model_name='policy',
            name='late_minutes',
            field=models.PositiveSmallIntegerField(db_default=60, default=60),
        ),
        migrations.AddField(
            model_name='policy',
            name='pause_patience_minutes',
            field=models.PositiveSmallIntegerField(db_default=30, default=30),
        ),
        migrations.AddField(
            model_name='syncstate',
            name='probe_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='syncstate',
            name='unanswered',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='Failures of CXone in a row.'),
        ),
        migrations.AddField(
            model_name='syncstate',
            name='unanswered_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='operation',
            name='state',
            field=models.CharField(choices=[(campaigns.states.State['SCHEDULED'], campaigns.states.State['SCHEDULED']), (campaigns.states.State['QUEUED'], campaigns.states.State['QUEUED']), (campaigns.states.State['RUNNING'], campaigns.states.State['RUNNING']), (campaigns.states.State['WAITING'], campaigns.states.State['WAITING']), (campaigns.states.State['ACCEPTED'], campaigns.states.State['ACCEPTED']), (campaigns.states.State['CONFIRMED'], campaigns.states.State['CONFIRMED']), (campaigns.states.State['SKIPPED'], campaigns.states.State['SKIPPED']), (campaigns.states.State['REJECTED'], campaigns.states.State['REJECTED']), (campaigns.states.State['CONFLICT'], campaigns.states.State['CONFLICT']), (campaigns.states.State['FAILED'], campaigns.states.State['FAILED']), (campaigns.states.State['UNCONFIRMED'], campaigns.states.State['UNCONFIRMED']), (campaigns.states.State['CANCELLED'], campaigns.states.State['CANCELLED']), (campaigns.states.State['SUPERSEDED'], campaigns.states.State['SUPERSEDED'])], default=campaigns.states.State['QUEUED'], max_length=12),
        ),
        migrations.AddField(
            model_name='bulk',
            name='undoes',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='campaigns.bulk'),
        ),
        migrations.AddField(
            model_name='operation',
            name='bulk',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='operations', to='campaigns.bulk'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('state__in', ['SCHEDULED', 'QUEUED', 'RUNNING', 'WAITING', 'ACCEPTED'])), fields=['next_attempt_at'], name='operations_due'),
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=models.UniqueConstraint(condition=models.Q(('outranks', None), ('state__in', ['QUEUED', 'RUNNING', 'WAITING', 'ACCEPTED'])), fields=('campaign',), name='one_operation_in_progress_for_a_campaign'),
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=models.UniqueConstraint(condition=models.Q(('outranks__isnull', False), ('state__in', ['QUEUED', 'RUNNING', 'WAITING', 'ACCEPTED'])), fields=('campaign',), name='one_pause_outranks_it'),
        ),
        migrations.AddIndex(
            model_name='bulk',
            index=models.Index(fields=['-requested_at', '-id'], name='campaigns_b_request_ae93f0_idx'),
        ),
        migrations.AddIndex(
            model_name='bulk',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['next_attempt_at'], name='bulks_due'),
        ),
    ]
