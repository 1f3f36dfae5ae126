from django.apps import AppConfig


class PersonasConfig(AppConfig):
    name = "personas"
    verbose_name = "Personas"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from channels_app.signals import channel_entered, entitlements_changed
        from personas import holdings
        from personas.listeners import give_persona, keep_within_plan
        from personas.models import AvatarPicture
        from personas.pictures import forget_file

        channel_entered.connect(give_persona)
        holdings.enter()
        entitlements_changed.connect(keep_within_plan)
        post_delete.connect(forget_file, sender=AvatarPicture)
