"""What one channel may ask of its providers, with the bounds around a brain and a voice that behave as told."""

from __future__ import annotations

import asyncio

import pytest

from tests import factories
from tests.fakes.line import PacedVoice, TalkingBrain
from tests.virtual_time import virtual
from workers.bounds import (
    BUSY,
    PATIENCE,
    TOKENS_SPENT,
    BoundedBrain,
    BoundedVoice,
    TokenMinute,
    turnstile_of,
)
from workers.fleet import gauges
from workers.pipeline.ports import BrainError, VoiceError
from workers.pipeline.turnstile import PER_CHANNEL
from workers.pipeline.values import PersonaSnapshot, ReplyRequest, VoiceSpec
from workers.voice.fallback import Choice, FallbackVoice

REQUEST = ReplyRequest(
    channel_id="c",
    broadcaster_name="B",
    persona=PersonaSnapshot(version_id=1, name="Mira", description="", style="", language="en"),
    events=(factories.event(),),
    history=(),
    language="en",
)


def dropped(reason: str) -> int:
    return gauges.HERE.counts().get(gauges.DROPPED, {}).get(reason, 0)


def brain_of(channel: str, brain: TalkingBrain, *, tokens: int = 0) -> BoundedBrain:
    minute = TokenMinute(tokens, asyncio.get_running_loop().time)
    return BoundedBrain(brain, channel, turnstile_of("brain", "place", 4), minute)


async def answer(brain: BoundedBrain) -> str:
    return "".join([delta async for delta in brain.reply(REQUEST)])


@virtual
async def test_a_channel_whose_model_hangs_holds_up_nobody_else() -> None:
    stuck, quick = TalkingBrain(first=1000), TalkingBrain()
    hanging = [asyncio.create_task(answer(brain_of("hangs", stuck))) for _ in range(PER_CHANNEL + 2)]
    await asyncio.sleep(0.1)
    assert await answer(brain_of("other", quick)) == quick.text
    assert len(stuck.requests) == PER_CHANNEL + 2
    before = dropped(BUSY["brain"])
    await asyncio.sleep(PATIENCE)
    failures = [task.exception() for task in hanging if task.done()]
    assert [failure.code for failure in failures if isinstance(failure, BrainError)] == ["llm_crowded"] * 2
    assert dropped(BUSY["brain"]) - before == 2
    for task in hanging:
        task.cancel()
    await asyncio.wait(hanging)
    assert stuck.cancelled == PER_CHANNEL


@virtual
async def test_a_request_shows_among_those_under_way_until_it_is_over() -> None:
    under_way = asyncio.create_task(answer(brain_of("c", TalkingBrain(first=1))))
    await asyncio.sleep(0.5)
    assert gauges.HERE.levels()[gauges.CALLS].at == "c"
    await under_way
    assert gauges.HERE.levels()[gauges.CALLS].sum == 0


@virtual
async def test_a_channel_that_has_used_its_minutes_tokens_waits_for_the_next() -> None:
    brain = TalkingBrain()
    bounded = brain_of("c", brain, tokens=30)
    for _ in range(2):
        await answer(bounded)
    before = dropped(TOKENS_SPENT)
    with pytest.raises(BrainError, match="tokens") as spent:
        await answer(bounded)
    assert (spent.value.code, dropped(TOKENS_SPENT) - before) == ("llm_tokens_spent", 1)
    await asyncio.sleep(60)
    assert await answer(bounded) == brain.text


@virtual
async def test_two_sentences_are_made_at_once_and_the_third_waits() -> None:
    voice = PacedVoice()
    bounded = BoundedVoice(voice, "c", turnstile_of("voice", "place", 0))

    async def speak(text: str) -> float:
        async for _part in bounded.speak(text, VoiceSpec()):
            pass
        return asyncio.get_running_loop().time()

    ended = await asyncio.gather(*(speak("one sentence of hers") for _ in range(3)))
    assert ended[2] == pytest.approx(2 * ended[0])


@virtual
async def test_a_voice_that_is_not_let_through_says_so() -> None:
    bounded = BoundedVoice(PacedVoice(first=1000), "c", turnstile_of("voice", "place", 0))

    async def speak() -> None:
        async for _part in bounded.speak("hello", VoiceSpec()):
            pass

    hanging = [asyncio.create_task(speak()) for _ in range(PER_CHANNEL)]
    await asyncio.sleep(0)
    with pytest.raises(VoiceError) as busy:
        await speak()
    assert (busy.value.code, busy.value.retryable) == ("speech_crowded", True)
    for task in hanging:
        task.cancel()
    await asyncio.wait(hanging)


@virtual
async def test_a_voice_that_was_never_asked_for_lack_of_room_speaks_the_next_sentence() -> None:
    turnstile = turnstile_of("voice", "place", 1)
    asked, spare = (PacedVoice(label, sample=b"\x00\x10") for label in ("provider", "built in"))
    voices = (BoundedVoice(asked, "c", turnstile), spare)
    voice = FallbackVoice([Choice(each.label, each, lambda text, spec: True) for each in voices])

    async def speak() -> str:
        [label] = {part.voice async for part in voice.speak("hello there", VoiceSpec())}
        return label

    await turnstile.enter("another channel", PATIENCE)
    assert await speak() == "built in"
    turnstile.leave("another channel")
    assert await speak() == "provider"
