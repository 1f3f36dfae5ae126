"""Voices for the dashboard: the catalogue, and a sample to listen to."""

from __future__ import annotations

import contextlib
import io
import json
import uuid
import wave
from typing import Any
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from billing.models import UsageRecord
from channels_app.dashboard.access import async_power_page
from channels_app.limits import MINUTE, within
from channels_app.models import Channel
from channels_app.powers import Power
from channels_app.words import translated
from personas.pronunciation import DictionaryError, rows_of
from workers import wiring
from workers.metering import charge
from workers.pipeline.clip import usage_of
from workers.pipeline.ports import VoiceError
from workers.pipeline.speakable.text import speakable
from workers.pipeline.values import SAMPLE_RATE, Usage, VoiceSpec
from workers.records import pronunciation_from

LONGEST_SAMPLE = 300
SAMPLES_PER_MINUTE = 20


@require_GET
@async_power_page(Power.PERSONA)
async def voices(request: HttpRequest, channel: Channel) -> JsonResponse:
    """`voices`, all that this channel can choose: engine, name, label, languages, placeholder, cost_per_1000 (US
    dollars or null), cost_source, cost_date, pitches (lowest, highest), paces (slowest, fastest at pitch 1; null: at
    any pitch). `silent`: its speech server does not tell its voices."""
    found = await wiring.voices_of(channel)
    return JsonResponse({
        "silent": found.is_silent,
        "voices": [
            {
                "engine": voice.engine,
                "name": voice.name,
                "label": translated(voice.label),
                "languages": list(voice.languages),
                "cost_per_1000": voice.cost.per_1000_chars if voice.cost else None,
                "cost_source": translated(voice.cost.source) if voice.cost else "",
                "cost_date": voice.cost.seen if voice.cost else "",
                "placeholder": voice.placeholder,
                "pitches": list(voice.pitches),
                "paces": list(voice.paces) if voice.paces else None,
            }
            for voice in found.voices
        ],
    })  # fmt: skip


@require_POST
@async_power_page(Power.PERSONA)
async def voice_sample(request: HttpRequest, channel: Channel) -> HttpResponse:
    """A WAV of one line: text, engine, name, language, speed, pitch, instructions, pronunciation (JSON or form).
    `X-Voice` says who spoke (percent-encoded), `X-Voice-Stands-In` that it is not who was asked.

    `pronunciation` is the dictionary as it stands in the form, saved or not.
    """
    if not await sync_to_async(within)("voice-sample", channel.pk, SAMPLES_PER_MINUTE, MINUTE):
        return problem(_("That is a lot of listening. Try again in a minute."), 429)
    values = _values(request)
    text = str(values.get("text", "")).strip()[:LONGEST_SAMPLE]
    try:
        spec = VoiceSpec(
            engine=str(values.get("engine") or "auto"),
            name=str(values.get("name", "")),
            language=str(values.get("language") or "en"),
            speed=min(2.0, max(0.5, float(values.get("speed") or 1))),
            pitch=min(2.0, max(0.5, float(values.get("pitch") or 1))),
            instructions=str(values.get("instructions", ""))[:500],
        )
    except ValueError:
        return problem(_("Speed and pitch are numbers."), 400)
    try:
        words = pronunciation_from(rows_of(str(values.get("pronunciation", ""))[:30_000]))
    except DictionaryError as error:
        return problem(str(error), 400)
    spoken = speakable(text, spec.language, words)
    gate = wiring.rules_of(channel)
    if not all(gate.screen(line, surface="reply").allowed for line in (text, spoken)):
        return problem(_("This line does not pass the safety rules. Try another one."), 400)
    return await sample_of(channel, spoken, spec)


async def sample_of(channel: Channel, spoken: str, spec: VoiceSpec) -> HttpResponse:
    """Words that passed the rules, as a WAV in the channel's voices; who spoke stands in the headers."""
    make_voice = await sync_to_async(wiring.voice_within_limits)(channel)
    voice = make_voice()
    sound = io.BytesIO()
    usage, spoke, stands_in = Usage(), "", False
    try:
        with contextlib.closing(wave.open(sound, "wb")) as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            async with contextlib.aclosing(voice.speak(spoken, spec)) as parts:
                async for part in parts:
                    if not spoke:
                        usage = usage_of(part, len(spoken))
                    spoke, stands_in = part.voice, part.stands_in
                    file.writeframes(part.pcm)
    except VoiceError as error:
        return problem(translated(f"{error.code}: {error}"), 502)
    finally:
        key = f"listen:{uuid.uuid4().hex}"
        await sync_to_async(charge)(channel.pk, UsageRecord.Kind.LISTEN, key, usage)
    response = HttpResponse(sound.getvalue(), content_type="audio/wav")
    response["X-Voice"] = quote(translated(spoke))
    if stands_in:
        response["X-Voice-Stands-In"] = "1"
    response["Cache-Control"] = "no-store"
    return response


def _values(request: HttpRequest) -> dict[str, Any]:
    if request.content_type == "application/json":
        with contextlib.suppress(ValueError):
            body = json.loads(request.body)
            if isinstance(body, dict):
                return body
        return {}
    return request.POST.dict()


def problem(message: str, status: int) -> JsonResponse:
    """Why there is nothing to hear, in words for the person."""
    return JsonResponse({"code": "no_sound", "message": message}, status=status)
