"""Connections are open before they are needed."""

from __future__ import annotations

import asyncio

import httpx2

from tests.fakes.provider import ProviderServer
from workers.brain.openai_chat import shared_http_client
from workers.pipeline.values import VoiceSpec
from workers.voice.openai_speech import OpenAISpeech, SpeechConfig
from workers.warmth import KNOCK_AFTER, WarmConnections


async def knocked(server: ProviderServer, count: int) -> bool:
    await server.until(lambda: len(server.knocks) >= count)
    return len(server.knocks) == count


async def test_a_knock_opens_the_connection_the_voice_then_uses() -> None:
    with ProviderServer() as server:
        async with shared_http_client() as client:
            connections = WarmConnections()
            connections.add(client, server.base_url)
            connections.open()
            assert await knocked(server, 1)
            assert "Authorization" not in server.knocks[0].headers
            await asyncio.sleep(0)
            voice = OpenAISpeech(SpeechConfig(server.base_url, "k"), client)
            _ = [part async for part in voice.speak("Hello there.", VoiceSpec())]
            assert server.requests[-1].peer == server.knocks[0].peer


async def test_what_was_used_a_moment_ago_is_left_alone() -> None:
    now = 1000.0
    with ProviderServer() as server:
        async with shared_http_client() as client:
            connections = WarmConnections(clock=lambda: now)
            connections.add(client, server.base_url)
            connections.open()
            connections.open()
            assert await knocked(server, 1)
            now += KNOCK_AFTER + 1
            connections.open()
            assert await knocked(server, 2)


async def test_an_endpoint_that_is_away_disturbs_nobody() -> None:
    async with shared_http_client(transport=httpx2.MockTransport(_refuse)) as client:
        connections = WarmConnections()
        connections.add(client, "http://127.0.0.1:9/v1")
        connections.open()
        await asyncio.sleep(0)


def _refuse(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused", request=request)
