"""The persona page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from channels_app.dashboard.access import owner_page
from channels_app.dashboard.pages import base_context
from channels_app.models import Channel, User
from personas.actions import create_default_persona, save_persona
from personas.cards.card import card_of
from personas.forms import PersonaForm
from personas.look import PALETTES, SKINS
from personas.look_form import LookForm
from personas.models import PersonaVersion
from personas.picture_views import as_json


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
def persona(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The form; saving publishes a new version, which is live from her next reply on."""
    assert isinstance(request.user, User)
    version = create_default_persona(channel, (get_language() or "en")[:2])
    sent = request.POST if request.method == "POST" else None
    form = PersonaForm(sent, version=version)
    look = LookForm(sent, version=version, pictures=list(channel.avatar_pictures.all()))
    if sent is None:
        return render(request, "personas/persona.html", _context(request, channel, form, look, version))
    if not (form.is_valid() & look.is_valid()):
        return render(request, "personas/persona.html", _context(request, channel, form, look, version), status=400)
    saved = save_persona(channel, acting_user=request.user, values=form.persona_values() | look.values())
    if saved.pk == version.pk:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("Saved. She lives by it from her next reply on."))
        for warning in form.warnings:
            messages.warning(request, warning)
    return redirect("persona", public_id=channel.public_id)


def _context(
    request: HttpRequest, channel: Channel, form: PersonaForm, look: LookForm, version: PersonaVersion
) -> dict[str, Any]:
    return base_context(request, channel) | {
        "page": "persona",
        "form": form,
        "look": look,
        "palettes": [{"name": name, "colours": colours} for name, colours in PALETTES],
        "skins": SKINS,
        "card": card_of(version.card) if version.card else None,
        "has_lorebook": bool(version.lorebook),
        "pictures": [as_json(row) for row in channel.avatar_pictures.all()],
        "language_voices": [form["voice_en"], form["voice_ru"]],
        "versions": channel.persona_versions.exclude(published_at=None).order_by("-published_at")[:8],
    }
