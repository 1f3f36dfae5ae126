from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "aigirl_site"
    verbose_name = "Site"
