"""Her versions: who saved what and when, any two side by side, back to an earlier one, and the drafts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from channels_app.actions import Refused
from channels_app.dashboard.access import power_page
from channels_app.models import AuditEvent, Channel, User
from channels_app.powers import Power
from personas.actions import discard_version, roll_back
from personas.compare import differences
from personas.models import PersonaVersion
from personas.views import room_context, shown_version, to_page, whole

ON_A_PAGE = 30
FIELD_WORDS = {
    "avatar": gettext_lazy("look"),
    "palette": gettext_lazy("look"),
    "card": gettext_lazy("character card"),
    "lorebook": gettext_lazy("lorebook"),
    "voice_engine": gettext_lazy("voice"),
    "voice_name": gettext_lazy("voice"),
}
"""Fields whose own names say little to a broadcaster."""


@require_http_methods(["GET", "HEAD", "POST"])
@power_page(Power.PERSONA)
def versions(request: HttpRequest, channel: Channel) -> HttpResponse:
    """GET: the list, and with `a` and `b` two of them side by side. POST: `do` restore or discard with a `number`."""
    if request.method == "POST":
        return _do(request, channel)
    live, _draft = shown_version(request, channel)
    rows = channel.persona_versions.filter(persona=live.persona).defer("card", "lorebook", "description", "style")
    past = rows.filter(published_at__isnull=False).select_related("author").order_by("-published_at", "-number")
    page = Paginator(past, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "personas/versions.html",
        room_context(request, channel, "versions", live)
        | {
            "live": live,
            "past": [(version, said) for version, said in zip(page, _changes(channel, list(page)), strict=True)],
            "pages": page,
            "drafts": rows.filter(published_at=None).select_related("author").order_by("-number"),
            "both": _side_by_side(request, channel, live),
        },
    )


def _side_by_side(request: HttpRequest, channel: Channel, live: PersonaVersion) -> dict[str, Any] | None:
    numbers = [number for name in ("a", "b") if (number := whole(request.GET.get(name))) is not None]
    found = {row.number: row for row in channel.persona_versions.filter(persona=live.persona, number__in=numbers)}
    if len(found) < 2:
        return None
    before, after = (found[number] for number in sorted(found, key=lambda number: _age(found[number])))
    return {"before": before, "after": after, "found": differences(before, after)}


def _age(version: PersonaVersion) -> tuple[bool, int]:
    """Drafts are newer than everything that was live."""
    return version.published_at is None, version.number


def _changes(channel: Channel, shown: list[PersonaVersion]) -> list[str]:
    """What changed with each of them, as the audit log keeps it."""
    told = {
        event.detail.get("number"): event.detail.get("fields", [])
        for event in AuditEvent.objects.filter(
            channel=channel,
            action="persona.published",
            detail__number__in=[version.number for version in shown],
        ).order_by("pk")
    }
    return [_words(told.get(version.number, ())) if version.number > 1 else "" for version in shown]


def _words(fields: Any) -> str:
    names = []
    for name in fields:
        if name in FIELD_WORDS:
            names.append(str(FIELD_WORDS[name]))
        elif hasattr(PersonaVersion, name):
            names.append(str(PersonaVersion._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
    return capfirst(", ".join(dict.fromkeys(names)))


def _do(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    number = whole(request.POST.get("number")) or 0
    match request.POST.get("do"):
        case "restore":
            try:
                saved = roll_back(channel, acting_user=request.user, number=number)
            except Refused as refused:
                messages.error(request, str(refused))
            else:
                told = {"old": number, "new": saved.number}
                messages.success(request, _("She is as in version %(old)s again. This is version %(new)s.") % told)
        case "discard":
            if discard_version(channel, acting_user=request.user, number=number):
                messages.info(request, _("Draft %(number)s is thrown away.") % {"number": number})
        case _:
            return to_page("persona_versions", channel)
    return redirect("persona_versions", public_id=channel.public_id)
