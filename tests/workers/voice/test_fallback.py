"""One voice made of several: who speaks, and what happens when one fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx2
import pytest

from tests.clock import Clock
from tests.fakes.provider import ProviderServer, reset, stall, status
from tests.workers.voice.listening import (
    clip,
    length,
    loudness,
    silence_after,
    silence_before,
    sound_of,
    worst_step,
)
from workers.pipeline.ports import VoiceError
from workers.pipeline.values import Audio, VoiceSpec
from workers.voice.catalogue import FREE, build_voice, voices
from workers.voice.fallback import FIRST_REST, FIRST_REST_PERMANENT, Choice, FallbackVoice
from workers.voice.openai_speech import SpeechConfig, SpeechDeadlines

TEXT = "Hello there, this is a sentence of some length."
RUSSIAN = "Привет, чат! Мама мыла раму."
QUICK = SpeechDeadlines(first_byte=0.3, stall=0.3, total=5)
"""For a provider that falls silent: it is given up soon."""
PATIENT = SpeechDeadlines(first_byte=10, stall=10, total=20)
"""For one that answers: a busy machine is not taken for its silence."""


def full_voice(
    provider: ProviderServer,
    client: httpx2.AsyncClient,
    clock: Clock | None = None,
    deadlines: SpeechDeadlines = PATIENT,
) -> FallbackVoice:
    config = SpeechConfig(provider.base_url, "k-1", "local-voice", "luna", deadlines)
    return build_voice(config, client, clock=clock or Clock())


async def test_the_provider_speaks_where_it_is_configured(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    voice = full_voice(provider, http_client)
    await clip(voice, TEXT)
    assert (voice.engine, voice.label) == ("openai", "local-voice")


@pytest.mark.parametrize(
    ("text", "language", "engine"), [(TEXT, "en", "hibari"), (RUSSIAN, "ru", "espeak"), (RUSSIAN, "en", "espeak")]
)
async def test_without_a_provider_the_built_in_voice_of_the_language_speaks(
    text: str, language: str, engine: str
) -> None:
    voice = build_voice()
    sound = sound_of(await clip(voice, text, VoiceSpec(language=language)))
    assert voice.engine == engine
    assert length(sound) > 1


async def test_the_engine_a_persona_chose_comes_first() -> None:
    voice = build_voice()
    await clip(voice, TEXT, VoiceSpec(engine="espeak", name="bright"))
    assert voice.engine == "espeak"


async def test_a_persona_with_a_free_voice_never_spends_money(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    voice = full_voice(provider, http_client)
    await clip(voice, TEXT, VoiceSpec(engine="hibari"))
    await clip(voice, RUSSIAN, VoiceSpec(engine="hibari", language="ru"))
    assert voice.engine == "espeak"
    assert provider.requests == []


@pytest.mark.parametrize("fault", [status(401), status(500), status(429, retry_after=30), stall(), reset()])
async def test_a_provider_that_fails_before_any_sound_costs_no_sentence(
    provider: ProviderServer, http_client: httpx2.AsyncClient, fault: Any
) -> None:
    provider.speech.queue(fault)
    voice = full_voice(provider, http_client, deadlines=QUICK)
    assert loudness(sound_of(await clip(voice, TEXT))) > 0.05
    assert voice.engine == "hibari"


async def test_a_failure_in_mid_sentence_is_raised_and_nothing_is_said_twice(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    provider.speech.queue(reset(20))
    voice = full_voice(provider, http_client)
    stream = voice.speak(TEXT, VoiceSpec())
    assert (await anext(stream)).pcm
    with pytest.raises(VoiceError) as error:
        [part async for part in stream]
    assert error.value.code == "speech_connection"
    assert voice.engine == "openai"


async def test_a_failing_provider_is_left_alone_for_a_growing_while(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    clock = Clock()
    voice = full_voice(provider, http_client, clock)
    provider.speech.queue(status(500), status(500))
    await clip(voice, TEXT)
    await clip(voice, TEXT)
    assert len(provider.requests) == 1
    clock.now += FIRST_REST + 0.1
    await clip(voice, TEXT)
    assert len(provider.requests) == 2
    clock.now += FIRST_REST + 0.1
    await clip(voice, TEXT)
    assert len(provider.requests) == 2
    clock.now += FIRST_REST
    await clip(voice, TEXT)
    assert (len(provider.requests), voice.engine) == (3, "openai")


async def test_a_refused_key_is_not_tried_again_with_each_sentence(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    clock = Clock()
    voice = full_voice(provider, http_client, clock)
    provider.speech.queue(status(401))
    await clip(voice, TEXT)
    clock.now += FIRST_REST_PERMANENT - 1
    await clip(voice, TEXT)
    assert len(provider.requests) == 1
    clock.now += 2
    await clip(voice, TEXT)
    assert len(provider.requests) == 2


@pytest.mark.parametrize("code", [400, 404])
async def test_a_refused_voice_name_leaves_the_providers_other_voices_alone(
    provider: ProviderServer, http_client: httpx2.AsyncClient, code: int
) -> None:
    clock = Clock()
    voice = full_voice(provider, http_client, clock)
    provider.speech.queue(status(code, parameter="voice"))
    for name, label in (("gone", "local-voice (luna)"), ("gone", "local-voice (luna)"), ("mira", "local-voice (mira)")):
        parts = await clip(voice, TEXT, VoiceSpec(engine="openai", name=name))
        assert {(part.voice, part.stands_in) for part in parts} == {(label, name == "gone")}
    assert [request.body["voice"] for request in provider.requests] == ["gone", "luna", "luna", "mira"]
    clock.now += FIRST_REST_PERMANENT + 1
    await clip(voice, TEXT, VoiceSpec(engine="openai", name="gone"))
    assert provider.requests[-1].body["voice"] == "gone"


async def test_a_provider_that_refuses_its_configured_voice_too_rests(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    voice = full_voice(provider, http_client)
    provider.speech.queue(status(400), status(400))
    for _ in range(2):
        await clip(voice, TEXT, VoiceSpec(engine="openai", name="gone"))
        assert voice.engine == "hibari"
    assert len(provider.requests) == 2


async def test_the_wait_a_provider_asks_for_is_kept(provider: ProviderServer, http_client: httpx2.AsyncClient) -> None:
    clock = Clock()
    voice = full_voice(provider, http_client, clock)
    provider.speech.queue(status(429, retry_after=40))
    await clip(voice, TEXT)
    clock.now += 39
    await clip(voice, TEXT)
    assert len(provider.requests) == 1


async def test_a_text_without_words_asks_nobody_and_blames_no_voice(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    voice = full_voice(provider, http_client)
    with pytest.raises(VoiceError) as error:
        await clip(voice, "… !!")
    assert error.value.code == "nothing_to_say"
    assert provider.requests == []
    assert await clip(voice, TEXT)


async def test_a_listener_who_leaves_ends_the_request(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    provider.speech.queue(stall(20))
    async with aclosing(full_voice(provider, http_client).speak(TEXT, VoiceSpec())) as stream:
        await anext(stream)
    await provider.until(lambda: provider.requests[0].cancelled_at is not None)


async def test_all_voices_are_equally_loud(provider: ProviderServer, http_client: httpx2.AsyncClient) -> None:
    voice = full_voice(provider, http_client)
    levels = {}
    for engine in ("openai", "hibari", "espeak"):
        for _ in range(3):
            sound = sound_of(await clip(voice, TEXT, VoiceSpec(engine=engine)))
        assert voice.engine == engine
        levels[engine] = loudness(sound)
    assert max(levels.values()) < 1.35 * min(levels.values())
    assert all(0.07 < level < 0.14 for level in levels.values())


@pytest.mark.parametrize("engine", ["hibari", "espeak"])
async def test_a_clip_begins_at_once_and_ends_with_a_pause(engine: str) -> None:
    parts = await clip(build_voice(), TEXT, VoiceSpec(engine=engine))
    sound = sound_of(parts)
    assert silence_before(sound) < 0.07
    assert 0.15 < silence_after(sound) < 0.3
    assert all(0.019 < length(sound_of([part])) < 0.201 for part in parts[:-1])


async def test_the_pause_after_a_voice_that_stops_dead_begins_without_a_click() -> None:
    class Abrupt:
        label = "abrupt"

        async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
            yield Audio((b"\x00\x10") * 4800)

    sound = sound_of(await clip(FallbackVoice([Choice("x", Abrupt(), lambda text, language: True)]), TEXT))
    assert worst_step(sound[200:]) < 0.01


async def test_phone_times_follow_the_trimmed_silence() -> None:
    parts = await clip(build_voice(), "Bob is here.", VoiceSpec(engine="hibari"))
    first = next(phone for part in parts for phone in part.phones if phone.phone)
    assert first.phone == "b"
    assert first.start == pytest.approx(silence_before(sound_of(parts)), abs=0.06)


def test_the_list_shows_what_is_configured_with_prices_and_placeholders() -> None:
    listed = voices(SpeechConfig("https://api.openai.com/v1", "k", "tts-1", "luna"))
    assert [info.engine for info in listed][:2] == ["auto", "openai"]
    assert listed[1].name == "luna"
    assert listed[1].cost is not None
    assert (listed[1].cost.per_1000_chars, listed[1].cost.seen) == (0.015, "2026-11")
    assert {info.engine for info in listed if info.placeholder} == {"espeak"}
    assert {info.engine for info in voices()} == {"auto", "hibari", "espeak"}
    assert {info.cost for info in voices() if info.engine != "auto"} == {FREE}


@pytest.mark.parametrize(
    ("address", "model"), [("https://api.openai.com/v1", "other"), ("http://127.0.0.1:8880/v1", "tts-1")]
)
def test_a_price_nobody_published_is_unknown(address: str, model: str) -> None:
    assert voices(SpeechConfig(address, "k", model, "luna"))[1].cost is None


async def test_each_part_names_the_voice_that_made_it(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    voice = full_voice(provider, http_client)
    assert {(part.voice, part.stands_in) for part in await clip(voice, TEXT)} == {("local-voice", False)}
    provider.speech.queue(status(500))
    parts = await clip(voice, TEXT)
    assert {(part.voice, part.stands_in) for part in parts} == {("built-in English voice (hibari)", True)}


@pytest.mark.parametrize(
    ("engine", "text", "language", "stands_in"),
    [
        ("auto", TEXT, "en", False),
        ("auto", RUSSIAN, "ru", False),
        ("hibari", TEXT, "en", False),
        ("hibari", RUSSIAN, "ru", True),
        ("openai", TEXT, "en", True),
    ],
)
async def test_a_voice_stands_in_where_another_one_was_asked_for(
    engine: str, text: str, language: str, stands_in: bool
) -> None:
    parts = await clip(build_voice(), text, VoiceSpec(engine=engine, language=language))
    assert {part.stands_in for part in parts} == {stands_in}
