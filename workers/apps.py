from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "workers"
    verbose_name = "Workers"

    def ready(self) -> None:
        from channels_app.signals import notices_asked, text_offered
        from personas.signals import check_priced, check_wanted
        from workers.listeners import check_version, ending_notices, is_check_priced, judge_text

        text_offered.connect(judge_text)
        notices_asked.connect(ending_notices)
        check_wanted.connect(check_version)
        check_priced.connect(is_check_priced)
