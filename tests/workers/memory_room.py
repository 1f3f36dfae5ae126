"""A channel's memory in a test: turns that were heard, a model on loopback that takes notes, and what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.utils import timezone

from channels_app import actions
from channels_app.models import Channel, Turn
from tests import factories
from workers import records, wiring
from workers.remembering import LEARN_SECONDS, Remembering

PATIENCE = 20.0
"""A busy machine is no fault of her memory."""
NAMES = {"44": "Dora", "45": "Boris", "46": "Mallory"}


def heard(channel: Channel, text: str, chatter: str = "44", **fields: Any) -> Turn:
    """A turn of one chatter that was spoken and heard."""
    message = fields.pop("event_id", f"m-{time.monotonic_ns()}")
    values: dict[str, Any] = {
        "asked": text,
        "heard": "How nice!",
        "said": "How nice!",
        "event_id": message,
        "chatter_id": chatter,
        "chatter_name": NAMES.get(chatter, chatter),
        "answered": Turn.barred(message, chatter),
        "ended_at": timezone.now(),
        "heard_at": timezone.now(),
    } | fields
    return factories.turn(channel, **values)


def notes(summary: str = "", facts: Sequence[tuple[int, str]] = ()) -> str:
    """A model's answer."""
    return json.dumps({"summary": summary, "facts": [{"line": line, "fact": fact} for line, fact in facts]})


async def remembering(
    channel: Channel, *, later: float = LEARN_SECONDS + 1, now: Callable[[], float] | None = None
) -> Remembering:
    """The memory of the channel as a run has it, so many seconds from now or by a clock of its own."""
    facts = await sync_to_async(_facts)(channel)
    return Remembering(facts, wiring.gate_for(facts), now or (lambda: time.time() + later), patience=PATIENCE)


def _facts(channel: Channel) -> records.ChannelFacts:
    actions.start(channel, acting_user=None)
    return records.load(channel.public_id)
