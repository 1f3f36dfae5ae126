"""What `billing` shows of a channel."""

from __future__ import annotations

from django.urls import path

from billing import api

urlpatterns = [
    path("api/v1/c/<str:public_id>/usage/", api.UsageAPI.as_view(), name="api_usage"),
]
