# The first migrations of this app in one: a new database has fewer to run. One that ran all of these counts as having run it.

import django.db.models.deletion
from django.db import migrations, models

from channels_app.first_tables import CreateTogether


class Migration(migrations.Migration):

    replaces = [
        ('workers', '0001_initial'),
        ('workers', '0002_refused_field'),
    ]

    initial = True

    dependencies = [
        ('channels_app', '0002_channel'),
    ]

    operations = [
        CreateTogether([
            migrations.CreateModel(
                name='RefusedField',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('place', models.CharField(max_length=64)),
                    ('model', models.CharField(max_length=120)),
                    ('field', models.CharField(max_length=40)),
                    ('refused_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('place', 'model', 'field'), name='refused_field_once')],
                },
            ),
            migrations.CreateModel(
                name='WorkerProcess',
                fields=[
                    ('name', models.CharField(max_length=120, primary_key=True, serialize=False)),
                    ('kind', models.CharField(choices=[('live', 'live runs'), ('control', 'control')], default='live', max_length=10)),
                    ('epoch', models.BigIntegerField(default=0)),
                    ('expires_at', models.DateTimeField()),
                    ('draining', models.BooleanField(default=False)),
                    ('capacity', models.PositiveIntegerField(default=0)),
                    ('host', models.CharField(blank=True, max_length=120)),
                    ('pid', models.PositiveIntegerField(default=0)),
                    ('registered_at', models.DateTimeField(auto_now=True)),
                ],
                options={
                    'verbose_name_plural': 'worker processes',
                    'indexes': [models.Index(fields=['expires_at'], name='worker_expires')],
                },
            ),
            migrations.CreateModel(
                name='Run',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80, unique=True)),
                    ('kind', models.CharField(choices=[('channel', 'channel'), ('gateway', 'chat gateway')], max_length=10)),
                    ('channel', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='run', to='channels_app.channel')),
                    ('owner', models.CharField(blank=True, max_length=120)),
                    ('owner_epoch', models.BigIntegerField(default=0)),
                    ('fence', models.BigIntegerField(default=0)),
                    ('dispatched_at', models.DateTimeField(blank=True, null=True)),
                    ('not_before', models.DateTimeField(blank=True, null=True)),
                    ('failures', models.PositiveIntegerField(default=0)),
                    ('started_at', models.DateTimeField(blank=True, null=True)),
                    ('last_error', models.CharField(blank=True, max_length=300)),
                ],
                options={
                    'indexes': [models.Index(fields=['owner', 'owner_epoch'], name='run_owner')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('channel__isnull', False), ('kind', 'channel')), models.Q(('channel__isnull', True), ('kind', 'gateway')), _connector='OR'), name='run_channel_where_it_belongs')],
                },
            ),
        ]),
    ]
