"""A card's JSON as bytes: read within bounds, written so that every program reads it."""

from __future__ import annotations

import json
import math
from typing import Any

from personas.cards import limits
from personas.cards.refusal import CardRefused

Document = dict[str, Any]
"""A card or lorebook as its file says it, every key kept."""


def read(data: bytes) -> Document:
    """The object in the file. Raises CardRefused."""
    if len(data) > limits.MAX_JSON_BYTES:
        raise CardRefused("json_too_big")
    try:
        # A byte order mark stands before what Windows editors save; it is no part of the text.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CardRefused("encoding") from None
    if not text.strip("\0 \t\r\n"):
        raise CardRefused("empty")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise CardRefused("too_deep") from None
    except ValueError:
        raise CardRefused("json") from None
    if not isinstance(value, dict):
        raise CardRefused("not_a_card")
    _check(value)
    return value


def write(document: Document) -> bytes:
    """UTF-8, readable, the keys in their order."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _refuse_constant(_name: str) -> float:
    raise CardRefused("json")


def _check(document: Document) -> None:
    """Refuses what no database keeps, and what takes too long to walk through."""
    level: list[Any] = [document]
    nodes = 0
    for _depth in range(limits.MAX_DEPTH):
        nodes += len(level)
        if nodes > limits.MAX_NODES:
            raise CardRefused("too_deep")
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, float) and not math.isfinite(value):
                raise CardRefused("json")
            elif isinstance(value, list):
                below += value
            elif isinstance(value, dict):
                below += value
                below += value.values()
        if not below:
            return
        level = below
    raise CardRefused("too_deep")


def _check_text(text: str) -> None:
    """A zero character and half of a pair are in JSON's reach, and in no database's."""
    if "\0" in text or (not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)):
        raise CardRefused("characters")
