"""Mind and voice: each provider is really asked, with one small request, and timed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from channels_app.words import translated
from workers import wiring
from workers.checks import terms
from workers.checks.finding import Found, Status, fault, ok, warn
from workers.checks.surroundings import Surroundings
from workers.pipeline.ports import LineError, VoiceError
from workers.pipeline.usage import Meter
from workers.pipeline.values import (
    ALLOW,
    Chatter,
    EventKind,
    PersonaSnapshot,
    ReplyRequest,
    StreamEvent,
    Usage,
    VoiceSpec,
)
from workers.records import Provider
from workers.safety.judge import Judge
from workers.safety.moderation import Moderation

SLOW_TOKEN, SLOW_SOUND = 2.0, 1.5
"""Seconds to the first token and to the first sound from which viewers notice the wait."""

SENTENCE = "Ready."
"""What a voice is asked to say."""

T = TypeVar("T")


def llm(around: Surroundings) -> Found:
    provider = wiring.provider_for("llm", around.own)
    if provider is None:
        yield warn(
            "llm",
            _("The demo brain answers from a script."),
            _("For real conversation set LLM_API_KEY, or LLM_BASE_URL to a model server of your own (docs/setup.md)."),
        )
        return
    ending = terms.ending_of_model(provider, around.now())
    if ending is not None:
        yield ending
        if ending.status is Status.FAULT:
            return
    try:
        seconds, usage, detour = _run(_answer(around), around.wait)
    except (LineError, TimeoutError) as problem:
        yield fault("llm", _told(problem, provider.model, around.wait), _llm_mend(problem), detail=_detail(problem))
        return
    if detour:
        yield warn(
            "llm",
            _("The language model does not answer; the second one steps in for it."),
            translated(detour),
            detail=provider.model,
        )
        return
    figures = _("{model}: first word after {seconds} s, {price}").format(
        model=provider.model, seconds=number_format(seconds, 1), price=terms.cost_of_answer(provider, usage)
    )
    if seconds > SLOW_TOKEN:
        yield warn(
            "llm", _("The language model answers slowly."), _("Choose a smaller or nearer model."), detail=figures
        )
    else:
        yield ok("llm", _("The language model answers."), detail=figures)


def speech(around: Surroundings) -> Found:
    provider = wiring.speech_config(around.own)
    if provider is None:
        yield ok("speech", _("The built-in voices speak; they are placeholders for a real one."))
        return
    ending = terms.ending_of_voice(provider, around.now())
    if ending is not None:
        yield ending
        if ending.status is Status.FAULT:
            return
    try:
        seconds = _run(_first_sound(around), around.wait)
    except (LineError, TimeoutError) as problem:
        yield fault(
            "speech",
            _told(problem, provider.model, around.wait),
            _("Check SPEECH_BASE_URL, SPEECH_API_KEY and SPEECH_MODEL. Until then a built-in voice speaks."),
            detail=_detail(problem),
        )
        return
    figures = _("{model}: first sound after {seconds} s, {price}").format(
        model=provider.model,
        seconds=number_format(seconds, 1),
        price=terms.cost_of_speech(provider, SENTENCE),
    )
    if seconds > SLOW_SOUND:
        yield warn("speech", _("The voice begins late."), _("Choose a nearer or faster speech server."), detail=figures)
    else:
        yield ok("speech", _("The voice speaks."), detail=figures)


def moderation(around: Surroundings) -> Found:
    provider = wiring.provider_for("moderation", around.own)
    if provider is None:
        yield ok("moderation", _("The built-in rules watch over every sentence; no moderation endpoint is configured."))
        return
    rule, evidence = _objection(wiring.moderation_for, around)
    if not rule:
        yield ok("moderation", _("The moderation endpoint answers."), detail=provider.model)
    else:
        yield fault(
            "moderation",
            _("The moderation endpoint does not judge, so every sentence would be blocked."),
            _("Check MODERATION_BASE_URL, MODERATION_API_KEY and MODERATION_MODEL, or leave them empty."),
            detail=f"{rule} {evidence}".strip(),
        )


def judge(around: Surroundings) -> Found:
    provider = wiring.provider_for("judge", around.own)
    if provider is None:
        return
    rule, evidence = _objection(wiring.judge_for, around)
    if not rule:
        yield ok("judge", _("The judge answers."), detail=provider.model)
    else:
        yield fault(
            "judge",
            _("The judge does not judge, so every sentence would be blocked."),
            _("Check JUDGE_BASE_URL, JUDGE_API_KEY and JUDGE_MODEL, or leave them empty."),
            detail=f"{rule} {evidence}".strip(),
        )


async def _answer(around: Surroundings) -> tuple[float, Usage, str]:
    """Seconds to the first piece of text, what the whole reply used, and why another model than the first answered."""
    reply = wiring.brain_for(around.own).reply(_REQUEST)
    began, first = time.monotonic(), 0.0
    async for _delta in reply:
        first = first or time.monotonic() - began
    return first, reply.usage, reply.detour


async def _first_sound(around: Surroundings) -> float:
    voice = wiring.speech_for(around.own)
    if voice is None:
        raise VoiceError("There is no speech provider.", code="speech_unconfigured", retryable=False)
    began, first = time.monotonic(), 0.0
    async for _part in voice.speak(SENTENCE, VoiceSpec(engine="openai", language="en")):
        first = first or time.monotonic() - began
    return first


def _objection(
    made: Callable[[dict[str, Provider]], Moderation | Judge | None], around: Surroundings
) -> tuple[str, str]:
    """Rule and evidence of an endpoint's verdict on a harmless sentence; empty where it was allowed."""

    async def judged() -> tuple[str, str]:
        # On the loop that asks it.
        endpoint = made(around.own)
        verdict = await endpoint.judge("Good evening, everybody.", Meter()) if endpoint else ALLOW
        return ("", "") if verdict.allowed else (verdict.rule_id, verdict.evidence)

    try:
        return _run(judged(), around.wait)
    except (LineError, TimeoutError) as problem:
        return _code(problem), str(problem)


