"""Writes as a chatter into a channel's inbox: the dashboard's talk box, the command line, the simulated chat."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from channels_app import paid, push, tips, viewer_rights
from channels_app.models import Channel, DesiredState

KINDS = ("message", "cheer", "sub", "gift", "raid", "follow", "redemption", "tip", "say")
PAID_KINDS = frozenset({"cheer", "sub", "gift", "redemption", "tip"})
NEED_TEXT = frozenset({"message", "say"})


class UnknownKindError(ValueError):
    """No such kind of event."""


def why_nobody(channel: Channel) -> str:
    """Why nobody would answer a line now, in the reader's language; "" where somebody would."""
    if channel.panic_since is not None:
        return _("She is silenced, so nobody would answer. Lift the silence first.")
    if channel.desired_state != DesiredState.RUNNING:
        return _("She is not live, so nobody would answer. Start her first.")
    return ""


def say_as(channel: Channel, name: str, text: str, kind: str = "message", amount: int = 0) -> str:
    """One event by a chatter called `name`, as if it came from Twitch. Returns the event's id.

    `amount` is bits, gifted subs, raiders, or the US dollars of a tip. Raises UnknownKindError. Paid kinds become a row
    first, so that they outlive whatever happens next.
    """
    if kind not in KINDS:
        raise UnknownKindError(f"{kind} is not one of {', '.join(KINDS)}.")
    # The same name is always the same chatter.
    chatter = {"id": f"typed-{name.strip().lower()}"[:64], "name": name.strip()}
    event: dict[str, Any] = {
        "id": f"typed-{uuid.uuid4().hex}",
        "kind": kind,
        "chatter": chatter,
        "text": text.strip(),
        "at": time.time(),
        "amount": amount,
        "paid_id": None,
    }
    if kind == "message" and (right := viewer_rights.right_in(text)):
        viewer_rights.obey(channel, right, chatter["id"], chatter["name"])
        return str(event["id"])
    if kind == tips.KIND:
        event |= tips.as_event(tips.Tip(max(1, amount) * tips.MICROS, "USD", text=text.strip()))
    if kind in PAID_KINDS:
        event = paid.store(channel, event)
    transaction.on_commit(lambda: push.inbox_now(channel, {"t": "event", "event": event}), robust=True)
    return str(event["id"])
