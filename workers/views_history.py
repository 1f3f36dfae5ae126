"""One turn as a whole, and how it sounded. In this room, since only here anybody can speak."""

from __future__ import annotations

import uuid
from typing import Any

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from channels_app.dashboard import state
from channels_app.dashboard.access import async_power_page, power_page
from channels_app.dashboard.pages import base_context, turn_rows
from channels_app.limits import MINUTE, within
from channels_app.models import Channel, PaidEvent, Turn
from channels_app.powers import Power
from channels_app.queries import turn_of
from personas.snapshot import snapshot
from workers import wiring
from workers.brain.language import detect_language
from workers.pipeline.sentences import SentenceReader
from workers.pipeline.speakable.text import speakable
from workers.pipeline.values import PersonaSnapshot, Sentence
from workers.records import persona_from
from workers.views import problem, sample_of

REPLAYS_PER_MINUTE = 40
"""Sentences."""


@require_safe
@power_page(Power.HISTORY)
def turn_page(request: HttpRequest, channel: Channel, turn_id: uuid.UUID) -> HttpResponse:
    turn = _turn(channel, turn_id)
    base = base_context(request, channel)
    (row,) = turn_rows([turn], base["may"])
    about: dict[str, Any] = {
        "page": "history",
        "row": row,
        "stage_labels": state.stage_labels(),
        "sentences": [sentence.text for sentence in sentences_of(turn.said)],
        "unheard": turn.said.removeprefix(turn.heard).strip() if turn.heard else "",
        "paid": PaidEvent.objects.filter(channel=channel, turn=turn).first(),
    }
    return render(request, "workers/turn.html", base | about)


@require_POST
@async_power_page(Power.HISTORY)
async def turn_sound(request: HttpRequest, channel: Channel, turn_id: uuid.UUID) -> HttpResponse:
    """A WAV of one `sentence` (its number) of what she said, in the voice she has now."""
    if not await sync_to_async(within)("replay", channel.pk, REPLAYS_PER_MINUTE, MINUTE):
        return problem(_("That is a lot of listening. Try again in a minute."), 429)
    turn = await sync_to_async(_turn)(channel, turn_id)
    sentences = sentences_of(turn.said)
    number = request.POST.get("sentence", "")
    if not number.isdecimal() or int(number) >= len(sentences):
        return problem(_("There is no such sentence."), 400)
    persona = await sync_to_async(_persona)(channel)
    if persona is None:
        return problem(_("Publish a persona first: without one there is no voice."), 409)
    text = sentences[int(number)].text
    language = detect_language(text, persona.language)
    spoken = speakable(text, language, persona.pronunciation)
    gate = wiring.rules_of(channel)
    if not all(gate.screen(line, surface="reply").allowed for line in (text, spoken)):
        return problem(_("The safety rules of today would keep her from saying that."), 400)
    return await sample_of(channel, spoken, persona.voice_in(language))


def sentences_of(said: str) -> list[Sentence]:
    """As they were spoken one by one."""
    reader = SentenceReader()
    return [*reader.feed(said), *reader.finish()]


def _turn(channel: Channel, turn_id: uuid.UUID) -> Turn:
    if (turn := turn_of(channel, turn_id)) is None:
        raise Http404
    return turn


def _persona(channel: Channel) -> PersonaSnapshot | None:
    values = snapshot(channel)
    return persona_from(values) if values is not None else None
