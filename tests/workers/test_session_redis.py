"""A Redis that dies while she speaks, and comes back empty: what was lost meanwhile is told again, and she goes on."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from channels_app.models import Channel
from tests.backends import embedded_redis
from tests.clock import until
from tests.fakes.provider import ProviderServer, reply
from tests.live import live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

LONG = (
    "The kettle sang all night about the harbour and its boats. Nobody listened to the kettle but the moon. "
    "In the morning there were seven ships."
)
AWAY_SECONDS = 1.5


class OwnRedis:
    """One for the channel layer alone, which may die."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._running = contextlib.ExitStack()

    def start(self) -> None:
        self._running.enter_context(embedded_redis(self._socket))

    def kill(self) -> None:
        self._running.close()


@pytest.fixture
def redis(settings: Any) -> Iterator[OwnRedis]:
    # The path of a socket may be no longer than a hundred characters.
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        socket = Path(directory) / "redis.sock"
        config = settings.CHANNEL_LAYERS["default"]["CONFIG"] | {"hosts": [f"unix://{socket}"]}
        settings.CHANNEL_LAYERS = {"default": settings.CHANNEL_LAYERS["default"] | {"CONFIG": config}}
        own = OwnRedis(socket)
        own.start()
        yield own
        own.kill()


@pytest.mark.parametrize("when", ["at its first word", "in the middle"])
async def test_the_utterance_is_told_to_its_end(
    stage: Channel, provider: ProviderServer, redis: OwnRedis, when: str
) -> None:
    provider.chat.queue(reply(LONG))
    async with live(stage) as channel:
        await channel.say("!ai tell me a story")
        if when == "in the middle":
            await until(lambda: bool(channel.show.utterances) and channel.show.utterances[0].seconds > 2)
        else:
            await provider.until(lambda: bool(provider.requests_to("/audio/speech")))
        await asyncio.to_thread(redis.kill)
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(redis.start)
        await until(lambda: bool(channel.show.utterances) and channel.show.utterances[0].complete, seconds=30)
        [turn] = await channel.settled(seconds=30)
    [utterance] = channel.show.utterances
    assert utterance.lacks(len(utterance.sound)) is None
    assert len(utterance.sentences) == 3
    assert (turn.outcome, turn.heard) == ("spoken", LONG)
