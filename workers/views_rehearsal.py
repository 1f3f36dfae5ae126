"""What she sees and what she would say: the prompt of a line, and a bench to talk to a draft. Nothing goes on air.

The talk travels with the page, signed; the server keeps none of it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from billing.models import UsageRecord
from channels_app.dashboard.access import power_page
from channels_app.limits import MINUTE, within
from channels_app.models import Channel
from channels_app.powers import Power
from channels_app.words import translated
from personas.models import MOODS
from personas.snapshot import snapshot_of
from personas.views import room_context, shown_version
from workers import memory_rows, wiring
from workers.brain import catalogue, memory
from workers.brain.capabilities import guess
from workers.brain.language import detect_language
from workers.brain.parts import PromptMessage
from workers.brain.prompt import build_messages
from workers.metering import charge
from workers.pipeline.admission import admit
from workers.pipeline.values import Chatter, EventKind, Exchange, Recalled, ReplyRequest, StreamEvent
from workers.records import ChannelFacts, facts_of, past_exchanges
from workers.rehearsal.answer import CHATTER, STAGES, Answer, answer
from workers.rehearsal.unwatched import EmptyStage

LONGEST_LINE = 500
"""Characters: what Twitch lets a chatter write."""
REMEMBERED = 10
"""Exchanges a talk on the bench goes on from."""
LINES_A_MINUTE = 20
TALK_LIFE = 3600
"""Seconds after which a page's talk is not gone on with."""
FIRST_LINES = {"en": "Hi {name}! How are you?", "ru": "{name}, привет! Как дела?"}
USUAL_REPLY = 60
"""Tokens of a reply, for estimates."""
PART_NAMES = {
    "rules": gettext_lazy("Our rules"),
    "persona": gettext_lazy("Who she is"),
    "instructions": gettext_lazy("What she keeps to"),
    "world": gettext_lazy("Knowledge that is always told, before her"),
    "examples": gettext_lazy("Examples of how she talks"),
    "knowledge": gettext_lazy("Knowledge that is always told, after her"),
    "summary": gettext_lazy("The stream so far"),
    "facts": gettext_lazy("What she remembers"),
    "lore": gettext_lazy("Knowledge that came up"),
    "turn": gettext_lazy("The talk so far"),
    "event": gettext_lazy("What she answers, quoted"),
    "earlier": gettext_lazy("What its writer said earlier"),
    "reminder": gettext_lazy("Reminder at the end of each prompt"),
    "worn out": gettext_lazy("What she said too often"),
    "request": gettext_lazy("The last word"),
}
ROLES = {
    "system": pgettext_lazy("role in a prompt", "instructions"),
    "user": pgettext_lazy("role in a prompt", "the stream"),
    "assistant": pgettext_lazy("role in a prompt", "she"),
}
STAGE_NAMES = {
    "think": pgettext_lazy("stage of a turn", "thinking"),
    "write": pgettext_lazy("stage of a turn", "first words"),
    "judge": pgettext_lazy("stage of a turn", "the rest and the verdicts"),
}


