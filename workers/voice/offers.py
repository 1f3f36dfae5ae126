"""The voices a speech server says it has: asked shortly, believed as names and as nothing else."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import httpx2

from workers.voice import piper
from workers.voice.openai_speech import SpeechConfig

DEADLINE = 2.0
"""Seconds for all questions together: somebody waits for the page."""
MOST_BYTES = 4 << 20
"""Length of an answer: piper sends every voice's whole description."""
MOST_VOICES = 300
PATHS = ("audio/voices", "audio/speech/voices")
"""Where OpenAI-compatible servers list their voices, below the base URL; the first is Kokoro-FastAPI's."""
PIPER_PATHS = ("voices",)
KEYS = ("id", "voice_id", "name")
"""Which field of an entry is the name that the server wants to hear again."""
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")


async def offered(
    config: SpeechConfig, http_client: httpx2.AsyncClient, *, deadline: float = DEADLINE
) -> tuple[str, ...]:
    """Names in the server's order. Empty where it is away or tells nothing; never raises for what a server does."""
    base, is_piper = config.base_url.rstrip("/"), config.model == piper.MODEL
    headers = {} if is_piper else {"Authorization": f"Bearer {config.api_key}"}
    try:
        async with asyncio.timeout(deadline):
            for path in PIPER_PATHS if is_piper else PATHS:
                if found := await _listed(http_client, f"{base}/{path}", headers):
                    return found
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL):
        pass
    return ()


async def _listed(http_client: httpx2.AsyncClient, url: str, headers: dict[str, str]) -> tuple[str, ...]:
    """The names at this address; none where it is no list of voices."""
    body = bytearray()
    async with http_client.stream("GET", url, headers=headers, timeout=DEADLINE) as response:
        if response.status_code != 200:
            return ()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                return ()
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    named = (_name(entry) for entry in _entries(found))
    return tuple(dict.fromkeys(name for name in named if name))[:MOST_VOICES]


def _entries(found: Any) -> list[Any]:
    """A bare list, a list under "voices" or "data", or piper's voices by name."""
    if isinstance(found, dict):
        for key in ("voices", "data"):
            if isinstance(found.get(key), list):
                return list(found[key])
        return [name for name, description in found.items() if isinstance(description, dict)]
    return found if isinstance(found, list) else []


def _name(entry: Any) -> str:
    if isinstance(entry, dict):
        entry = next((entry[key] for key in KEYS if isinstance(entry.get(key), str)), "")
    return entry if isinstance(entry, str) and _NAME.fullmatch(entry) else ""
