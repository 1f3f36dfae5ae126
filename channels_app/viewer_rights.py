"""What any chatter may ask of her memory in chat, at every door that chat comes in by: she need not be live for it.

Such a line is obeyed and goes no further: it is never answered by the brain.
"""

from __future__ import annotations

import contextlib
import enum

from django.core.cache import cache
from django.db import DatabaseError

from channels_app import forgetting, privacy, push
from channels_app.models import Channel
from channels_app.privacy import Chatter

PAUSE = 20
"""Seconds before the same chatter is obeyed again with the same command."""


class Right(enum.StrEnum):
    """What a chatter may ask."""

    FORGET = "forget"
    NO_MEMORY = "no-memory"
    MEMORY = "memory"
    KNOW = "know"


COMMANDS = {
    "!forgetme": Right.FORGET,
    "!забудьменя": Right.FORGET,
    "!nomemory": Right.NO_MEMORY,
    "!безпамяти": Right.NO_MEMORY,
    "!memory": Right.MEMORY,
    "!память": Right.MEMORY,
    "!whatdoyouknow": Right.KNOW,
    "!чтотызнаешь": Right.KNOW,
}


def right_in(text: str) -> Right | None:
    """The command a line begins with, None where it is none of these."""
    first, _, _ = text.strip().partition(" ")
    return COMMANDS.get(first.casefold())


def obey(channel: Channel, right: Right, chatter_id: str, name: str) -> bool:
    """Does what the chatter asks, and has a live run say so. False where the same was asked a moment ago."""
    mark = f"right:{right.value}:{forgetting.digest(channel, chatter_id)}"
    if _too_soon(mark):
        return False
    try:
        match right:
            case Right.FORGET:
                privacy.erase_chatter(channel, Chatter(chatter_id, frozenset({name.lower()})))
            case Right.NO_MEMORY:
                forgetting.opt_out(channel, chatter_id)
            case Right.MEMORY:
                forgetting.opt_in(channel, chatter_id)
    except DatabaseError:
        # Whoever calls tries again, and must then be obeyed.
        _take_off(mark)
        raise
    push.inbox_now(channel, {"t": "right", "right": right.value, "chatter": {"id": chatter_id, "name": name}})
    return True


def _too_soon(mark: str) -> bool:
    try:
        return not cache.add(mark, 1, PAUSE)
    except Exception:
        return False  # Redis is away: better once too often than not at all


def _take_off(mark: str) -> None:
    with contextlib.suppress(Exception):
        cache.delete(mark)
