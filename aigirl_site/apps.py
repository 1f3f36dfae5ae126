from django.apps import AppConfig
from django.core import checks

from aigirl_site import loading


class SiteConfig(AppConfig):
    name = "aigirl_site"
    verbose_name = "Site"

    def ready(self) -> None:
        # Tasks sent from here go to our broker only once the application exists. Not in the package itself: what
        # prepares an environment, such as the tests, imports the package before the settings may be read.
        from aigirl_site import celery  # noqa: F401
        from aigirl_site.checks import settings_fit
        from aigirl_site.operators import look

        checks.register(settings_fit, "aigirl")
        look.write_values_plainly()
        loading.end()
