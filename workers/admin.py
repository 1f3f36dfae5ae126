"""The fleet for operators: which processes live, and who carries out what."""

from __future__ import annotations

from django.contrib import admin

from channels_app.admin import ReadOnlyAdmin
from workers.models import Run, WorkerProcess


@admin.register(WorkerProcess)
class WorkerProcessAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "host", "pid", "capacity", "draining", "cut_off", "expires_at")
    list_filter = ("kind", "draining", "cut_off")
    search_fields = ("name", "host")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "owner", "fence", "started_at", "waiting_since", "restarts", "last_error")
    list_filter = ("kind",)
    search_fields = ("name", "owner", "channel__login")
