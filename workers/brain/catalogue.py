"""What is known about chat models: price and last day; and a token estimate where a provider sends no figures."""

from __future__ import annotations

import datetime
import functools
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.pipeline.values import Rate, Usage

CHARACTERS_PER_TOKEN = 3.9
"""English on the o200k vocabulary, measured."""
CYRILLIC_CHARACTERS_PER_TOKEN = 3.0
MESSAGE_OVERHEAD = 4
"""Tokens each message costs beside its text."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, which is the same number as micros per token."""

    input: float
    cached: float
    write: float
    output: float
    what: str = ""
    """Such as "gpt-6-luna at api.openai.com"; empty where whoever runs the site set it."""
    since: str = ""
    """ISO date of the first day it holds."""

    @property
    def rate(self) -> Rate:
        return Rate(self.what, self.since, (self.input, self.cached, self.write, self.output))


FREE = Price(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens of one reply. `cached` and `written` are parts of `prompt`."""

    prompt: int
    completion: int
    cached: int = 0
    written: int = 0


def price(host: str, model: str, on: datetime.date | None = None) -> Price | None:
    """The price of a model at a provider's host name on a day (UTC; today without one), None when unknown."""
    day = on or datetime.datetime.now(datetime.UTC).date()
    return next((known for since, known in _prices().get((host, model), ()) if since <= day), None)


def last_day(host: str, model: str) -> datetime.date | None:
    """The day the provider switches the model off, None when none is announced."""
    return _endings().get((host, model))


def lasting(host: str, day: datetime.date) -> str:
    """The first model of this host in the list that is there after that day, "" when none is known."""
    names = (name for known_host, name in _prices() if known_host == host)
    return next((name for name in names if (last_day(host, name) or datetime.date.max) > day), "")


def metered(count: TokenCount, known: Price | None, *, exact: bool, own: bool = False) -> Usage:
    """The usage with its cost. Without a price the cost is 0 and the usage is not exact. `own`: the channel's own
    provider asks it."""
    cost = 0.0
    if known is not None:
        fresh = max(0, count.prompt - count.cached - count.written)
        cost = fresh * known.input + count.cached * known.cached
        cost += count.written * known.write + count.completion * known.output
    # To the nearest: over a day, rounding up would add half a percent to the bill.
    micros = round(cost)
    return Usage(
        prompt_tokens=count.prompt,
        completion_tokens=count.completion,
        cost_micros=micros,
        exact=exact and known is not None,
        priced=known is not None,
        cached_tokens=min(count.cached, count.prompt),
        own_micros=micros if own else 0,
        rates=(known.rate,) if known is not None and known != FREE else (),
    )


def estimate_tokens(text: str) -> int:
    """About how many tokens the text is; at least 1 for any text."""
    cyrillic = sum("\u0400" <= character <= "\u04ff" for character in text)
    return math.ceil(cyrillic / CYRILLIC_CHARACTERS_PER_TOKEN + (len(text) - cyrillic) / CHARACTERS_PER_TOKEN)


@functools.cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))


@functools.cache
def _prices() -> dict[tuple[str, str], list[tuple[datetime.date, Price]]]:
    """Each model's prices, the newest first."""
    found: dict[tuple[str, str], list[tuple[datetime.date, Price]]] = {}
    for row in _table()["model"]:
        what, since = f"{row['name']} at {row['host']}", row["since"]
        known = Price(row["input"], row["cached"], row["write"], row["output"], what, since.isoformat())
        found.setdefault((row["host"], row["name"]), []).append((since, known))
    for prices in found.values():
        prices.sort(key=lambda entry: entry[0], reverse=True)
    return found


@functools.cache
def _endings() -> dict[tuple[str, str], datetime.date]:
    return {(row["host"], name): row["on"] for row in _table()["ending"] for name in row["names"]}
