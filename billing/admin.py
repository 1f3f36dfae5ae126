"""Billing for operators. What is a copy of Stripe's, or append-only, is read here and changed nowhere."""

from __future__ import annotations

from django.contrib import admin

from billing.models import (
    Budget,
    ClosedCustomer,
    Customer,
    HouseDay,
    PlanOverride,
    Reconciliation,
    Reservation,
    Reversal,
    StripeEvent,
    Subscription,
    UsageRecord,
)
from channels_app.admin import ReadOnlyAdmin


@admin.register(UsageRecord)
class UsageAdmin(ReadOnlyAdmin):
    list_display = (
        "at", "channel", "kind", "characters", "completion_tokens", "cost_micros", "own_micros", "currency",
        "confidence",
    )  # fmt: skip
    list_filter = ("kind", "confidence")
    search_fields = ("channel__login", "key")
    date_hierarchy = "at"


@admin.register(Budget)
class BudgetAdmin(ReadOnlyAdmin):
    """How far each channel's limits are used, and how it saves."""

    list_display = ("channel", "hour_micros", "day_micros", "held_micros", "period_replies", "step", "step_why")
    list_filter = ("step", "step_why")
    search_fields = ("channel__login",)


@admin.register(HouseDay)
class HouseDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "micros", "held_micros")
    ordering = ("-day",)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ("channel", "key", "micros", "expires_at")
    search_fields = ("channel__login", "key")


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
