"""A site that sells nothing: every page but that of the plans."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("workers.urls")),
    path("", include("personas.urls")),
    path("", include("billing.ceiling_urls")),
    path("", include("channels_app.urls")),
]
