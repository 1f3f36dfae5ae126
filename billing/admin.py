"""Billing for operators. What is a copy of Stripe's, or append-only, is read here and changed nowhere."""

from __future__ import annotations

from django.contrib import admin

from billing.models import (
    ClosedCustomer,
    Customer,
    PlanOverride,
    Reconciliation,
    Reversal,
    StripeEvent,
    Subscription,
    UsageRecord,
)
from channels_app.admin import ReadOnlyAdmin


@admin.register(UsageRecord)
class UsageAdmin(ReadOnlyAdmin):
    list_display = ("at", "channel", "kind", "characters", "completion_tokens", "cost_micros", "currency", "exact")
    list_filter = ("kind", "exact")
    search_fields = ("channel__login", "key")
    date_hierarchy = "at"


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("channel", "stripe_id", "created_at", "synced_at")
    search_fields = ("channel__login", "stripe_id")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("customer", "plan", "lookup_key", "status", "period_end", "cancel_at", "past_due_since")
    list_filter = ("status", "plan")
    search_fields = ("customer__channel__login", "stripe_id")


@admin.register(Reversal)
class ReversalAdmin(ReadOnlyAdmin):
    list_display = ("at", "customer", "kind", "status", "amount", "currency")
    list_filter = ("kind", "status")
    search_fields = ("customer__channel__login", "stripe_id")


@admin.register(PlanOverride)
class PlanOverrideAdmin(ReadOnlyAdmin):
    list_display = ("channel", "plan", "until", "reason", "made_by", "made_at")
    search_fields = ("channel__login", "reason")


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "type", "state", "attempts", "problem", "stripe_id")
    list_filter = ("state", "type")
    search_fields = ("stripe_id", "customer_id")


@admin.register(ClosedCustomer)
class ClosedCustomerAdmin(ReadOnlyAdmin):
    list_display = ("stripe_id", "asked_at", "problem")


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display = ("begun_at", "compared", "healed", "problem")
