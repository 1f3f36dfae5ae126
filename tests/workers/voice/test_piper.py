"""A piper server of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from tests.fakes.piper import SECONDS_A_LETTER, PiperServer
from tests.workers.voice.listening import clip, length, sound_of
from workers.pipeline.ports import VoiceError
from workers.pipeline.values import VoiceSpec
from workers.voice.catalogue import FREE, build_voice, voices
from workers.voice.openai_speech import SpeechConfig
from workers.voice.piper import PiperSpeech

TEXT = "mama mia"


@pytest.fixture
def server() -> Iterator[PiperServer]:
    with PiperServer() as running:
        yield running


def config(server: PiperServer, voice: str = "en_US-lessac-medium") -> SpeechConfig:
    return SpeechConfig(server.base_url, "none", "piper", voice)


async def test_a_sentence_comes_with_its_phones(server: PiperServer, http_client: httpx2.AsyncClient) -> None:
    parts = await clip(PiperSpeech(config(server), http_client), TEXT)
    assert length(sound_of(parts)) == pytest.approx(SECONDS_A_LETTER * (len(TEXT) + 1.5), abs=0.05)
    phones = [phone for part in parts for phone in part.phones]
    assert [phone.phone for phone in phones if phone.phone] == list("mamamia")
    first = next(phone for phone in phones if phone.phone)
    assert [first.start, first.end] == pytest.approx([SECONDS_A_LETTER, 2 * SECONDS_A_LETTER])
    assert server.requests == [{"text": TEXT, "voice": "en_US-lessac-medium", "path": "/synthesize"}]


async def test_the_personas_voice_and_speed_are_asked_for(server: PiperServer, http_client: httpx2.AsyncClient) -> None:
    await clip(PiperSpeech(config(server), http_client), TEXT, VoiceSpec(name="en_GB-alan-low", speed=1.25))
    assert (server.requests[0]["voice"], server.requests[0]["length_scale"]) == ("en_GB-alan-low", 0.8)


async def test_phone_times_of_another_clip_are_not_taken(server: PiperServer, http_client: httpx2.AsyncClient) -> None:
    server.last_text = "somebody else's words"
    parts = await clip(PiperSpeech(config(server), http_client), TEXT)
    assert parts
    assert not any(part.phones for part in parts)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, b"", "speech_not_found"),
        (500, b"", "speech_failed"),
        (200, b"<html>", "speech_format"),
        (200, b"", "speech_format"),
    ],
)
async def test_what_is_wrong_is_named(
    server: PiperServer, http_client: httpx2.AsyncClient, status: int, body: bytes, code: str
) -> None:
    server.status, server.body = status, body
    with pytest.raises(VoiceError) as caught:
        await clip(PiperSpeech(config(server), http_client), TEXT)
    assert caught.value.code == code


async def test_a_server_that_is_not_there_costs_no_sentence(http_client: httpx2.AsyncClient) -> None:
    voice = build_voice(SpeechConfig("http://127.0.0.1:9", "none", "piper", ""), http_client)
    assert await clip(voice, "Hello there.", VoiceSpec(engine="espeak"))
    assert await clip(voice, "Hello there.")
    assert voice.engine == "hibari"


async def test_it_speaks_the_language_its_voice_is_named_for(
    server: PiperServer, http_client: httpx2.AsyncClient
) -> None:
    voice = build_voice(config(server, "ru_RU-irina-medium"), http_client)
    assert {part.voice for part in await clip(voice, "Привет, чат", VoiceSpec(language="ru"))} == {
        "piper (ru_RU-irina-medium)"
    }
    await clip(voice, "Hello there.")
    assert voice.engine == "hibari"
    listed = voices(config(server, "ru_RU-irina-medium"))[1]
    assert (listed.engine, listed.languages, listed.cost) == ("piper", ("ru",), FREE)