@require_safe
@power_page(Power.PERSONA)
def sees(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The whole prompt for the line in `text`, part by part, with its tokens and what a reply costs."""
    version, _draft = shown_version(request, channel)
    facts = facts_of(channel, snapshot_of(channel, version))
    text, name = _line(request.GET, facts)
    event = StreamEvent(uuid.uuid4().hex, EventKind.MESSAGE, Chatter(CHATTER, name), text, time.time())
    admitted = admit(wiring.rules_of(channel), (event,), detect_language, facts.persona.language)
    context = room_context(request, channel, "sees", version) | {"text": text, "name": name}
    if not admitted.events:
        return render(request, "workers/sees.html", context | {"objection": admitted.objection})
    asked = ReplyRequest(
        channel_id=facts.public_id,
        broadcaster_name=facts.broadcaster_name,
        persona=facts.persona,
        events=admitted.events,
        history=tuple(past_exchanges(channel.pk)),
        language=admitted.language,
        memory=_recalled(channel, facts, admitted.text),
    )
    return render(request, "workers/sees.html", context | _told(build_messages(asked), facts))


@require_http_methods(["GET", "HEAD", "POST"])
@power_page(Power.PERSONA)
def bench(request: HttpRequest, channel: Channel) -> HttpResponse:
    """A line in `text` and her answer, by the version the page is about. `do=again` begins a new talk."""
    version, _draft = shown_version(request, channel)
    facts = facts_of(channel, snapshot_of(channel, version))
    text, name = _line(request.POST, facts)
    past = _talk(request, channel, version.pk) if request.POST.get("do") != "again" else []
    given, problem, status = None, "", 200
    if request.method == "POST" and request.POST.get("do") != "again":
        if not request.POST.get("text", "").strip():
            problem, status = _("Write her a line first."), 400
        elif not within("bench", channel.pk, LINES_A_MINUTE, MINUTE):
            problem, status = _("That were many lines. Try again in a minute."), 429
        elif wiring.provider_for("llm", facts.providers) and wiring.is_spent(channel, facts.providers):
            problem, status = _("A ceiling on what she may spend is used up. Raise yours, or wait until it ends."), 402
        else:
            given = asyncio.run(_answer(facts, text, name, past))
            charge(channel.pk, UsageRecord.Kind.REHEARSAL, f"bench:{uuid.uuid4()}", given.usage)
            if given.said and not given.stopped:
                past = [*past, given.exchange][-REMEMBERED:]
    voice = facts.persona.voice_in(given.language if given else facts.persona.language)
    context = room_context(request, channel, "bench", version) | {
        "text": "" if given else text if problem else "",
        "name": name,
        "problem": problem,
        "given": _shown(given) if given else None,
        "past": past[:-1] if given and past and past[-1].text == given.asked else past,
        "talk": _signed(channel, version.pk, past),
        "voice": voice,
        "brain": translated(_brain_label(facts)),
    }
    return render(request, "workers/bench.html", context, status=status)


def _recalled(channel: Channel, facts: ChannelFacts, text: str) -> Recalled:
    """What she remembers of stream and channel, chosen by words: nobody is asked for a page what is near to what."""
    if not facts.remembers:
        return Recalled()
    gate, shared = wiring.rules_of(channel), memory_rows.shared(channel.pk)

    def may_be_told(fact: str) -> bool:
        return gate.screen(fact, surface="reply").allowed and gate.screen(fact, surface="chat").allowed

    known = [memory.Known(fact.text, fact.learned_at) for fact in shared.facts if may_be_told(fact.text)]
    many = len(known) > memory.CHANNEL_FACTS
    return Recalled(
        summary=shared.summary if may_be_told(shared.summary) else "",
        channel=memory.foremost(known, text, time.time(), memory.CHANNEL_FACTS, needed=many),
    )


async def _answer(facts: ChannelFacts, text: str, name: str, past: list[Exchange]) -> Answer:
    try:
        return await answer(wiring.line_for(facts, EmptyStage(), time.time), text, name=name, history=past)
    finally:
        await wiring.close_clients()


def _line(sent: Any, facts: ChannelFacts) -> tuple[str, str]:
    """The line and who writes it, as the form sends them; something to begin with where it says nothing."""
    first = FIRST_LINES.get(facts.persona.language, FIRST_LINES["en"])
    text = str(sent.get("text", "")).strip()[:LONGEST_LINE] or first.format(name=facts.persona.name)
    return text, " ".join(str(sent.get("name", "")).split())[:25] or "Viewer"


def _told(messages: tuple[PromptMessage, ...], facts: ChannelFacts) -> dict[str, Any]:
    rows, total, prefix = [], 0, 0
    for message in messages:
        tokens = catalogue.estimate_tokens(message.content) + catalogue.MESSAGE_OVERHEAD
        total += tokens
        prefix = total if message.cache_after else prefix
        pieces = [
            {"name": PART_NAMES[name], "text": text, "tokens": catalogue.estimate_tokens(text)}
            for name, text in _joined(message)
        ]
        rows.append(
            {"role": ROLES[message.role], "parts": pieces, "tokens": tokens, "cache_after": message.cache_after}
        )
    return {"messages_told": rows, "total": total, "prefix": prefix} | _cost(facts, total, prefix)


def _joined(message: PromptMessage) -> list[tuple[str, str]]:
    """(name, text) of its pieces, those of one name that follow one another in one."""
    return [
        (name, "\n\n".join(part.text for part in parts))
        for name, parts in itertools.groupby(message.parts, key=lambda part: part.name)
    ]


def _cost(facts: ChannelFacts, total: int, prefix: int) -> dict[str, Any]:
    """What a reply costs, in US dollars: as it is, and with its beginning from the provider's cache."""
    endpoint = wiring.endpoint_for(facts.providers)
    if endpoint is None:
        return {"brain": translated(_brain_label(facts)), "is_script": True}
    caches = guess(endpoint).prompt_cache
    told: dict[str, Any] = {"brain": endpoint.model, "caches": caches}
    if endpoint.is_own:
        return told | {"is_own": True}
    known = endpoint.known_price
    if known is None:
        return told | {"price_unknown": True}
    whole = catalogue.metered(catalogue.TokenCount(total, USUAL_REPLY), known, exact=False)
    again = catalogue.metered(catalogue.TokenCount(total, USUAL_REPLY, cached=prefix), known, exact=False)
    return told | {"cost": whole.cost_micros / 1e6, "cost_again": again.cost_micros / 1e6 if caches else None}


def _shown(given: Answer) -> dict[str, Any]:
    """An answer as the page tells it."""
    stages, before = [], 0
    for mark, stage in STAGES:
        if mark in given.timings_ms:
            at = max(before, given.timings_ms[mark])
            stages.append({"name": STAGE_NAMES[stage], "ms": at - before})
            before = at
    return {
        "answer": given,
        "mood": dict(MOODS).get(given.mood, ""),
        "fault": translated(given.fault),
        "stages": stages,
        "total_ms": before,
        "cost": given.usage.cost_micros / 1e6,
        "tidied": given.written.strip() != given.said and not given.blocked,
    }


def _talk(request: HttpRequest, channel: Channel, version_pk: int) -> list[Exchange]:
    """The talk the page goes on with. One of another version, channel or hour is begun anew."""
    try:
        kept = signing.loads(request.POST.get("talk", ""), salt=_salt(channel, version_pk), max_age=TALK_LIFE)
    except signing.BadSignature:
        return []
    return [Exchange(CHATTER, name, asked, said) for name, asked, said in kept]


def _signed(channel: Channel, version_pk: int, past: list[Exchange]) -> str:
    rows = [(each.chatter_name, each.text, each.reply) for each in past]
    return signing.dumps(rows, salt=_salt(channel, version_pk), compress=True)


def _salt(channel: Channel, version_pk: int) -> str:
    return f"bench:{channel.pk}:{version_pk}"


def _brain_label(facts: ChannelFacts) -> str:
    provider = wiring.provider_for("llm", facts.providers)
    return provider.model if provider else "demo brain"
