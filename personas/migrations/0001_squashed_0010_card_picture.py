# The first migrations of this app in one: a new database has fewer to run. One that ran all of these counts as having run it.

import django.core.validators
import django.db.models.deletion
import personas.look
import personas.models
from django.conf import settings
from django.db import migrations, models

from channels_app.first_tables import CreateTogether


class Migration(migrations.Migration):

    replaces = [
        ('personas', '0001_initial'),
        ('personas', '0002_avatar'),
        ('personas', '0003_voice_words'),
        ('personas', '0004_modes'),
        ('personas', '0005_persona_card'),
        ('personas', '0006_approve_first'),
        ('personas', '0007_versions'),
        ('personas', '0008_version_reports'),
        ('personas', '0009_cut_in'),
        ('personas', '0010_card_picture'),
    ]

    initial = True

    dependencies = [
        ('channels_app', '0002_channel'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTogether([
            migrations.CreateModel(
                name='CardDraft',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='card_draft', to='channels_app.channel')),
                    ('document', models.JSONField()),
                    ('carrier', models.CharField(max_length=5)),
                    ('two_cards', models.BooleanField(default=False)),
                    ('hints', models.JSONField(default=list)),
                    ('picture', models.CharField(blank=True, db_default='', default='', max_length=40)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
            ),
            migrations.CreateModel(
                name='Persona',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='personas', to='channels_app.channel')),
                    ('is_active', models.BooleanField(default=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('channel',), name='persona_one_active_per_channel')],
                },
            ),
            migrations.CreateModel(
                name='PersonaVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='persona_versions', to='channels_app.channel')),
                    ('persona', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='personas.persona')),
                    ('number', models.PositiveIntegerField()),
                    ('published_at', models.DateTimeField(blank=True, null=True)),
                    ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('restores', models.PositiveIntegerField(blank=True, null=True)),
                    ('name', models.CharField(max_length=40, verbose_name='name')),
                    ('description', models.TextField(blank=True, max_length=12000, verbose_name='who she is')),
                    ('style', models.TextField(blank=True, max_length=2000, verbose_name='how she speaks')),
                    ('language', models.CharField(choices=[('en', 'English'), ('ru', 'Russian')], default='en', max_length=8, verbose_name='language')),
                    ('mode', models.CharField(choices=[('normal', 'Normal'), ('chatty', 'Chatty'), ('shy', 'Shy'), ('paid-only', 'Paid only'), ('subs-only', 'Subscribers only'), ('approve', 'Approve first')], db_default='normal', default='normal', max_length=12, verbose_name='how outgoing she is')),
                    ('mention', models.BooleanField(default=True, verbose_name='answer when mentioned')),
                    ('misspelt', models.BooleanField(db_default=False, default=True, verbose_name='hear her name misspelt')),
                    ('question', models.BooleanField(db_default=False, default=False, verbose_name='answer questions to nobody in particular')),
                    ('first_message', models.BooleanField(db_default=False, default=False, verbose_name="answer a chatter's first message")),
                    ('nicknames', models.JSONField(blank=True, default=list, verbose_name='nicknames')),
                    ('command', models.CharField(blank=True, default='!ai', max_length=24, verbose_name='chat command')),
                    ('every_message', models.BooleanField(default=False, verbose_name='answer every message')),
                    ('chance', models.FloatField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='chance of answering other messages')),
                    ('events', models.JSONField(blank=True, default=personas.models.every_event, verbose_name='events she reacts to')),
                    ('cheer_minimum', models.PositiveIntegerField(default=1, verbose_name='bits from')),
                    ('cut_in_bits', models.PositiveIntegerField(db_default=1000, default=1000, verbose_name='bits that cut in')),
                    ('cut_in_raiders', models.PositiveIntegerField(db_default=20, default=20, verbose_name='raiders that cut in')),
                    ('cooldown', models.FloatField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(600)], verbose_name='pause after a reply, seconds')),
                    ('chatter_cooldown', models.FloatField(default=10, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3600)], verbose_name='pause for the same chatter, seconds')),
                    ('replies_per_minute', models.PositiveSmallIntegerField(default=12, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='replies a minute at most')),
                    ('voice_engine', models.CharField(default='auto', max_length=20, verbose_name='voice')),
                    ('voice_name', models.CharField(blank=True, max_length=120, verbose_name='voice name')),
                    ('voice_speed', models.FloatField(default=1, validators=[django.core.validators.MinValueValidator(0.5), django.core.validators.MaxValueValidator(2)], verbose_name='speed')),
                    ('voice_pitch', models.FloatField(default=1, validators=[django.core.validators.MinValueValidator(0.5), django.core.validators.MaxValueValidator(2)], verbose_name='pitch')),
                    ('voice_instructions', models.TextField(blank=True, max_length=500, verbose_name='how the voice should sound')),
                    ('language_voices', models.JSONField(blank=True, default=dict, verbose_name='voices for single languages')),
                    ('pronunciation', models.JSONField(blank=True, default=list, verbose_name='how words are said')),
                    ('mood', models.CharField(choices=[('neutral', 'neutral'), ('happy', 'happy'), ('sad', 'sad'), ('angry', 'angry'), ('surprised', 'surprised'), ('shy', 'shy'), ('smug', 'smug'), ('thinking', 'thinking')], default='neutral', max_length=12, verbose_name='resting mood')),
                    ('palette', models.JSONField(default=personas.look.default_palette, verbose_name='colours')),
                    ('avatar', models.JSONField(default=personas.look.default_avatar, verbose_name='look')),
                    ('card', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, verbose_name='character card')),
                    ('lorebook', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, verbose_name='lorebook')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'ordering': ['-number'],
                    'constraints': [models.UniqueConstraint(fields=('persona', 'number'), name='version_number_once')],
                },
            ),
            migrations.CreateModel(
                name='VersionReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='version_reports', to='channels_app.channel')),
                    ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='personas.personaversion')),
                    ('digest', models.CharField(max_length=64)),
                    ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('incomplete', 'incomplete'), ('cancelled', 'cancelled')], default='waiting', max_length=10)),
                    ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('publishes', models.BooleanField(default=False)),
                    ('instead_of', models.PositiveBigIntegerField(blank=True, null=True)),
                    ('brain', models.CharField(blank=True, max_length=120)),
                    ('done', models.PositiveSmallIntegerField(default=0)),
                    ('total', models.PositiveSmallIntegerField(default=0)),
                    ('lines', models.JSONField(default=list)),
                    ('checks', models.JSONField(default=list)),
                    ('problem', models.CharField(blank=True, max_length=300)),
                    ('cost_micros', models.PositiveBigIntegerField(default=0)),
                    ('begun_at', models.DateTimeField(blank=True, null=True)),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='AvatarPicture',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='avatar_pictures', to='channels_app.channel')),
                    ('name', models.CharField(max_length=40)),
                    ('label', models.CharField(blank=True, max_length=60)),
                    ('width', models.PositiveIntegerField()),
                    ('height', models.PositiveIntegerField()),
                    ('frames', models.PositiveSmallIntegerField(default=1)),
                    ('size', models.PositiveIntegerField()),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'ordering': ['created_at', 'pk'],
                    'constraints': [models.UniqueConstraint(fields=('channel', 'name'), name='avatar_picture_once_per_channel')],
                },
            ),
        ]),
        migrations.AddField(
            model_name='persona',
            name='published',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='published_of', to='personas.personaversion'),
        ),
    ]
