"""The persona page: the version that is live, or a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from channels_app.actions import Refused
from channels_app.dashboard.access import power_page
from channels_app.dashboard.pages import base_context
from channels_app.models import AuditEvent, Channel, User
from channels_app.powers import Power
from personas.actions import create_default_persona, keep_draft
from personas.cards.card import card_of
from personas.forms import PersonaForm
from personas.look import PALETTES, SKINS
from personas.look_form import LookForm
from personas.models import PersonaVersion
from personas.picture_views import as_json
from personas.publishing import Standing, TooManyChecks, offer, standing
from personas.snapshot import draft_of

KEPT = gettext_lazy(
    "Nothing was written. Your words stand below; saved now, they change the version that stands there."
)
"""Where a draft or a text was changed by somebody else since the page was made."""


@require_http_methods(["GET", "HEAD", "POST"])
@power_page(Power.PERSONA)
def persona(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The form. `do` is publish (new texts are checked first) or draft; `?draft=` names the draft that is shown."""
    version, draft = shown_version(request, channel)
    if draft is None and asked_draft(request) is not None and request.method != "POST":
        messages.info(request, _("That draft is not there any more."))
        return redirect("persona", public_id=channel.public_id)
    sent = request.POST if request.method == "POST" else None
    form = PersonaForm(sent, version=version)
    look = LookForm(sent, version=version, pictures=list(channel.avatar_pictures.all()))
    if sent is None:
        return render(request, "personas/persona.html", _context(request, channel, form, look, version))
    if gone := draft_gone(request, draft):
        form.add_error(None, gone)
        return render(request, "personas/persona.html", _context(request, channel, form, look, version), status=409)
    if form.is_valid() & look.is_valid():
        try:
            values = form.persona_values() | look.values()
            return save_values(request, channel, values, version, warnings=form.warnings)
        except Refused as refused:
            form.add_error(None, str(refused))
    return render(request, "personas/persona.html", _context(request, channel, form, look, version), status=400)


def save_values(
    request: HttpRequest,
    channel: Channel,
    values: Mapping[str, Any],
    version: PersonaVersion,
    *,
    room: str = "persona",
    warnings: Sequence[str] = (),
    read: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """What a page has changed in this version: kept as a draft or offered, as its button says. Raises Refused.

    `room` is the name of the page, to come back to from a draft. `read` is what the values were made from: where
    somebody has changed that since, Overtaken is raised.
    """
    assert isinstance(request.user, User)
    number = version.number if version.published_at is None else None
    if request.POST.get("do") == "draft":
        kept = keep_draft(channel, acting_user=request.user, values=dict(values), number=number, read=read)
        messages.success(request, _("Kept as draft %(number)s. Nothing is live yet.") % {"number": kept.number})
        _warn(request, warnings)
        return to_page(room, channel, draft=kept.number)
    saved = offer(channel, acting_user=request.user, values=values, number=number, read=read)
    if saved.pk != version.pk or number is not None:
        _warn(request, warnings)
    return after_saving(request, channel, saved, before=version)


def _warn(request: HttpRequest, warnings: Sequence[str]) -> None:
    for warning in warnings:
        messages.warning(request, warning)


def after_saving(
    request: HttpRequest, channel: Channel, saved: PersonaVersion, *, before: PersonaVersion | None = None
) -> HttpResponse:
    """Says what became of what was offered, and leads on: to her page when it is live, else to what the check finds."""
    if saved.published_at is None:
        if standing(saved) is Standing.UNCHECKED:
            messages.warning(request, str(TooManyChecks()))
        return to_page("persona_report", channel, draft=saved.number)
    if before is not None and saved.pk == before.pk and before.published_at is not None:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("Saved. She lives by it from her next reply on."))
    return redirect("persona", public_id=channel.public_id)


def shown_version(request: HttpRequest, channel: Channel) -> tuple[PersonaVersion, PersonaVersion | None]:
    """The version a page is about, and the draft where it is one: that of `?draft=`, else the live one."""
    live = create_default_persona(channel, (get_language() or "en")[:2])
    number = asked_draft(request)
    draft = draft_of(channel, number) if number is not None else None
    return draft or live, draft


def draft_gone(request: HttpRequest, draft: PersonaVersion | None) -> str:
    """What to tell whoever writes to a draft that went live or was thrown away since the page was made, else ""."""
    number = asked_draft(request)
    if number is None or draft is not None:
        return ""
    return (
        _("Draft %(number)s is not there any more: it went live, or was thrown away.") % {"number": number} + f" {KEPT}"
    )


def asked_draft(request: HttpRequest) -> int | None:
    return whole(request.GET.get("draft"))


def whole(text: str | None) -> int | None:
    """A version's number as it comes with an address; None where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None


def to_page(name: str, channel: Channel, **query: Any) -> HttpResponseRedirect:
    address = reverse(name, args=[channel.public_id])
    return HttpResponseRedirect(f"{address}?{urlencode(query)}" if query else address)


def room_context(request: HttpRequest, channel: Channel, room: str, version: PersonaVersion) -> dict[str, Any]:
    """What every page about her needs: which one it is, and which version it is about."""
    is_draft = version.published_at is None
    return base_context(request, channel) | {
        "page": "persona",
        "room": room,
        "version": version,
        "draft": version if is_draft else None,
        "query": f"?draft={version.number}" if is_draft else "",
    }


def _shaped(channel: Channel) -> bool:
    """Whether anybody has ever saved her: until then she is the one every channel begins with."""
    return AuditEvent.objects.filter(channel=channel, action="persona.published", actor__isnull=False).exists()


def _context(
    request: HttpRequest, channel: Channel, form: PersonaForm, look: LookForm, version: PersonaVersion
) -> dict[str, Any]:
    return room_context(request, channel, "persona", version) | {
        "form": form,
        "look": look,
        "is_new": not _shaped(channel),
        "palettes": [{"name": name, "colours": colours} for name, colours in PALETTES],
        "skins": SKINS,
        "card": card_of(version.card) if version.card else None,
        "has_lorebook": bool(version.lorebook),
        "pictures": [as_json(row) for row in channel.avatar_pictures.all()],
        "language_voices": [form["voice_en"], form["voice_ru"]],
        "drafts": channel.persona_versions.filter(published_at=None, persona__is_active=True).order_by("number"),
    }
