"""What one EventSub notification means for a channel. Pure: TwitchIO's payload in, a small frozen value out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import twitchio
from twitchio.models import eventsub_ as payloads

from channels_app import tips
from workers.pipeline.values import Chatter, EventKind, StreamEvent

ANONYMOUS = Chatter(id=tips.NOBODY["id"], name=tips.NOBODY["name"])
ANONYMOUS_CHEERER = "407665396"
"""Account under which Twitch writes anonymous cheers into chat."""
APP_BADGE = "bot-badge"
"""Worn by what was sent with an application's token: by us, or by another service's bot."""

MODERATORS = frozenset({"moderator", "lead_moderator"})
"""Badges of those who moderate the channel in which the line was written."""

Twin = tuple[str, ...]
"""What two notifications about the same thing have in common."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Something she may answer. `twin` is shared with the other notification about it, `line` tells the chat line."""

    broadcaster_id: str
    event: StreamEvent
    twin: Twin = ()
    line: bool = False
    redemption_id: str = ""
    reward_id: str = ""


@dataclass(frozen=True, slots=True)
class Deleted:
    broadcaster_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class ChatterCleared:
    """Timed out or banned."""

    broadcaster_id: str
    chatter_id: str
    at: float
    """Unix seconds of the order: what was written before is meant."""


@dataclass(frozen=True, slots=True)
class ChatCleared:
    broadcaster_id: str
    at: float


@dataclass(frozen=True, slots=True)
class StreamState:
    broadcaster_id: str
    online: bool


@dataclass(frozen=True, slots=True)
class Revoked:
    broadcaster_id: str
    subscription_id: str
    reason: str


Decoded = Arrived | Deleted | ChatterCleared | ChatCleared | StreamState | Revoked


def decode(payload: Any, *, senders: Collection[str] = ()) -> Decoded | None:
    """The payload's meaning; None for what nobody should hear. `senders` are accounts she writes in chat with."""
    match payload:
        case payloads.ChatMessage():
            return _chat_message(payload, senders)
        case payloads.ChatMessageDelete():
            return Deleted(payload.broadcaster.id, payload.message_id)
        case payloads.ChannelChatClearUserMessages():
            return ChatterCleared(payload.broadcaster.id, payload.user.id, _sent_at(payload))
        case payloads.ChannelChatClear():
            return ChatCleared(payload.broadcaster.id, _sent_at(payload))
        case payloads.StreamOnline():
            return StreamState(payload.broadcaster.id, online=True)
        case payloads.StreamOffline():
            return StreamState(payload.broadcaster.id, online=False)
        case payloads.SubscriptionRevoked():
            return Revoked(channel_of(payload), payload.id, payload.reason.value)
        case _:
            return _event(payload)


def is_chatter(payload: Any) -> bool:
    """Whether it is a line of chat nobody paid for."""
    return isinstance(payload, payloads.ChatMessage) and payload.cheer is None


def is_command(payload: Any, command: str) -> bool:
    """Whether a moderator of this very channel, or its broadcaster, wrote this command."""
    if not isinstance(payload, payloads.ChatMessage) or not command:
        return False
    if payload.source_broadcaster is not None and payload.source_broadcaster.id != payload.broadcaster.id:
        return False
    badges = {badge.set_id for badge in payload.badges}
    allowed = payload.chatter.id == payload.broadcaster.id or badges & MODERATORS
    return bool(allowed) and payload.text.split(maxsplit=1)[:1] != [] and payload.text.split()[0].casefold() == command


def channel_of(payload: Any) -> str:
    """Id of the broadcaster a payload is about."""
    if isinstance(payload, payloads.SubscriptionRevoked):
        condition: dict[str, Any] = dict(payload.raw["condition"])
        return str(condition.get("broadcaster_user_id") or condition.get("to_broadcaster_user_id") or "")
    who = payload.to_broadcaster if isinstance(payload, payloads.ChannelRaid) else payload.broadcaster
    return str(who.id)


