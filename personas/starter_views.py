"""Characters to begin with, on a page: who they are, how they sound, and a button to take one."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from channels_app.actions import Refused
from channels_app.dashboard.access import power_page
from channels_app.models import Channel, User
from channels_app.powers import Power
from personas.actions import keep_draft, save_persona
from personas.cards.card import card_of
from personas.look import avatar_spec
from personas.starters import Starter, starter, starters
from personas.views import after_saving, room_context, shown_version, to_page


@require_http_methods(["GET", "HEAD", "POST"])
@power_page(Power.PERSONA)
def choose(request: HttpRequest, channel: Channel) -> HttpResponse:
    """POST: `slug` names one, `do` is publish or draft. They are ours and tested here, so they need no check."""
    live, _draft = shown_version(request, channel)
    chosen = starter(request.POST.get("slug", "")) if request.method == "POST" else None
    if chosen is not None:
        assert isinstance(request.user, User)
        values = {**chosen.values, "avatar": live.avatar | {"kind": "svg", "drawn": chosen.values["avatar"]["drawn"]}}
        if request.POST.get("do") != "draft":
            saved = save_persona(channel, acting_user=request.user, values=values)
            return after_saving(request, channel, saved, before=live)
        try:
            kept = keep_draft(channel, acting_user=request.user, values=values)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("persona_starters", public_id=channel.public_id)
        messages.success(request, _("Kept as draft %(number)s. Nothing is live yet.") % {"number": kept.number})
        return to_page("persona", channel, draft=kept.number)
    context = room_context(request, channel, "starters", live) | {
        "starters": [_shown(each) for each in starters((get_language() or "en")[:2])]
    }
    return render(request, "personas/starters.html", context)


def _shown(each: Starter) -> dict[str, Any]:
    lines = card_of(each.values["card"]).text("mes_example").splitlines()
    said = [line.removeprefix("{{char}}: ").partition("] ")[2] for line in lines if line.startswith("{{char}}: ")]
    return {
        "slug": each.slug,
        "language": each.language,
        "name": each.values["name"],
        "sketch": each.sketch,
        "said": said,
        "look": json.dumps(avatar_spec(each.values["avatar"], each.values["palette"])),
    }
