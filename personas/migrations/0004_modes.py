from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('personas', '0003_voice_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='personaversion',
            name='mode',
            field=models.CharField(choices=[('normal', 'Normal'), ('chatty', 'Chatty'), ('shy', 'Shy'), ('paid-only', 'Paid only'), ('subs-only', 'Subscribers only')], db_default='normal', default='normal', max_length=12, verbose_name='how outgoing she is'),
        ),
        migrations.AddField(
            model_name='personaversion',
            name='misspelt',
            field=models.BooleanField(db_default=False, default=True, verbose_name='hear her name misspelt'),
        ),
        migrations.AddField(
            model_name='personaversion',
            name='question',
            field=models.BooleanField(db_default=False, default=False, verbose_name='answer questions to nobody in particular'),
        ),
        migrations.AddField(
            model_name='personaversion',
            name='first_message',
            field=models.BooleanField(db_default=False, default=False, verbose_name="answer a chatter's first message"),
        ),
    ]
