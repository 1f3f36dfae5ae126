import django.db.models.deletion
import personas.look
from django.db import migrations, models


def dress_channels(apps, schema_editor):
    """The overlay now reads a whole avatar object from the channel row, no longer a palette."""
    for persona in apps.get_model('personas', 'Persona').objects.filter(is_active=True, published__isnull=False).select_related('published', 'channel'):
        persona.channel.look = personas.look.channel_look(persona.published)
        persona.channel.save(update_fields=['look'])


class Migration(migrations.Migration):

    dependencies = [
        ('channels_app', '0001_initial'),
        ('personas', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='personaversion',
            name='avatar',
            field=models.JSONField(default=personas.look.default_avatar, verbose_name='look'),
        ),
        migrations.CreateModel(
            name='AvatarPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('label', models.CharField(blank=True, max_length=60)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('frames', models.PositiveSmallIntegerField(default=1)),
                ('size', models.PositiveIntegerField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='avatar_pictures', to='channels_app.channel')),
            ],
            options={
                'ordering': ['created_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('channel', 'name'), name='avatar_picture_once_per_channel')],
            },
        ),
        migrations.RunPython(dress_channels, migrations.RunPython.noop),
    ]
