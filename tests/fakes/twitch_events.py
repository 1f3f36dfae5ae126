"""EventSub event bodies as Twitch writes them, from plain arguments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tests.fakes.twitch_world import Account

CHEERMOTE = re.compile(r"^(Cheer|Kappa)(\d+)$")
EMOTES = frozenset({"Kappa", "LUL", "PogChamp"})
MOMENT = "2026-11-01T12:00:00.000000Z"

Body = dict[str, Any]


def _fragment(kind: str, text: str, **parts: Body) -> Body:
    return {"type": kind, "text": text, "cheermote": None, "emote": None, "mention": None} | parts


def fragments(text: str, people: dict[str, Account]) -> list[Body]:
    """Splits a line as Twitch does: cheermotes, known emotes, mentions of known accounts, text between them."""
    parts: list[Body] = []
    for piece in re.split(r"(\s+)", text):
        cheer = CHEERMOTE.match(piece)
        if cheer:
            mote = {"prefix": cheer[1].lower(), "bits": int(cheer[2]), "tier": 1}
            parts.append(_fragment("cheermote", piece, cheermote=mote))
        elif piece in EMOTES:
            parts.append(_fragment("emote", piece, emote={"id": "25", "emote_set_id": "0", "owner_id": "0"}))
        elif piece.startswith("@") and piece[1:].lower() in people:
            parts.append(_fragment("mention", piece, mention=people[piece[1:].lower()].as_user()))
        elif parts and parts[-1]["type"] == "text":
            parts[-1]["text"] += piece
        elif piece:
            parts.append(_fragment("text", piece))
    return parts


def badge(set_id: str) -> Body:
    return {"set_id": set_id, "id": "1", "info": ""}


def chat_message(
    channel: Account,
    chatter: Account,
    text: str,
    message_id: str,
    people: dict[str, Account],
    *,
    badges: Sequence[str] = (),
    reply_to: Account | None = None,
    bits: int = 0,
    reward_id: str | None = None,
    source: Account | None = None,
) -> Body:
    reply = None
    if reply_to is not None:
        reply = {
            "parent_message_id": "parent", "parent_message_body": "hello", "thread_message_id": "parent",
            **reply_to.prefixed("parent"), **reply_to.prefixed("thread"),
        }  # fmt: skip
    worn = [*badges, *(["broadcaster"] if chatter.id == channel.id else [])]
    return {
        **channel.prefixed("broadcaster"),
        **chatter.prefixed("chatter"),
        "message_id": message_id,
        "message": {"text": text, "fragments": fragments(text, people)},
        "message_type": "text",
        "color": "#9ACD32",
        "badges": [badge(name) for name in worn],
        "cheer": {"bits": bits} if bits else None,
        "reply": reply,
        "channel_points_custom_reward_id": reward_id,
        "channel_points_animation_id": None,
        **(source.prefixed("source_broadcaster") if source else dict.fromkeys(
            ("source_broadcaster_user_id", "source_broadcaster_user_login", "source_broadcaster_user_name")
        )),
        "source_message_id": "source" if source else None,
        "source_badges": [] if source else None,
        "is_source_only": False if source else None,
    }  # fmt: skip


def message_delete(channel: Account, chatter: Account, message_id: str) -> Body:
    return {**channel.prefixed("broadcaster"), **chatter.prefixed("target"), "message_id": message_id}


def clear_user_messages(channel: Account, chatter: Account) -> Body:
    return {**channel.prefixed("broadcaster"), **chatter.prefixed("target")}


def ban(channel: Account, chatter: Account, *, seconds: int | None) -> Body:
    return {
        **channel.prefixed("broadcaster"), **chatter.as_user(), **channel.prefixed("moderator"), "reason": "",
        "banned_at": MOMENT, "ends_at": MOMENT if seconds else None, "is_permanent": seconds is None,
    }  # fmt: skip


def _maybe(chatter: Account | None) -> Body:
    return chatter.as_user() if chatter else {"user_id": None, "user_login": None, "user_name": None}


def cheer(channel: Account, chatter: Account | None, bits: int, text: str) -> Body:
    return {
        **channel.prefixed("broadcaster"), **_maybe(chatter), "is_anonymous": chatter is None,
        "message": text, "bits": bits,
    }  # fmt: skip


def subscribe(channel: Account, chatter: Account, tier: str, *, gift: bool = False) -> Body:
    return {**channel.prefixed("broadcaster"), **chatter.as_user(), "tier": tier, "is_gift": gift}


def subscription_message(channel: Account, chatter: Account, tier: str, text: str, months: int) -> Body:
    return {
        **channel.prefixed("broadcaster"), **chatter.as_user(), "tier": tier,
        "message": {"text": text, "emotes": None}, "cumulative_months": months, "streak_months": None,
        "duration_months": 1,
    }  # fmt: skip


def subscription_gift(channel: Account, chatter: Account | None, tier: str, total: int) -> Body:
    return {
        **channel.prefixed("broadcaster"), **_maybe(chatter), "is_anonymous": chatter is None, "tier": tier,
        "total": total, "cumulative_total": None,
    }  # fmt: skip


def raid(channel: Account, raider: Account, viewers: int) -> Body:
    return {**raider.prefixed("from_broadcaster"), **channel.prefixed("to_broadcaster"), "viewers": viewers}


def follow(channel: Account, chatter: Account) -> Body:
    return {**channel.prefixed("broadcaster"), **chatter.as_user(), "followed_at": MOMENT}


def redemption(
    channel: Account, chatter: Account, redemption_id: str, *, title: str, reward_id: str, text: str, cost: int
) -> Body:
    return {
        **channel.prefixed("broadcaster"), **chatter.as_user(), "id": redemption_id, "user_input": text,
        "status": "unfulfilled", "redeemed_at": MOMENT,
        "reward": {"id": reward_id, "title": title, "cost": cost, "prompt": ""},
    }  # fmt: skip


def stream_online(channel: Account, stream_id: str) -> Body:
    return {**channel.prefixed("broadcaster"), "id": stream_id, "type": "live", "started_at": MOMENT}


def stream_offline(channel: Account, stream_id: str) -> Body:
    return {**channel.prefixed("broadcaster"), "id": stream_id}