def _run(work: Coroutine[Any, Any, T], wait: float) -> T:
    """In a loop of its own, as this thread has none; its connections are closed afterwards."""

    async def bounded() -> T:
        try:
            async with asyncio.timeout(wait):
                return await work
        finally:
            await wiring.close_clients()

    return asyncio.run(bounded())


def _told(problem: Exception, model: str, wait: float) -> str:
    if isinstance(problem, LineError):
        return translated(_detail(problem))
    return _("{model} did not answer within {seconds} s.").format(model=model, seconds=round(wait))


def _code(problem: Exception) -> str:
    return problem.code if isinstance(problem, LineError) else "timeout"


def _detail(problem: Exception) -> str:
    """The error as its room told it, with the host, the model and the provider's own words."""
    return f"{problem.code}: {problem}" if isinstance(problem, LineError) else "timeout"


def _llm_mend(problem: Exception) -> str:
    match _code(problem):
        case "llm_unauthorised" | "llm_no_key":
            return _("Put a valid key into LLM_API_KEY, or into the channel's own provider settings.")
        case "llm_unknown_model":
            return _("Put the name of a model this server has into LLM_MODEL.")
        case "llm_out_of_credit":
            return _("Top up the account at the provider.")
        case _:
            return _("Check LLM_BASE_URL, and that the server runs and can be reached from here.")


_REQUEST = ReplyRequest(
    channel_id="check",
    broadcaster_name="the broadcaster",
    persona=PersonaSnapshot(
        version_id=0, name="Check", description="A voice that answers in one word.", style="One word.", language="en"
    ),
    events=(
        StreamEvent(
            id="check",
            kind=EventKind.MESSAGE,
            chatter=Chatter(id="0", name="Check"),
            text="Say only the word ready.",
            at=0.0,
        ),
    ),
    history=(),
    language="en",
)

REMOTE = (llm, speech, moderation, judge)
