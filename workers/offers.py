"""What a channel's speech server offers, remembered for a while: a page asks each time it is opened."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

import httpx2
from django.core.cache import cache

from workers.voice import offers
from workers.voice.catalogue import FIRST_MAKER
from workers.voice.openai_speech import SpeechConfig

KEPT_SECONDS = 300
SILENT_SECONDS = 30
"""A server that is just being started is asked again soon."""


async def offered(config: SpeechConfig, http_client: httpx2.AsyncClient) -> tuple[str, ...] | None:
    """Names of the server's voices; empty where it tells none, None where nobody has to ask: they are published."""
    if urlsplit(config.base_url).hostname == FIRST_MAKER:
        return None
    asked = hashlib.sha256(f"{config.base_url}\n{config.model}\n{config.api_key}".encode()).hexdigest()
    kept = await cache.aget(key := f"voices:{asked}")
    if kept is None:
        kept = list(await offers.offered(config, http_client))
        await cache.aset(key, kept, KEPT_SECONDS if kept else SILENT_SECONDS)
    return tuple(kept)
