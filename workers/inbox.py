"""Reads what reaches a channel's inbox, for as long as its run lives. It knows nothing of what the words mean."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.layers import get_channel_layer

from channels_app import push

log = logging.getLogger(__name__)

LAYER_RETRY_SECONDS = 1.0


class Stopped(Exception):
    """The broadcaster stopped the channel: nothing more is read, and the run ends."""


async def read(
    public_id: str, *, joined: Callable[[], Awaitable[None]], take: Callable[[Mapping[str, Any]], Awaitable[None]]
) -> None:
    """Everything that reaches the channel comes through here. A layer that is away is waited for.

    `joined` is called whenever the inbox has been opened. Raises Stopped where `take` does.
    """
    layer: Any = get_channel_layer()
    while True:
        try:
            await _read(layer, push.inbox_group(public_id), joined, take)
        except (Stopped, asyncio.CancelledError):
            raise
        except Exception:
            log.exception("the inbox of %s failed and is opened again", public_id)
            await asyncio.sleep(LAYER_RETRY_SECONDS)


async def _read(
    layer: Any,
    group: str,
    joined: Callable[[], Awaitable[None]],
    take: Callable[[Mapping[str, Any]], Awaitable[None]],
) -> None:
    name = await push.heeded(layer.new_channel())
    try:
        await push.heeded(layer.group_add(group, name))
        await joined()
        while True:
            message = await layer.receive(name)
            await take(message["body"])
    finally:
        # Left in the group, the channel would go on filling up for as long as this process lives.
        await asyncio.shield(layer.group_discard(group, name))