def _event(payload: Any) -> Arrived | None:
    at = _sent_at(payload)
    where, event_id = channel_of(payload), str(payload.metadata.message_id)
    match payload:
        case payloads.ChannelCheer():
            chatter = _person(payload.user)
            key = ("cheer", chatter.id, str(payload.bits), payload.message.strip())
            text = _without_cheermotes(payload.message, payload.bits)
            return Arrived(where, StreamEvent(event_id, EventKind.CHEER, chatter, text, at, amount=payload.bits), key)
        case payloads.ChannelSubscribe():
            if payload.gift:  # the gift itself is told once, by its giver's notification
                return None
            return Arrived(where, _subscribed(event_id, payload, "", at))
        case payloads.ChannelSubscriptionMessage():
            return Arrived(where, _subscribed(event_id, payload, payload.text, at))
        case payloads.ChannelSubscriptionGift():
            gift = StreamEvent(
                event_id, EventKind.GIFT, _person(payload.user), "", at, amount=payload.total, title=_tier(payload.tier)
            )
            return Arrived(where, gift)
        case payloads.ChannelRaid():
            raider = _person(payload.from_broadcaster)
            return Arrived(where, StreamEvent(event_id, EventKind.RAID, raider, "", at, amount=payload.viewer_count))
        case payloads.ChannelFollow():
            return Arrived(where, StreamEvent(event_id, EventKind.FOLLOW, _person(payload.user), "", at))
        case payloads.ChannelPointsRedemptionAdd():
            chatter, reward = _person(payload.user), payload.reward
            key = ("redemption", chatter.id, str(reward.id), payload.user_input.strip())
            text, title = _one_line(payload.user_input), str(reward.title or "")
            event = StreamEvent(f"redemption-{payload.id}", EventKind.REDEMPTION, chatter, text, at, title=title)
            return Arrived(where, event, key, redemption_id=payload.id, reward_id=str(reward.id))
    return None


def _chat_message(payload: payloads.ChatMessage, senders: Collection[str]) -> Arrived | None:
    badges = {badge.set_id for badge in payload.badges}
    if payload.chatter.id in senders or APP_BADGE in badges:
        return None
    if payload.source_broadcaster is not None and payload.source_broadcaster.id != payload.broadcaster.id:
        # Shared chat: written in another channel, where neither our moderators nor the broadcaster's rules reach.
        return None
    anonymous = payload.chatter.id == ANONYMOUS_CHEERER
    chatter = Chatter(
        id=payload.chatter.id,
        name=payload.chatter.display_name or payload.chatter.name or "",
        is_broadcaster=payload.chatter.id == payload.broadcaster.id,
        is_moderator=bool(badges & MODERATORS),
        is_subscriber=bool(badges & {"subscriber", "founder"}),
        is_vip="vip" in badges,
        is_first_time=payload.type == "user_intro",
    )
    bits = payload.cheer.bits if payload.cheer else 0
    text = _spoken_text(payload)
    if not text and not bits:
        return None
    event = StreamEvent(
        id=payload.id,
        kind=EventKind.CHEER if bits else EventKind.MESSAGE,
        chatter=ANONYMOUS if anonymous else chatter,
        text=text,
        at=_sent_at(payload),
        amount=bits,
        reply_to_character=payload.reply is not None and payload.reply.parent_user.id in senders,
        to_somebody=payload.reply is not None or any(part.type == "mention" for part in payload.fragments),
        emote_only=_only_emotes(payload),
    )
    twin: Twin = ()
    if bits:
        twin = ("cheer", event.chatter.id, str(bits), payload.text.strip())
    elif payload.channel_points_id:
        twin = ("redemption", chatter.id, payload.channel_points_id, payload.text.strip())
    return Arrived(payload.broadcaster.id, event, twin, line=True, reward_id=payload.channel_points_id or "")


def _spoken_text(payload: payloads.ChatMessage) -> str:
    """The line as one would say it: names without @, no cheermotes, and not the name a reply begins with."""
    parts: list[str] = []
    for fragment in payload.fragments:
        match fragment.type:
            case "cheermote" | "gif":
                continue
            case "mention":
                if payload.reply and not "".join(parts).strip() and fragment.mention == payload.reply.parent_user:
                    continue
                name = fragment.mention.display_name if fragment.mention else None
                parts.append(name or fragment.text.removeprefix("@"))
            case _:
                parts.append(fragment.text)
    return _one_line("".join(parts))


def _only_emotes(payload: payloads.ChatMessage) -> bool:
    seen = [fragment.type for fragment in payload.fragments if fragment.text.strip()]
    return bool(seen) and set(seen) == {"emote"}


def _subscribed(
    event_id: str, payload: payloads.ChannelSubscribe | payloads.ChannelSubscriptionMessage, text: str, at: float
) -> StreamEvent:
    who, title = _person(payload.user), _tier(payload.tier)
    return StreamEvent(event_id, EventKind.SUB, who, _one_line(text), at, title=title)


def _person(user: twitchio.PartialUser | None) -> Chatter:
    return Chatter(id=user.id, name=user.display_name or user.name or "") if user is not None else ANONYMOUS


def _sent_at(payload: Any) -> float:
    return float(payload.metadata.message_timestamp.timestamp())


def _tier(tier: str) -> str:
    return f"Tier {tier[0]}"


def _without_cheermotes(text: str, bits: int) -> str:
    """The text of a cheer, where Twitch does not say which words are cheermotes: words with a number in them, in all
    as many as were cheered."""
    words, left = [], bits
    for word in text.split():
        digits = word[len(word.rstrip("0123456789")) :]
        if digits and word != digits and 0 < int(digits) <= left:
            left -= int(digits)
        else:
            words.append(word)
    return " ".join(words)


def _one_line(text: str) -> str:
    return " ".join(text.split())
