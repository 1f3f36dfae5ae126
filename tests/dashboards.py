"""A channel's dashboard as it is told what happens, without a browser."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from channels.layers import get_channel_layer

from channels_app import push
from channels_app.models import Channel
from tests.clock import until


class Dashboard:
    """What everybody with the channel's page open is told of its queue."""

    def __init__(self) -> None:
        self.queues: list[dict[str, Any]] = []
        self.decided: list[tuple[str, str]] = []
        """(what became of a reply that waited, who said so)"""

    @property
    def waiting(self) -> list[str]:
        return [entry["text"] for entry in self.queues[-1]["waiting"]] if self.queues else []

    @property
    def drafts(self) -> dict[str, dict[str, Any]]:
        """Replies that wait for a moderator, by who is answered."""
        return {draft["name"]: draft for draft in self.queues[-1]["drafts"]} if self.queues else {}

    @property
    def held(self) -> list[dict[str, Any]]:
        """What is held back before it is heard."""
        return self.queues[-1]["held"] if self.queues else []

    def id_of(self, text: str) -> str:
        return next(str(entry["id"]) for entry in self.queues[-1]["waiting"] if entry["text"] == text)

    async def shows(self, *texts: str) -> None:
        await until(lambda: sorted(self.waiting) == sorted(texts), seconds=5)


@contextlib.asynccontextmanager
async def dashboard(channel: Channel) -> AsyncIterator[Dashboard]:
    layer: Any = get_channel_layer()
    name = await layer.new_channel()
    await layer.group_add(push.dashboard_group(channel.public_id), name)
    seen = Dashboard()

    async def read() -> None:
        while True:
            body = (await layer.receive(name))["body"]
            if body["t"] == "queue":
                seen.queues.append(body)
            elif body["t"] == "decided":
                seen.decided.append((body["word"], body["by"]))

    task = asyncio.create_task(read())
    yield seen
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await layer.group_discard(push.dashboard_group(channel.public_id), name)
