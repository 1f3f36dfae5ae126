"""What the safety rules say of text that members bring in. The rules stand in an upper room, which listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from channels_app.models import Channel
from channels_app.signals import text_offered


@dataclass(frozen=True, slots=True)
class Objection:
    """The rule that a text breaks on a channel."""

    rule: str
    words: str
    """What of the text broke it, and how it was hidden."""
    is_hard: bool
    """Whether no channel may choose to let it pass."""


def objection(channel: Channel, text: str) -> Objection | None:
    """What the channel's rules object to in the text, what is harder before what is milder; None where it passes."""
    # The types of Django's signals know of no answers but text.
    answers: list[tuple[Any, Any]] = text_offered.send(Channel, channel=channel, text=text)
    found: list[Objection] = [answer for _receiver, answer in answers if answer is not None]
    return max(found, key=lambda each: each.is_hard, default=None)
