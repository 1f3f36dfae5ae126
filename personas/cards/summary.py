"""What of a card is used, what is only kept, and its lorebook in figures. Names of fields; words are the page's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from personas.cards.card import V1_FIELDS, Card
from personas.cards.lore import plain_book, unfollowed
from personas.cards.text import Document

USED = (
    "name", "nickname", "description", "personality", "scenario", "system_prompt", "mes_example",
    "post_history_instructions",
)  # fmt: skip
"""Texts she lives by, in the order they are shown."""
KEPT = (
    "first_mes", "alternate_greetings", "group_only_greetings", "creator_notes", "creator_notes_multilingual",
    "creator", "character_version", "tags", "source", "assets", "creation_date", "modification_date",
)  # fmt: skip
"""What is kept for an export, and enters no prompt."""
ENTRIES_SHOWN = 200
_ADDRESS = re.compile(r"(?:data:|https?://)\S*")
_NAMED = {*V1_FIELDS, *USED, *KEPT, "character_book", "extensions"}


@dataclass(frozen=True, slots=True)
class BookSummary:
    """A lorebook in figures."""

    entries: int
    used: int
    constant: int
    patterns: tuple[str, ...]
    """Its regular expressions."""
    unfollowed: tuple[str, ...]
    """Its decorators that change nothing here."""
    shown: tuple[tuple[str, str], ...]
    """What brings the first ENTRIES_SHOWN up, and what they say."""


def book_summary(book: Document) -> BookSummary:
    plain = plain_book(book)["entries"]
    raw = book.get("entries")
    keys = [key for entry in plain for name in ("keys", "secondary") for key in entry[name]]
    return BookSummary(
        entries=len(raw) if isinstance(raw, list | dict) else 0,
        used=len(plain),
        constant=sum(entry["constant"] for entry in plain),
        patterns=tuple(dict.fromkeys(key["text"] for key in keys if key["regex"])),
        unfollowed=unfollowed(book),
        shown=tuple(
            (", ".join(key["text"] for key in entry["keys"]) or entry["name"], entry["content"])
            for entry in plain[:ENTRIES_SHOWN]
        ),
    )


def used_texts(card: Card) -> list[tuple[str, str]]:
    """(field, text) of what she will live by."""
    return [(name, card.text(name).strip()) for name in USED if card.text(name).strip()]


def kept_fields(card: Card) -> list[str]:
    """Fields that hold something and are only kept, those without a name in the standard at the end."""
    fields = card.fields
    other = [name for name in fields if name not in _NAMED and fields[name]]
    named = [name for name in (*KEPT, "extensions") if fields.get(name)]
    return [*named, *(name[:60] for name in sorted(other)[:20])]


def every_text(document: Any) -> Iterator[str]:
    """All a card or lorebook says, to be judged: every text in it but the addresses and contents of files."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, str):
            if name not in {"uri", "spec", "spec_version", "ext"} and not _ADDRESS.fullmatch(value):
                yield value
        elif isinstance(value, list):
            waiting += [(name, item) for item in value]
        elif isinstance(value, dict):
            waiting += value.items()
