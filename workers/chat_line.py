"""Answers in chat who asked there: what she is, what she remembers. Where that is not allowed she says it aloud."""

from __future__ import annotations

import logging
from collections.abc import Callable

from channels_app.models import Channel
from channels_app.twitch import chat
from channels_app.twitch.helix import TwitchError

log = logging.getLogger(__name__)


def write(alive: Callable[[], bool], channel_pk: int, text: str) -> bool:
    """Whether the line now stands in the channel's chat. A run whose lease is over, as `alive` tells, writes none."""
    channel = Channel.objects.filter(pk=channel_pk).first()
    if channel is None or not chat.may_write(channel):
        return False
    try:
        # Last of all: the database may have kept us waiting for longer than the lease lasts.
        return alive() and chat.write(channel, text)
    except TwitchError as error:
        log.warning("a line could not be written into chat: %s", error)
        return False
