"""A card or lorebook changed by hand: a new document in which everything else is as it was."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Literal

from personas.cards.card import LOREBOOK_SPEC, V1_FIELDS, V2_FIELDS, V3_FIELDS, Card, as_kind, with_texts
from personas.cards.text import Document

Shelf = Literal["card", "own"]
"""Which book an entry stands in: the one inside the card, or the one that was imported by itself."""


def blank_card(name: str) -> Card:
    """A V3 card that says nothing but the name."""
    data: Document = dict.fromkeys(V1_FIELDS, "") | {"name": name} | copy.deepcopy(V2_FIELDS | V3_FIELDS)
    return Card("v3", {"spec": "chara_card_v3", "spec_version": "3.0", "data": data})


def with_fields(card: Card, texts: Mapping[str, str], greetings: list[str] | None = None) -> Card:
    """The card with these texts, and these greetings beside the first; None leaves them as they are.

    A V1 card becomes a V3 one where it must.
    """
    changed = {name: text for name, text in texts.items() if card.text(name) != text}
    fresh = greetings is not None and greetings != card.texts("alternate_greetings")
    if not changed and not fresh:
        return card
    if card.kind == "v1" and (fresh or not changed.keys() <= set(V1_FIELDS)):
        card = Card("v3", as_kind(card, "v3"))
    card = with_texts(card, changed)
    if not fresh:
        return card
    document = copy.deepcopy(card.document)
    document["data"]["alternate_greetings"] = greetings
    return Card(card.kind, document)


def with_book(card: Card, book: Document) -> Card:
    """The card with this lorebook inside."""
    kind: Literal["v2", "v3"] = "v2" if card.kind == "v2" else "v3"
    document = as_kind(card, kind)
    document["data"]["character_book"] = book
    return Card(kind, document)


def blank_book() -> Document:
    return {"extensions": {}, "entries": []}


def as_lorebook(book: Document) -> Document:
    """A book as it stands by itself."""
    return {"spec": LOREBOOK_SPEC, "data": book}


def with_entry(book: Document, place: int | None, entry: Document | None) -> Document:
    """The book with this entry in the place of the one that stands there; None takes it out, no place adds it.

    `place` counts the entries as `entries.entry_rows` lists them. Raises IndexError where there is none.
    """
    made = copy.deepcopy(book)
    entries = made.get("entries")
    if isinstance(entries, dict):
        # World files name their entries; the order of the names is the order of the rows.
        keys = [key for key, row in entries.items() if isinstance(row, dict)]
        if place is None:
            entries[_free(entries)] = entry
        elif entry is None:
            del entries[keys[place]]
        else:
            entries[keys[place]] = entry
        return made
    rows: list[Any] = entries if isinstance(entries, list) else []
    made["entries"] = rows
    places = [number for number, row in enumerate(rows) if isinstance(row, dict)]
    if place is None:
        rows.append(entry)
    elif entry is None:
        del rows[places[place]]
    else:
        rows[places[place]] = entry
    return made


def _free(entries: Document) -> str:
    number = len(entries)
    while str(number) in entries:
        number += 1
    return str(number)
