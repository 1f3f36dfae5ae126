"""What crosses between processes: into a channel's inbox, out to its dashboard, out to its overlays.

Redis may be away at any moment; what is lost here is repeated (presence, state) or stands in a row (paid events).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, TypeVar

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from channels_app.models import Channel

log = logging.getLogger(__name__)

Body = dict[str, Any]
T = TypeVar("T")


def inbox_group(public_id: str) -> str:
    return f"inbox.{public_id}"


def overlay_group(public_id: str) -> str:
    return f"overlay.{public_id}"


def dashboard_group(public_id: str) -> str:
    return f"dashboard.{public_id}"


async def heeded(work: Awaitable[T]) -> T:
    """What the layer answers. Raises CancelledError where the task was cancelled meanwhile.

    redis-py writes through `asyncio.wait_for`, which before Python 3.12 forgets a cancellation that comes just as it
    ends. A turn that is cut off sends sound nearly all the time: it would often go on to speak.
    """
    task = asyncio.current_task()
    cancelled_before = task.cancelling() if task else 0
    answer = await work
    if task and task.cancelling() > cancelled_before:
        raise asyncio.CancelledError
    return answer


async def send(group: str, message: Body) -> bool:
    """Hands a message to a group; False (and one log line) when the layer is away. A cancelled task sends no more."""
    return await heeded(_try(group, message))


async def _try(group: str, message: Body) -> bool:
    layer: Any = get_channel_layer()
    try:
        await layer.group_send(group, message)
    except (OSError, ConnectionError) as error:
        log.warning(
            "channel layer away, a %s message was not delivered (%s)", group.split(".", 1)[0], type(error).__name__
        )
        return False
    except Exception as error:
        # redis-py has exceptions of its own that are no OSError; its module is not ours to import here.
        log.warning(
            "channel layer failed, a %s message was not delivered (%s)", group.split(".", 1)[0], type(error).__name__
        )
        return False
    return True


async def inbox(public_id: str, body: Body) -> bool:
    """Into the run's inbox.

    Bodies have a `t`: event, deleted, chatter_cleared, chat_cleared, forgotten, right, memory, ack, heard, missing,
    dropped, overlay, command, paid, queue.
    """
    return await send(inbox_group(public_id), {"type": "inbox.message", "body": body})


async def dashboard(public_id: str, body: Body) -> bool:
    """To everybody who has the channel's dashboard open. Bodies have a `t`: state, turn, overlay, notice, queue,
    decided."""
    return await send(dashboard_group(public_id), {"type": "dashboard.message", "body": body})


async def overlay_control(public_id: str, body: Body) -> bool:
    """To the consumers of the channel's overlays, not to the pages. `t`: revoked, config, suspended, owner, test."""
    return await send(overlay_group(public_id), {"type": "overlay.control", "body": body})


def inbox_now(channel: Channel, body: Body) -> bool:
    return bool(async_to_sync(inbox)(channel.public_id, body))


def dashboard_now(channel: Channel, body: Body) -> bool:
    return bool(async_to_sync(dashboard)(channel.public_id, body))


def overlay_control_now(channel: Channel, body: Body) -> bool:
    return bool(async_to_sync(overlay_control)(channel.public_id, body))


async def panic_frame(public_id: str) -> bool:
    """Silence at the overlays without asking the run: works while worker and database are stuck."""
    return await send(overlay_group(public_id), {"type": "overlay.silence"})


def panic_frame_now(channel: Channel) -> bool:
    return bool(async_to_sync(panic_frame)(channel.public_id))
