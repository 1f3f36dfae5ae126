"""What memory gives an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recalled:
    """What she remembers that may matter for one answer. All of it is other people's words."""

    summary: str = ""
    """What the stream has been about."""
    chatter: tuple[str, ...] = ()
    """Facts about whom she answers, what matters most first."""
    channel: tuple[str, ...] = ()
    """Facts about the channel, likewise."""
