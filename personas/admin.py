"""Personas for operators: read to help, never changed behind the broadcaster's back."""

from __future__ import annotations

from django.contrib import admin

from channels_app.admin import ReadOnlyAdmin
from personas.models import Persona, PersonaVersion, VersionReport


@admin.register(Persona)
class PersonaAdmin(ReadOnlyAdmin):
    list_display = ("channel", "published", "is_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("channel__login", "published__name")


@admin.register(PersonaVersion)
class PersonaVersionAdmin(ReadOnlyAdmin):
    list_display = ("name", "number", "channel", "language", "published_at")
    list_filter = ("language",)
    search_fields = ("name", "channel__login")


@admin.register(VersionReport)
class VersionReportAdmin(ReadOnlyAdmin):
    list_display = ("version", "channel", "state", "brain", "done", "total", "cost_micros", "created_at")
    list_filter = ("state",)
    search_fields = ("channel__login",)
