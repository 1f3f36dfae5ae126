"""A site that sells plans."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.billing import urls_without_plans


def plans(_request: HttpRequest, public_id: str) -> HttpResponse:
    return HttpResponse(public_id)


urlpatterns = [*urls_without_plans.urlpatterns, path("c/<str:public_id>/billing/", plans, name="billing")]
