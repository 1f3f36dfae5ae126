"""The persona a new channel begins with: somebody to like at once, and a good example to change."""

from __future__ import annotations

from typing import Any

from personas.starters import starter

FIRST = {"en": "mika", "ru": "mika-ru"}
"""Language to the one of our characters that a channel begins with."""
FIELDS = ("name", "language", "nicknames", "description", "style")


def default_values(language: str) -> dict[str, Any]:
    """Fields of the first version; English for languages without a text of their own."""
    first = starter(FIRST.get(language, FIRST["en"]))
    assert first is not None
    return {name: first.values[name] for name in FIELDS}
