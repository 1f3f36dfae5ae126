"""What speech models cost and until when they can be had: the list in `prices.toml`."""

from __future__ import annotations

import datetime
import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.pipeline.values import Price, Rate


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars for 1,000 characters, with who says so and when it was read there (year and month)."""

    per_1000_chars: float
    source: str
    seen: str
    """Empty where it is not from a list."""
    exact: bool = True
    """False where the provider bills something else, such as tokens of sound, and says what that about comes to."""
    what: str = ""
    """Such as "tts-1 at api.openai.com"."""
    since: str = ""
    """ISO date of the first day it holds."""

    @property
    def price(self) -> Price:
        micros = self.per_1000_chars * 1000
        rate = Rate(self.what, self.since, (micros,)) if micros else None
        return Price(micros, self.exact, rate=rate)


FREE = Cost(0.0, "", "")
"""It runs on our own machine."""
SET_HERE = "set by whoever runs this site"
"""Source of a price that is in no list."""
UNKNOWN = Price(exact=False, known=False)


def cost(host: str, model: str, on: datetime.date | None = None) -> Cost | None:
    """What a hosted model costs there on a day (UTC; today without one), None when unknown."""
    day = on or datetime.datetime.now(datetime.UTC).date()
    return next((known for since, known in _costs().get((host, model), ()) if since <= day), None)


def last_day(host: str, model: str) -> datetime.date | None:
    """The day the provider switches the model off, None when none is announced."""
    endings = ((row["host"], name, row["on"]) for row in _table()["ending"] for name in row["names"])
    return next((on for known_host, name, on in endings if (known_host, name) == (host, model)), None)


def models() -> frozenset[str]:
    """Names of all models in the list, whoever serves them."""
    return frozenset(name for _host, name in _costs())


def sources() -> frozenset[str]:
    """Who says what the voices cost."""
    return frozenset({SET_HERE}) | frozenset(known.source for costs in _costs().values() for _since, known in costs)


@functools.cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(Path(__file__).with_name("prices.toml").read_text(encoding="utf-8"))


@functools.cache
def _costs() -> dict[tuple[str, str], list[tuple[datetime.date, Cost]]]:
    """Each model's costs, the newest first."""
    found: dict[tuple[str, str], list[tuple[datetime.date, Cost]]] = {}
    for row in _table()["voice"]:
        host, name, since = row["host"], row["name"], row["since"]
        known = Cost(
            row["per_1000_characters"], row["source"], row["seen"], row["exact"], f"{name} at {host}", since.isoformat()
        )
        found.setdefault((host, name), []).append((since, known))
    for costs in found.values():
        costs.sort(key=lambda entry: entry[0], reverse=True)
    return found
