"""One entry of a lorebook as its file says it, read whatever stands there: files hold numbers and lists for texts."""

from __future__ import annotations

from typing import Any

from personas.cards.text import Document

CALLED = ("name", "comment")
"""Where an entry's name stands: in the standard's field, or in that of SillyTavern."""


def entry_rows(book: Document) -> list[Document]:
    """The entries of a book as its file says them."""
    entries = book.get("entries")
    rows = entries.values() if isinstance(entries, dict) else entries if isinstance(entries, list) else []
    return [row for row in rows if isinstance(row, dict)]


def entry_text(row: Document, name: str) -> str:
    """A text of the entry; empty where it is missing or no text."""
    value = row.get(name)
    return value if isinstance(value, str) else ""


def entry_keys(row: Document, name: str = "keys") -> list[str]:
    """A list of words. A single one stands for itself; what is no text, or blank, is passed over."""
    value = row.get(name)
    listed: list[Any] = value if isinstance(value, list) else [value]
    return [item for item in listed if isinstance(item, str) and item.strip()]


def named_in(row: Document) -> str:
    """The field that holds the entry's name, or is to hold it where none does."""
    return next((name for name in CALLED if entry_text(row, name).strip()), CALLED[-1])


def stands_before(row: Document) -> bool:
    """Whether its constant knowledge is told before who she is."""
    extensions = row["extensions"] if isinstance(row.get("extensions"), dict) else {}
    told = row.get("position", "before_char" if extensions.get("position") == 0 else "")
    return isinstance(told, str) and told == "before_char"
