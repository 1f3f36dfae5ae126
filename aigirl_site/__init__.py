"""The outermost room: settings, URLs, processes, health."""

from aigirl_site.celery import app as celery_app

__all__ = ["celery_app"]
