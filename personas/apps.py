from django.apps import AppConfig


class PersonasConfig(AppConfig):
    name = "personas"
    verbose_name = "Personas"

    def ready(self) -> None:
        from channels_app.signals import channel_entered
        from personas.listeners import give_persona

        channel_entered.connect(give_persona)
