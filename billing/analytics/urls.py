"""The pages of a channel's figures."""

from __future__ import annotations

from django.urls import path

from billing.analytics import pages

urlpatterns = [
    path("c/<str:public_id>/analytics/", pages.analytics, name="analytics"),
    path("c/<str:public_id>/analytics/file/<str:what>/", pages.analytics_file, name="analytics_file"),
]
