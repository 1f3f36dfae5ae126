from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "workers"
    verbose_name = "Workers"

    def ready(self) -> None:
        from channels_app.signals import export_wanted, notices_asked, still_running, text_offered
        from personas.signals import check_priced, check_wanted
        from workers import holdings
        from workers.listeners import (
            begin_export,
            check_version,
            ending_notices,
            is_carried_out,
            is_check_priced,
            judge_text,
        )

        text_offered.connect(judge_text)
        export_wanted.connect(begin_export)
        still_running.connect(is_carried_out)
        notices_asked.connect(ending_notices)
        holdings.enter()
        check_wanted.connect(check_version)
        check_priced.connect(is_check_priced)
