"""All URLs. Lower rooms are included; they know nothing of each other and link by URL name."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe

from aigirl_site.operators import fleet, looking
from aigirl_site.operators.second_factor import second_factor
from channels_app.api.base import NothingAPI

OPERATORS = settings.OPERATORS_URL.lstrip("/")

urlpatterns = [
    path(f"{OPERATORS}second-factor/", second_factor, name="second_factor"),
    path(f"{OPERATORS}look/<str:public_id>/", looking.look, name="operator_look"),
    path(f"{OPERATORS}fleet/", require_safe(admin.site.admin_view(fleet.fleet)), name="operators_fleet"),
    path("look-end/", looking.end, name="operator_look_end"),
    path(OPERATORS, admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("auth/", include("social_django.urls", namespace="social")),
    path("", include("workers.urls")),
    path("", include("personas.urls")),
    path("", include("billing.analytics.urls")),
    path("", include("billing.urls")),
    path("", include("channels_app.urls")),
    path("", include("aigirl_site.health_urls")),
    re_path(r"^api/", NothingAPI.as_view(), name="api_nothing"),
]
