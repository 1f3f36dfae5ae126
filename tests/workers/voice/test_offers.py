"""What speech servers tell of their voices, in all the ways they do, and what is made of nonsense."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from tests.fakes.piper import PiperServer
from tests.fakes.provider import ProviderServer
from tests.workers.voice.listening import clip
from workers.pipeline.values import VoiceSpec
from workers.voice.catalogue import build_voice, voices
from workers.voice.offers import MOST_BYTES, MOST_VOICES, offered
from workers.voice.openai_speech import SpeechConfig

FIRST, SECOND = "/v1/audio/voices", "/v1/audio/speech/voices"


def config(address: str, model: str = "kokoro", voice: str = "af_sky") -> SpeechConfig:
    return SpeechConfig(address, "k-1", model, voice)


@pytest.mark.parametrize(
    ("path", "told", "names"),
    [
        (FIRST, {"voices": [{"id": "af_heart", "name": "Heart"}, {"id": "af_sky"}]}, ["af_heart", "af_sky"]),
        (FIRST, {"voices": ["af_heart", "af_sky", "af_heart"]}, ["af_heart", "af_sky"]),
        (SECOND, [{"voice_id": "en-1", "name": "One"}, {"name": "Two"}], ["en-1", "Two"]),
        (SECOND, {"object": "list", "data": [{"id": "a"}]}, ["a"]),
        (FIRST, {"voices": ["x" * 101, "line\nbreak", 7, None, {}, {"id": 3}, ["a"], "good"]}, ["good"]),
        (FIRST, {"voices": [f"v{number}" for number in range(999)]}, [f"v{number}" for number in range(MOST_VOICES)]),
        (FIRST, {"detail": "not here"}, []),
        (FIRST, "voices", []),
    ],
)  # fmt: skip
async def test_compatible_servers_list_their_voices_each_in_its_way(
    provider: ProviderServer, http_client: httpx2.AsyncClient, path: str, told: Any, names: list[str]
) -> None:
    provider.pages[path] = json.dumps(told).encode()
    assert list(await offered(config(provider.base_url), http_client)) == names


@pytest.mark.parametrize("body", [b"<html>", b"[" * 200_000, b'"' + b" " * MOST_BYTES + b'"', None])
async def test_a_server_that_tells_nothing_usable_in_time_offers_nothing(
    provider: ProviderServer, http_client: httpx2.AsyncClient, body: bytes | None
) -> None:
    provider.pages |= {FIRST: body, SECOND: body}
    assert await offered(config(provider.base_url), http_client, deadline=5.0 if body else 0.1) == ()


async def test_a_server_that_is_away_offers_nothing(http_client: httpx2.AsyncClient) -> None:
    with ProviderServer() as gone:
        address = gone.base_url
    assert await offered(config(address), http_client) == ()


def test_the_list_has_the_configured_voice_first_and_the_servers_own_after_it() -> None:
    def names(model: str, *told: str) -> list[str]:
        listed = voices(config("http://127.0.0.1:8880/v1", model), told)
        return [info.name for info in listed if info.engine == "openai"]

    assert names("kokoro", "af_heart", "af_sky") == ["af_sky", "af_heart"]
    assert names("kokoro") == ["af_sky"]
    assert "nova" in names("tts-1")


async def test_a_piper_servers_voices_speak_the_language_they_are_named_for(http_client: httpx2.AsyncClient) -> None:
    with PiperServer() as server:
        server.voices = {"en_US-lessac-medium": {}, "ru_RU-irina-medium": {}}
        at_home = config(server.base_url, "piper", "en_US-lessac-medium")
        names = await offered(at_home, http_client)
        listed = [info for info in voices(at_home, names) if info.engine == "piper"]
        assert [(info.name, info.languages) for info in listed] == [("", ("en",)), ("ru_RU-irina-medium", ("ru",))]
        spec = VoiceSpec(engine="piper", name="ru_RU-irina-medium", language="ru")
        parts = await clip(build_voice(at_home, http_client), "Привет", spec)
    assert {(part.voice, part.stands_in) for part in parts} == {("piper (ru_RU-irina-medium)", False)}
    assert server.requests[0]["voice"] == "ru_RU-irina-medium"
