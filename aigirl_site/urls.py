"""All URLs. Lower rooms are included; they know nothing of each other and link by URL name."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("auth/", include("social_django.urls", namespace="social")),
    path("", include("workers.urls")),
    path("", include("personas.urls")),
    path("", include("billing.urls")),
    path("", include("channels_app.urls")),
    path("", include("aigirl_site.health_urls")),
]
