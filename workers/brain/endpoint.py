"""Where a language model is asked, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where a brain asks. `key` never appears in its repr."""

    base_url: str
    key: str = field(repr=False)
    model: str
    is_own: bool = False
    """A server of whoever runs it: nobody asks money for it."""

    @property
    def host(self) -> str:
        """Host name, empty where the base URL has none. Raises ValueError on an address that is none."""
        return urlsplit(self.base_url).hostname or ""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. `first_token` covers connecting and a retry too; `total` the whole reply."""

    first_token: float = 6.0
    between_tokens: float = 4.0
    total: float = 30.0
