import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels_app', '0001_initial'),
        ('personas', '0004_modes'),
    ]

    operations = [
        migrations.CreateModel(
            name='CardDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.JSONField()),
                ('carrier', models.CharField(max_length=5)),
                ('two_cards', models.BooleanField(default=False)),
                ('hints', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('channel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='card_draft', to='channels_app.channel')),
            ],
        ),
        migrations.AddField(
            model_name='personaversion',
            name='card',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, verbose_name='character card'),
        ),
        migrations.AddField(
            model_name='personaversion',
            name='lorebook',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, verbose_name='lorebook'),
        ),
        migrations.AlterField(
            model_name='personaversion',
            name='description',
            field=models.TextField(blank=True, max_length=12000, verbose_name='who she is'),
        ),
    ]
