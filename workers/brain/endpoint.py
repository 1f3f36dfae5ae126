"""Where a language model is asked, and how long it may take."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from workers.brain import catalogue
from workers.brain.catalogue import Price, TokenCount
from workers.pipeline.values import Usage

API = Literal["chat", "responses"]
"""Which of OpenAI's two APIs is spoken: Chat Completions, which everybody has, or Responses."""


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where a brain asks. `key` never appears in its repr."""

    base_url: str
    key: str = field(repr=False)
    model: str
    is_own: bool = False
    """A server of whoever runs it: nobody asks money for it."""
    api: API = "chat"
    price: Price | None = None
    """What it asks, where whoever set it up knows better than the catalogue."""
    of_member: bool = False
    """The channel brought it, and pays it."""

    @property
    def host(self) -> str:
        """Host name, empty where the base URL has none. Raises ValueError on an address that is none."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def known_price(self) -> Price | None:
        """What it asks as far as anybody knows: who set it up, or the catalogue."""
        if self.price is not None:
            return self.price
        return catalogue.FREE if self.is_own else catalogue.price(self.host, self.model)

    def metered(self, count: TokenCount, *, exact: bool) -> Usage:
        """What so many tokens cost here."""
        return catalogue.metered(count, self.known_price, exact=exact, own=self.of_member)

    @property
    def place(self) -> str:
        """What is learned of an endpoint is learned of its base URL and API together. A digest: it is written down."""
        return hashlib.sha256(f"{self.api} {self.base_url}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. `first_token` covers connecting and a retry too; `total` the whole reply."""

    first_token: float = 6.0
    between_tokens: float = 4.0
    total: float = 30.0
