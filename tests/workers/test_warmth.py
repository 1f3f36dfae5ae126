"""Connections are open before they are needed."""

from __future__ import annotations

import asyncio
import itertools

import httpx2
import pytest

from channels_app import actions
from channels_app.models import Channel
from tests.fakes.provider import ProviderServer
from tests.live import lease_for
from tests.virtual_time import run, virtual
from workers import lookout, records, session, together, wiring
from workers.brain.http_client import LIMITS, shared_http_client
from workers.pipeline.values import VoiceSpec
from workers.voice.openai_speech import OpenAISpeech, SpeechConfig
from workers.warmth import KNOCK_AFTER, PATIENCE, WarmConnections


class Door:
    """A provider that notes when it is knocked at."""

    def __init__(self) -> None:
        self.knocks: list[float] = []
        self.client = shared_http_client(transport=httpx2.MockTransport(self._answer))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        assert request.method == "HEAD"
        self.knocks.append(asyncio.get_running_loop().time())
        return httpx2.Response(404)


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


@virtual
async def test_who_was_knocked_at_a_moment_ago_is_left_alone() -> None:
    door = Door()
    connections = WarmConnections()
    connections.add(door.client, "https://provider.example/v1")
    connections.open()
    await asyncio.sleep(KNOCK_AFTER - 1)
    connections.open()
    assert door.knocks == [0]
    await asyncio.sleep(1)
    connections.open()
    await asyncio.sleep(0)
    assert door.knocks == [0, KNOCK_AFTER]


@pytest.mark.django_db
def test_in_a_quiet_chat_they_are_kept_open_while_somebody_watches(
    stage: Channel, provider: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.start(stage, acting_user=None)
    facts = records.load(stage.public_id)
    door = Door()
    around = records.Surroundings(audience=0, panic=False)

    async def look(_run: tuple[int, int]) -> records.Surroundings:
        await asyncio.sleep(together.GATHER_SECONDS)
        return around

    monkeypatch.setattr(lookout, "around", look)
    monkeypatch.setattr(wiring, "_client", lambda _own: door.client)

    async def a_long_evening() -> None:
        nonlocal around
        run = session.ChannelRun(lease_for(stage), facts)
        sweep = asyncio.create_task(run.lookout.sweep())
        await asyncio.sleep(3600)
        assert door.knocks == []
        around = records.Surroundings(audience=1, panic=False)
        await asyncio.sleep(130)
        around = records.Surroundings(audience=0, panic=False)
        await asyncio.sleep(3600)
        sweep.cancel()

    run(a_long_evening())
    first = door.knocks[0]
    assert 3600 <= first <= 3600 + lookout.SWEEP_SECONDS
    # Model, voice and moderation have one address here, and with it one knock.
    assert [knock - first for knock in door.knocks] == [0, 40, 80, 120]
    assert max(b - a for a, b in itertools.pairwise(door.knocks)) + PATIENCE < (LIMITS.keepalive_expiry or 0)


async def test_an_endpoint_that_is_away_disturbs_nobody() -> None:
    async with shared_http_client(transport=httpx2.MockTransport(_refuse)) as client:
        connections = WarmConnections()
        connections.add(client, "http://127.0.0.1:9/v1")
        connections.open()
        await asyncio.sleep(0)


def _refuse(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused", request=request)
