from django.apps import AppConfig
from django.core.checks import register


class SiteConfig(AppConfig):
    name = "aigirl_site"
    verbose_name = "Site"

    def ready(self) -> None:
        from aigirl_site.checks import settings_fit

        register(settings_fit, "aigirl")
