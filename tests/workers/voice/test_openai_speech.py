"""The real openai client against a provider on loopback."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import aclosing
from typing import Any

import httpx2
import numpy as np
import pytest

from tests.fakes.provider import ProviderServer, Script, empty, malformed, redirect, reset, stall, status
from tests.fakes.provider_script import CHUNK_SECONDS
from tests.fakes.speech_sound import RATE, numbered, numbers, speech
from tests.workers.voice.listening import clip
from workers.pipeline.ports import VoiceError
from workers.pipeline.values import PhoneTime, VoiceSpec, WordTime
from workers.voice.openai_speech import OpenAISpeech, SpeechConfig, SpeechDeadlines

TEXT = "Hello there, this is a sentence of some length."
QUICK = SpeechDeadlines(first_byte=0.3, stall=0.3, total=5)


def voice_at(
    provider: ProviderServer, client: httpx2.AsyncClient, deadlines: SpeechDeadlines | None = None
) -> OpenAISpeech:
    config = SpeechConfig(provider.base_url, "k-1", "local-voice", "luna", deadlines or SpeechDeadlines())
    return OpenAISpeech(config, client)


async def test_every_sample_arrives_once_and_in_order(http_client: httpx2.AsyncClient) -> None:
    with ProviderServer(sound=numbered) as provider:
        parts = await clip(voice_at(provider, http_client), TEXT)
    found = numbers(b"".join(part.pcm for part in parts))
    assert found == [index % 60_000 for index in range(len(found))]
    assert len(found) == len(speech(TEXT)) // 2


async def test_all_that_came_before_a_stall_is_heard(http_client: httpx2.AsyncClient) -> None:
    heard = bytearray()

    async def listen() -> None:
        async for part in voice_at(provider, http_client, QUICK).speak(TEXT * 3, VoiceSpec()):
            heard.extend(part.pcm)

    with ProviderServer(sound=numbered) as provider:
        provider.speech.queue(stall(100))  # so much of it that more is here than is looked at piece by piece
        with pytest.raises(VoiceError):
            await listen()
    assert numbers(bytes(heard)) == [index % 60_000 for index in range(round(100 * CHUNK_SECONDS * RATE))]


async def test_the_request_asks_for_pcm_with_the_personas_voice_and_nothing_unasked(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    await clip(voice_at(provider, http_client), TEXT, VoiceSpec(engine="openai", name="mira"))
    (request,) = provider.requests_to("/audio/speech")
    assert request.body == {"input": TEXT, "model": "local-voice", "voice": "mira", "response_format": "pcm"}
    assert request.headers["Authorization"] == "Bearer k-1"


async def test_speed_and_instructions_are_sent_when_the_persona_has_them(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    await clip(voice_at(provider, http_client), TEXT, VoiceSpec(speed=1.2, instructions="Whisper."))
    body = provider.requests_to("/audio/speech")[0].body
    assert (body["voice"], body["speed"], body["instructions"]) == ("luna", 1.2, "Whisper.")


async def test_a_field_the_server_refuses_is_left_out_from_then_on(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    voice = voice_at(provider, http_client)
    provider.speech.queue(status(400, parameter="instructions"))
    spec = VoiceSpec(instructions="Whisper.")
    assert await clip(voice, TEXT, spec)
    assert await clip(voice, TEXT, spec)
    assert [("instructions" in request.body) for request in provider.requests] == [True, False, False]


async def test_no_header_names_the_platforms_organisation(
    provider: ProviderServer, http_client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-platform")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-platform")
    await clip(voice_at(provider, http_client), TEXT)
    sent = {name.lower() for name in provider.requests[0].headers}
    assert not sent & {"openai-organization", "openai-project"}


async def test_an_empty_key_is_refused_and_no_other_key_is_taken_for_it(
    provider: ProviderServer, http_client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the-platforms-own")
    with pytest.raises(VoiceError, match="no API key") as error:
        OpenAISpeech(SpeechConfig(provider.base_url, " "), http_client)
    assert not error.value.retryable
    assert provider.requests == []


async def test_a_client_that_follows_redirects_is_refused(provider: ProviderServer) -> None:
    async with httpx2.AsyncClient(follow_redirects=True) as client:
        with pytest.raises(ValueError, match="redirects"):
            voice_at(provider, client)


@pytest.mark.parametrize(
    ("script", "code", "retryable"),
    [
        (status(401), "speech_unauthorised", False),
        (status(402), "speech_unpaid", False),
        (status(403), "speech_forbidden", False),
        (status(404), "speech_not_found", False),
        (status(400, parameter="voice"), "speech_refused", False),
        (status(429), "speech_busy", True),
        (status(500), "speech_failed", True),
        (status(503), "speech_failed", True),
        (redirect("http://127.0.0.1:9/elsewhere"), "speech_redirect", False),
        (reset(), "speech_connection", True),
        (reset(3), "speech_connection", True),
        (stall(), "speech_timeout", True),
        (stall(3), "speech_stalled", True),
        (malformed(), "speech_format", True),
        (empty(), "speech_empty", True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_every_failure_is_named_and_asked_only_once(
    provider: ProviderServer, http_client: httpx2.AsyncClient, script: Any, code: str, retryable: bool
) -> None:
    provider.speech.queue(script)
    async with asyncio.timeout(3):
        with pytest.raises(VoiceError) as error:
            await clip(voice_at(provider, http_client, QUICK), TEXT)
    assert (error.value.code, error.value.retryable) == (code, retryable)
    assert len(provider.requests) == 1


async def test_the_wait_a_busy_provider_asks_for_is_passed_on(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    provider.speech.queue(status(429, retry_after=7))
    with pytest.raises(VoiceError) as error:
        await clip(voice_at(provider, http_client), TEXT)
    assert error.value.retry_after == 7


async def test_the_key_stands_in_no_message_and_no_representation(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    provider.speech.queue(status(401, message="Incorrect API key provided: k-1"))
    with pytest.raises(VoiceError) as error:
        await clip(voice_at(provider, http_client), TEXT)
    assert "k-1" not in str(error.value)
    assert error.value.__cause__ is None
    assert "k-1" not in repr(SpeechConfig(provider.base_url, "k-1"))


async def test_half_a_sample_at_the_end_is_dropped(provider: ProviderServer, http_client: httpx2.AsyncClient) -> None:
    provider.speech.queue(malformed(3))
    parts = await clip(voice_at(provider, http_client), TEXT)
    assert sum(len(part.pcm) for part in parts) % 2 == 0


async def test_a_listener_who_leaves_ends_the_request(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    provider.speech.queue(stall(3))
    async with aclosing(voice_at(provider, http_client).speak(TEXT, VoiceSpec())) as stream:
        assert (await anext(stream)).pcm
    await provider.until(lambda: provider.requests[0].cancelled_at is not None)


async def test_two_tenants_share_a_client_and_no_key(provider: ProviderServer, http_client: httpx2.AsyncClient) -> None:
    voices = [OpenAISpeech(SpeechConfig(provider.base_url, key), http_client) for key in ("k-ann", "k-bob")]
    await asyncio.gather(*(clip(voice, key) for voice, key in zip(voices, ("for ann", "for bob"), strict=True)))
    sent = {request.body["input"]: request.headers["Authorization"] for request in provider.requests}
    assert sent == {"for ann": "Bearer k-ann", "for bob": "Bearer k-bob"}


async def test_sound_of_the_provider_is_unchanged(provider: ProviderServer, http_client: httpx2.AsyncClient) -> None:
    parts = await clip(voice_at(provider, http_client), TEXT)
    np.testing.assert_array_equal(
        np.frombuffer(b"".join(p.pcm for p in parts), "<i2"), np.frombuffer(speech(TEXT), "<i2")
    )


async def test_a_server_that_answers_in_events_is_heard_the_same_with_its_timings(
    http_client: httpx2.AsyncClient,
) -> None:
    beside = {
        "phoneme_timestamps": {"phonemes": ["h", "ə"], "start": [0.0, 0.1], "end": [0.1, 0.2]},
        "word_timestamps": {"words": ["there"], "start": [0.3], "end": [0.5]},
    }
    with ProviderServer(sound=numbered) as provider:
        provider.speech.queue(Script(events=True, beside=beside))
        parts = await clip(voice_at(provider, http_client), TEXT)
    found = numbers(b"".join(part.pcm for part in parts))
    assert found == [index % 60_000 for index in range(len(found))]
    assert len(found) == len(speech(TEXT)) // 2
    assert parts[0].phones == (PhoneTime("h", 0.0, 0.1), PhoneTime("ə", 0.1, 0.2))
    assert parts[0].words == (WordTime(6, 11, 0.3),)


async def test_the_last_viseme_lasts_until_the_end_of_the_sound(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    beside = {"visemes": [{"audio_offset_ms": 0, "viseme_id": 21}, {"audio_offset_ms": 90, "viseme_id": 2}]}
    provider.speech.queue(Script(events=True, beside=beside))
    parts = await clip(voice_at(provider, http_client), TEXT)
    end = sum(len(part.pcm) for part in parts) / 48_000
    phones = [phone for part in parts for phone in part.phones]
    assert phones[0] == PhoneTime("p", 0.0, 0.09)
    assert [(phone.phone, phone.start) for phone in phones[1:]] == [("ɑ", 0.09)]
    assert phones[1].end == pytest.approx(end)


async def test_sound_is_read_from_the_field_elevenlabs_uses(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    event = {"audio_base64": base64.b64encode(b"\1\0\2\0").decode()}
    body = f"data: {json.dumps(event)}\n\n".encode()
    provider.speech.queue(Script(content_type="text/event-stream", body=body))
    assert [part.pcm for part in await clip(voice_at(provider, http_client), TEXT)] == [b"\1\0\2\0"]


async def test_a_server_without_raw_pcm_is_asked_for_wav_from_then_on(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    provider.speech_formats = {"wav"}
    voice = voice_at(provider, http_client)
    for _ in range(2):
        sound = b"".join(part.pcm for part in await clip(voice, TEXT))
        assert sound == speech(TEXT)
    asked = [request.body["response_format"] for request in provider.requests_to("/audio/speech")]
    assert asked == ["pcm", "wav", "wav"]


async def test_another_sample_rate_in_the_header_is_heard_at_the_right_speed(
    provider: ProviderServer, http_client: httpx2.AsyncClient
) -> None:
    provider.speech.queue(Script(content_type="audio/pcm;rate=48000"))
    sound = b"".join(part.pcm for part in await clip(voice_at(provider, http_client), TEXT))
    assert len(sound) == pytest.approx(len(speech(TEXT)) / 2, abs=4)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("audio/mpeg", b"ID3\x04rest"), ("application/octet-stream", b"ID3\x04rest"), ("audio/pcm", b"OggS\x00rest")],
)
async def test_packed_sound_is_refused_with_what_to_do(
    provider: ProviderServer, http_client: httpx2.AsyncClient, content_type: str, body: bytes
) -> None:
    provider.speech.queue(Script(content_type=content_type, body=body))
    with pytest.raises(VoiceError, match="choose a server or model that streams PCM or WAV") as caught:
        await clip(voice_at(provider, http_client), TEXT)
    assert caught.value.code == "speech_format"


@pytest.mark.parametrize("body", [b"data: {nonsense\n\n", b'data: {"error": {"message": "k-1 is wrong"}}\n\n'])
async def test_a_broken_event_ends_the_clip_and_repeats_nothing_of_the_server(
    provider: ProviderServer, http_client: httpx2.AsyncClient, body: bytes
) -> None:
    provider.speech.queue(Script(content_type="text/event-stream", body=body))
    with pytest.raises(VoiceError) as caught:
        await clip(voice_at(provider, http_client), TEXT)
    assert caught.value.code == "speech_format"
    assert "k-1" not in str(caught.value)
