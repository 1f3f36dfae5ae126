"""The ledger for operators: append-only, so read-only."""

from __future__ import annotations

from django.contrib import admin

from billing.models import Budget, HouseDay, Reservation, UsageRecord
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
