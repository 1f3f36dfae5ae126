"""Which EventSub subscriptions a channel needs, and what one that Twitch names is for. Pure.

A set of kinds is a number with one bit for each, in the order of `KINDS`: ten thousand channels, ten thousand numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from channels_app.twitch.helix import Subscription
from channels_app.twitch.scopes import CHAT

MESSAGES = "channel.chat.message"
REDEMPTIONS = "channel.channel_points_custom_reward_redemption.add"


def _of(broadcaster: str) -> dict[str, str]:
    return {"broadcaster_user_id": broadcaster}


def _as_reader(broadcaster: str) -> dict[str, str]:
    return {"broadcaster_user_id": broadcaster, "user_id": broadcaster}


def _as_moderator(broadcaster: str) -> dict[str, str]:
    return {"broadcaster_user_id": broadcaster, "moderator_user_id": broadcaster}


def _to(broadcaster: str) -> dict[str, str]:
    return {"to_broadcaster_user_id": broadcaster}


@dataclass(frozen=True, slots=True)
class Kind:
    type: str
    version: str
    scopes: frozenset[str]
    condition: Callable[[str], dict[str, str]]


KINDS = (
    Kind(MESSAGES, "1", frozenset(CHAT), _as_reader),
    Kind("channel.chat.message_delete", "1", frozenset(CHAT), _as_reader),
    # Tells of bans and timeouts with chat's own scope; `channel.ban` would need the right to moderate.
    Kind("channel.chat.clear_user_messages", "1", frozenset(CHAT), _as_reader),
    Kind("channel.chat.clear", "1", frozenset(CHAT), _as_reader),
    Kind("channel.cheer", "1", frozenset({"bits:read"}), _of),
    Kind("channel.subscribe", "1", frozenset({"channel:read:subscriptions"}), _of),
    Kind("channel.subscription.message", "1", frozenset({"channel:read:subscriptions"}), _of),
    Kind("channel.subscription.gift", "1", frozenset({"channel:read:subscriptions"}), _of),
    Kind("channel.follow", "2", frozenset({"moderator:read:followers"}), _as_moderator),
    Kind(REDEMPTIONS, "1", frozenset({"channel:read:redemptions"}), _of),
    Kind("channel.raid", "1", frozenset(), _to),
    Kind("stream.online", "1", frozenset(), _of),
    Kind("stream.offline", "1", frozenset(), _of),
)

ALL = (1 << len(KINDS)) - 1
CHAT_FIRST = 1
"""A channel that starts should hear its first line soon."""
TAKEN_BACK = 0b1110
"""Deletions, timeouts and a cleared chat: without them what moderators take back would be answered."""
NUMBER = {kind.type: number for number, kind in enumerate(KINDS)}


def allowed(scopes: Collection[str]) -> int:
    """Kinds that these permissions are enough for."""
    given = set(scopes)
    return sum(1 << number for number, kind in enumerate(KINDS) if kind.scopes <= given)


def bits(kinds: int) -> Iterator[int]:
    """Numbers of the kinds in a set, the most needed first."""
    while kinds:
        lowest = kinds & -kinds
        yield lowest.bit_length() - 1
        kinds ^= lowest


def place(found: Subscription) -> tuple[str, int] | None:
    """Broadcaster and number of the kind; None for what we never ask for."""
    number = NUMBER.get(found.type)
    condition = dict(found.condition)
    broadcaster = condition.get("broadcaster_user_id") or condition.get("to_broadcaster_user_id") or ""
    if number is None or condition != KINDS[number].condition(broadcaster):
        return None
    return broadcaster, number
