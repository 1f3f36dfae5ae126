"""Bringing, deleting and serving a channel's own pictures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from channels_app.actions import Refused
from channels_app.dashboard.access import power_page
from channels_app.models import Channel, User
from channels_app.powers import Power
from personas.look import picture_address
from personas.models import AvatarPicture
from personas.pictures import add_picture, guessed_slot, remove_picture
from personas.uploads import limits, store
from personas.uploads.picture import PictureRefused


@require_POST
@power_page(Power.PERSONA)
def add(request: HttpRequest, channel: Channel) -> HttpResponse:
    """One or several files under `picture`. Answers JSON to scripts and the persona page to a plain form."""
    assert isinstance(request.user, User)
    files = request.FILES.getlist("picture")
    if not files:
        return _answer(request, channel, [], [_("Choose a picture first.")])
    kept, problems = [], []
    for file in files[: limits.MAX_PICTURES]:
        try:
            # One byte more than allowed is enough to know that there are more.
            data = file.read(limits.MAX_BYTES + 1)
            row = add_picture(channel, acting_user=request.user, data=data, label=file.name or "")
            kept.append(as_json(row))
        except (PictureRefused, Refused) as refused:
            problems.append(f"{file.name}: {refused}" if len(files) > 1 else str(refused))
    return _answer(request, channel, kept, problems)


@require_POST
@power_page(Power.PERSONA)
def remove(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The picture `name`, with its file."""
    assert isinstance(request.user, User)
    name = request.POST.get("name", "")
    if not name:
        return _answer(request, channel, [], [_("Choose a picture first.")])
    try:
        if not remove_picture(channel, acting_user=request.user, name=name):
            raise Http404
    except Refused as refused:
        return _answer(request, channel, [], [str(refused)])
    return _answer(request, channel, [], [])


@require_GET
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """The file itself, for whoever knows its name. It never changes, runs nothing, and may be kept for ever."""
    content = store.read(name)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type=store.CONTENT_TYPES[name.rpartition(".")[2]])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Disposition"] = "inline"
    return response


def as_json(row: AvatarPicture) -> dict[str, Any]:
    """What the editor needs of a picture."""
    return {
        "name": row.name,
        "label": str(row),
        "url": picture_address(row.name),
        "width": row.width,
        "height": row.height,
        "frames": row.frames,
        "slot": guessed_slot(row.label),
    }


def _answer(request: HttpRequest, channel: Channel, kept: list[dict[str, Any]], problems: list[str]) -> HttpResponse:
    """`problems` are sentences for the streamer."""
    if "application/json" in request.headers.get("Accept", ""):
        body = {"pictures": kept, "message": " ".join(problems)}
        return JsonResponse(body, status=400 if problems and not kept else 200)
    for problem in problems:
        messages.error(request, problem)
    return redirect("persona", public_id=channel.public_id)
