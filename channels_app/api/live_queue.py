"""Asks a channel's run who waits for her, as an open dashboard does, and takes its first answer."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from channels_app import push
from channels_app.models import Channel, DesiredState

log = logging.getLogger(__name__)

ANSWER_SECONDS = 1.5
"""A run tells what changed twice a second."""
PARTS = ("now", "drafts", "held", "waiting")


def ask(channel: Channel) -> dict[str, Any]:
    """now, drafts, held, waiting, more, and whether anybody answered (`live`)."""
    told = async_to_sync(_told)(channel.public_id) if channel.desired_state == DesiredState.RUNNING else None
    found = told or {}
    return {
        "live": told is not None,
        **{part: list(found.get(part, [])) for part in PARTS},
        "more": int(found.get("more", 0)),
    }


async def _told(public_id: str) -> dict[str, Any] | None:
    layer: Any = get_channel_layer()
    group = push.dashboard_group(public_id)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            name = await push.heeded(layer.new_channel())
            try:
                await push.heeded(layer.group_add(group, name))
                await push.inbox(public_id, {"t": "queue"})
                while True:
                    body: dict[str, Any] = (await layer.receive(name)).get("body", {})
                    if body.get("t") == "queue":
                        return body
            finally:
                await layer.group_discard(group, name)
    except TimeoutError:
        return None
    except Exception as error:
        # Redis is away, and its exceptions are not ours to name here.
        log.warning("the queue could not be asked for (%s)", type(error).__name__)
        return None
