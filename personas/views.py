"""The persona page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from channels_app.dashboard.access import owner_page
from channels_app.dashboard.pages import base_context
from channels_app.models import Channel, User
from personas.actions import create_default_persona, save_persona
from personas.forms import COLOURS, PersonaForm

PALETTES = (
    (gettext_lazy("Dusk"), {"hair": "#7a68e0", "eyes": "#2fa8e6", "outfit": "#39407e", "accent": "#ff5d86"}),
    (gettext_lazy("Ember"), {"hair": "#d9573b", "eyes": "#3fae7a", "outfit": "#4a2b33", "accent": "#ffc14d"}),
    (gettext_lazy("Mint"), {"hair": "#5ecfb1", "eyes": "#d86ea8", "outfit": "#24525c", "accent": "#ffe07a"}),
    (gettext_lazy("Sakura"), {"hair": "#f3a6c0", "eyes": "#8a6bd8", "outfit": "#6a3d5c", "accent": "#7fd4ff"}),
    (gettext_lazy("Midnight"), {"hair": "#3a3f63", "eyes": "#e2b04a", "outfit": "#23263d", "accent": "#8e7bff"}),
    (gettext_lazy("Snow"), {"hair": "#dfe6f5", "eyes": "#d64c67", "outfit": "#5b6b8f", "accent": "#6fd3ff"}),
)


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
def persona(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The form; saving publishes a new version, which is live from her next reply on."""
    assert isinstance(request.user, User)
    version = create_default_persona(channel, (get_language() or "en")[:2])
    if request.method != "POST":
        return render(request, "personas/persona.html", _context(request, channel, PersonaForm(version=version)))
    form = PersonaForm(request.POST, version=version)
    if not form.is_valid():
        return render(request, "personas/persona.html", _context(request, channel, form), status=400)
    saved = save_persona(channel, acting_user=request.user, values=form.persona_values())
    if saved.pk == version.pk:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("Saved. She lives by it from her next reply on."))
    return redirect("persona", public_id=channel.public_id)


def _context(request: HttpRequest, channel: Channel, form: PersonaForm) -> dict[str, Any]:
    return base_context(request, channel) | {
        "page": "persona",
        "form": form,
        "palettes": [{"name": name, "colours": colours} for name, colours in PALETTES],
        "colour_fields": [form[f"colour_{part}"] for part in COLOURS],
        "versions": channel.persona_versions.exclude(published_at=None).order_by("-published_at")[:8],
    }
