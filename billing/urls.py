"""What `billing` shows of a channel, and the door for Stripe's webhooks."""

from __future__ import annotations

from django.urls import path

from billing import api, ceiling_pages, pages, webhooks

urlpatterns = [
    path("c/<str:public_id>/billing/", pages.billing, name="billing"),
    path("c/<str:public_id>/billing/choose/", pages.choose_plan, name="choose_plan"),
    path("c/<str:public_id>/billing/manage/", pages.manage_billing, name="manage_billing"),
    path("c/<str:public_id>/billing/return/", pages.billing_return, name="billing_return"),
    path("c/<str:public_id>/ceilings/", ceiling_pages.ceilings, name="ceilings"),
    path("stripe/webhook/", webhooks.stripe_webhook, name="stripe_webhook"),
    path("api/v1/c/<str:public_id>/usage/", api.UsageAPI.as_view(), name="api_usage"),
]
