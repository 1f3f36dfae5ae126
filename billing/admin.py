"""The ledger for operators: append-only, so read-only."""

from __future__ import annotations

from django.contrib import admin

from billing.models import UsageRecord
from channels_app.admin import ReadOnlyAdmin


@admin.register(UsageRecord)
class UsageAdmin(ReadOnlyAdmin):
    list_display = ("at", "channel", "kind", "characters", "completion_tokens", "cost_micros", "currency", "exact")
    list_filter = ("kind", "exact")
    search_fields = ("channel__login", "key")
    date_hierarchy = "at"
