# The first migrations of this app in one: a new database has fewer to run. One that ran all of these counts as having run it.

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from channels_app.first_tables import CreateTogether


class Migration(migrations.Migration):

    replaces = [
        ('billing', '0001_initial'),
        ('billing', '0002_initial'),
        ('billing', '0003_memory'),
        ('billing', '0004_rehearsal_usage'),
        ('billing', '0005_priced'),
        ('billing', '0006_budgets'),
        ('billing', '0008_customers'),
    ]

    initial = True

    dependencies = [
        ('channels_app', '0002_channel'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTogether([
            migrations.CreateModel(
                name='Budget',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='budget', to='channels_app.channel')),
                    ('hour', models.DateTimeField()),
                    ('hour_micros', models.PositiveBigIntegerField(default=0)),
                    ('hour_own_micros', models.PositiveBigIntegerField(default=0)),
                    ('day', models.DateTimeField()),
                    ('day_micros', models.PositiveBigIntegerField(default=0)),
                    ('day_own_micros', models.PositiveBigIntegerField(default=0)),
                    ('period', models.DateTimeField()),
                    ('period_replies', models.PositiveIntegerField(default=0)),
                    ('period_characters', models.PositiveIntegerField(default=0)),
                    ('period_live_seconds', models.PositiveIntegerField(default=0)),
                    ('held_micros', models.PositiveBigIntegerField(default=0)),
                    ('held_own_micros', models.PositiveBigIntegerField(default=0)),
                    ('held_replies', models.PositiveIntegerField(default=0)),
                    ('held_characters', models.PositiveIntegerField(default=0)),
                    ('hourly_ceiling_micros', models.PositiveBigIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)])),
                    ('daily_ceiling_micros', models.PositiveBigIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)])),
                    ('farewell', models.CharField(blank=True, max_length=200)),
                    ('step', models.CharField(blank=True, max_length=10)),
                    ('step_why', models.CharField(blank=True, max_length=20)),
                    ('step_ends', models.DateTimeField(blank=True, null=True)),
                ],
            ),
            migrations.CreateModel(
                name='ClosedCustomer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stripe_id', models.CharField(max_length=64, unique=True)),
                    ('asked_at', models.DateTimeField()),
                    ('problem', models.CharField(blank=True, max_length=300)),
                ],
            ),
            migrations.CreateModel(
                name='Customer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='customer', to='channels_app.channel')),
                    ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('stripe_id', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                    ('language', models.CharField(default='en', max_length=10)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('synced_at', models.DateTimeField(blank=True, null=True)),
                    ('wanted', models.PositiveBigIntegerField(default=0)),
                    ('syncing_until', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('stripe_id', ''), _negated=True), name='customer_stripe_id_not_empty')],
                },
            ),
            migrations.CreateModel(
                name='Subscription',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='billing.customer')),
                    ('stripe_id', models.CharField(max_length=64, unique=True)),
                    ('item_id', models.CharField(max_length=64)),
                    ('lookup_key', models.CharField(blank=True, max_length=200)),
                    ('plan', models.CharField(blank=True, max_length=40)),
                    ('status', models.CharField(choices=[('incomplete', 'waiting for its first payment'), ('incomplete_expired', 'never paid'), ('trialing', 'trial'), ('active', 'active'), ('past_due', 'past due'), ('unpaid', 'unpaid'), ('canceled', 'ended'), ('paused', 'paused')], max_length=20)),
                    ('paused', models.BooleanField(default=False)),
                    ('begun_at', models.DateTimeField()),
                    ('period_start', models.DateTimeField()),
                    ('period_end', models.DateTimeField()),
                    ('trial_end', models.DateTimeField(blank=True, null=True)),
                    ('cancel_at', models.DateTimeField(blank=True, null=True)),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('past_due_since', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['customer', 'status'], name='subscription_customer_status')],
                },
            ),
            migrations.CreateModel(
                name='DunningMail',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dunning_mails', to='billing.subscription')),
                    ('since', models.DateTimeField()),
                    ('day', models.PositiveSmallIntegerField()),
                    ('made_at', models.DateTimeField(auto_now_add=True)),
                    ('outcome', models.CharField(max_length=20)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('subscription', 'since', 'day'), name='dunning_mail_once')],
                },
            ),
            migrations.CreateModel(
                name='HouseDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateTimeField(unique=True)),
                    ('micros', models.PositiveBigIntegerField(default=0)),
                    ('held_micros', models.PositiveBigIntegerField(default=0)),
                ],
            ),
            migrations.CreateModel(
                name='PlanOverride',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plan_overrides', to='channels_app.channel')),
                    ('plan', models.CharField(blank=True, max_length=40)),
                    ('credit_live_seconds', models.PositiveIntegerField(default=0)),
                    ('credit_replies', models.PositiveIntegerField(default=0)),
                    ('credit_characters', models.PositiveIntegerField(default=0)),
                    ('until', models.DateTimeField(blank=True, null=True)),
                    ('reason', models.CharField(max_length=200)),
                    ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('made_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['channel', 'made_at'], name='plan_override_channel')],
                },
            ),
            migrations.CreateModel(
                name='Reconciliation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('begun_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('compared', models.PositiveIntegerField(default=0)),
                    ('differences', models.JSONField(default=list)),
                    ('healed', models.PositiveIntegerField(default=0)),
                    ('problem', models.CharField(blank=True, max_length=300)),
                ],
                options={
                    'ordering': ['-begun_at'],
                },
            ),
            migrations.CreateModel(
                name='Reservation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reservations', to='channels_app.channel')),
                    ('key', models.CharField(max_length=80)),
                    ('micros', models.PositiveBigIntegerField(default=0)),
                    ('own_micros', models.PositiveBigIntegerField(default=0)),
                    ('replies', models.PositiveSmallIntegerField(default=0)),
                    ('characters', models.PositiveIntegerField(default=0)),
                    ('day', models.DateTimeField()),
                    ('expires_at', models.DateTimeField(db_index=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('channel', 'key'), name='reservation_once'), models.CheckConstraint(condition=models.Q(('own_micros__lte', models.F('micros'))), name='reservation_own_is_part')],
                },
            ),
            migrations.CreateModel(
                name='Reversal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reversals', to='billing.customer')),
                    ('stripe_id', models.CharField(max_length=64, unique=True)),
                    ('kind', models.CharField(choices=[('refund', 'refund'), ('dispute', 'dispute')], max_length=10)),
                    ('status', models.CharField(max_length=40)),
                    ('amount', models.PositiveBigIntegerField()),
                    ('currency', models.CharField(max_length=3)),
                    ('at', models.DateTimeField()),
                    ('told_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['customer', '-at'], name='reversal_customer_at')],
                },
            ),
            migrations.CreateModel(
                name='StripeEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stripe_id', models.CharField(max_length=80, unique=True)),
                    ('type', models.CharField(max_length=80)),
                    ('customer_id', models.CharField(blank=True, max_length=64)),
                    ('charge_id', models.CharField(blank=True, max_length=64)),
                    ('made_at', models.DateTimeField()),
                    ('received_at', models.DateTimeField()),
                    ('state', models.CharField(choices=[('received', 'received'), ('done', 'done'), ('ignored', 'not ours'), ('failed', 'failed')], default='received', max_length=10)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('problem', models.CharField(blank=True, max_length=300)),
                    ('done_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['state', 'received_at'], name='stripe_event_state')],
                },
            ),
            migrations.CreateModel(
                name='StripeRequest',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requests', to='billing.customer')),
                    ('kind', models.CharField(choices=[('checkout', 'checkout'), ('portal', 'portal')], max_length=10)),
                    ('subject', models.CharField(max_length=200)),
                    ('with_trial', models.BooleanField(default=False)),
                    ('stripe_id', models.CharField(blank=True, max_length=200)),
                    ('url', models.TextField(blank=True)),
                    ('asked_at', models.DateTimeField()),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['customer', 'kind', '-asked_at'], name='stripe_request_customer')],
                },
            ),
            migrations.CreateModel(
                name='TrialUsed',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('digest', models.CharField(max_length=64, unique=True)),
                    ('at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='UsageRecord',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='usage_records', to='channels_app.channel')),
                    ('key', models.CharField(max_length=80)),
                    ('kind', models.CharField(choices=[('reply', 'reply'), ('listen', 'voice sample'), ('memory', 'memory'), ('rehearsal', 'rehearsal'), ('live', 'live time')], max_length=10)),
                    ('prompt_tokens', models.PositiveIntegerField(default=0)),
                    ('completion_tokens', models.PositiveIntegerField(default=0)),
                    ('cached_tokens', models.PositiveIntegerField(db_default=0, default=0)),
                    ('characters', models.PositiveIntegerField(default=0)),
                    ('provider_characters', models.PositiveIntegerField(db_default=0, default=0)),
                    ('speech_ms', models.PositiveIntegerField(db_default=0, default=0)),
                    ('live_seconds', models.PositiveIntegerField(db_default=0, default=0)),
                    ('replies', models.PositiveSmallIntegerField(db_default=0, default=0)),
                    ('cost_micros', models.PositiveBigIntegerField(default=0)),
                    ('own_micros', models.PositiveBigIntegerField(db_default=0, default=0)),
                    ('rates', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list)),
                    ('currency', models.CharField(default='USD', max_length=3)),
                    ('exact', models.BooleanField(default=False)),
                    ('priced', models.BooleanField(db_default=True, default=True)),
                    ('confidence', models.GeneratedField(db_persist=True, expression=models.Case(models.When(priced=False, then=models.Value('unpriced')), models.When(exact=True, then=models.Value('exact')), default=models.Value('estimated')), output_field=models.CharField(choices=[('exact', 'exact'), ('estimated', 'estimated'), ('unpriced', 'price unknown')], max_length=10))),
                    ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'indexes': [models.Index(fields=['channel', 'at'], name='usage_channel_at'), models.Index(fields=['at'], name='usage_at')],
                    'constraints': [models.UniqueConstraint(fields=('channel', 'key'), name='usage_once'), models.CheckConstraint(condition=models.Q(('own_micros__lte', models.F('cost_micros'))), name='usage_own_is_part_of_cost')],
                },
            ),
        ]),
    ]
