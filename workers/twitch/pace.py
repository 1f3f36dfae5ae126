"""How often what happens in the gateway, and who waits for whom where Twitch counts requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from channels_app.twitch.budget import Budget

Sleep = Callable[[float], Awaitable[None]]

LONGEST_WAIT = 5.0
"""Seconds after which the budget is looked at again: another answer may have told better."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often what happens, in seconds."""

    look: float = 2.0
    """Which channels run now."""
    reconcile: float = 60.0
    """Twitch's own list of subscriptions, and of shards, against ours; a long list takes longer."""
    page: float = 2.0
    """Between two pages of that list: of 130,000 subscriptions there are 1300, and the application has 800 requests a
    minute."""
    streams: float = 60.0
    """Who is on air; ten thousand channels take longer."""
    streams_page: float = 1.5
    """Between two hundreds of channels."""
    watch: float = 5.0
    silence: float = 30.0
    """A socket is dead when no frame came for so long: Twitch sends a keepalive every 10 s."""
    connect: float = 10.0
    overlap: float = 1.0
    """How long the old client still reads what was already on its way."""
    retry: float = 1.0
    longest_retry: float = 15.0


async def afford(budget: Budget, share: float, sleep: Sleep = asyncio.sleep) -> None:
    """Returns when a request may be made that leaves this share of the bucket to the others."""
    while (wait := budget.wait(share)) > 0:
        await sleep(min(wait, LONGEST_WAIT))
