from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "workers"
    verbose_name = "Workers"

    def ready(self) -> None:
        from channels_app.signals import text_offered
        from workers.listeners import judge_text

        text_offered.connect(judge_text)
