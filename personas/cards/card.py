"""What a card says: its kind, its texts, and the same card in another version of the format.

The document stays whole and as it came: it is what is kept and exported. Everything here only looks at it, or makes a
new one.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Literal

from personas.cards import limits
from personas.cards.refusal import CardRefused
from personas.cards.text import Document

Kind = Literal["v1", "v2", "v3", "lorebook", "world"]
V1_FIELDS = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
V2_FIELDS: Document = {
    "creator_notes": "", "system_prompt": "", "post_history_instructions": "", "alternate_greetings": [], "tags": [],
    "creator": "", "character_version": "", "extensions": {},
}  # fmt: skip
"""What V2 adds and demands."""
V3_FIELDS: Document = {"group_only_greetings": []}
"""What V3 adds and demands."""
SPECS = {"v2": ("chara_card_v2", "2.0"), "v3": ("chara_card_v3", "3.0")}
LOREBOOK_SPEC = "lorebook_v3"


@dataclass(frozen=True, slots=True)
class Card:
    """A character card. `document` is the original whole."""

    kind: Literal["v1", "v2", "v3"]
    document: Document

    @property
    def fields(self) -> Document:
        """The object that holds the texts."""
        return self.document if self.kind == "v1" else self.document["data"]

    def text(self, name: str) -> str:
        """A text of the card; empty where it is missing or no text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """A list of texts; what is none is passed over."""
        value = self.fields.get(name)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    @property
    def book(self) -> Document:
        """The lorebook inside the card; empty without one."""
        value = self.fields.get("character_book")
        return value if isinstance(value, dict) else {}

    @property
    def is_newer(self) -> bool:
        """Whether it was written for a version of the format that came after ours."""
        if self.kind == "v1":
            return False
        try:
            return float(str(self.document.get("spec_version"))) > float(SPECS[self.kind][1])
        except ValueError:
            return False


def kind_of(document: Document) -> Kind:
    """What the object is. Raises CardRefused."""
    spec, data = document.get("spec"), document.get("data")
    if spec == LOREBOOK_SPEC and isinstance(data, dict):
        return "lorebook"
    if isinstance(spec, str) and spec.startswith("chara_card_v") and isinstance(data, dict):
        # A format that does not exist yet is read as the last one we know: its texts will still be there.
        return "v2" if spec == SPECS["v2"][0] else "v3"
    if isinstance(document.get("entries"), dict | list) and not document.get("first_mes"):
        return "world"
    if isinstance(document.get("name"), str) and any(isinstance(document.get(name), str) for name in V1_FIELDS[1:]):
        return "v1"
    raise CardRefused("not_a_card")


def card_of(document: Document) -> Card:
    """The card in the document. Raises CardRefused where it is none, has no name, or too large a lorebook."""
    kind = kind_of(document)
    if kind == "lorebook" or kind == "world":
        raise CardRefused("not_a_card")
    card = Card(kind, document)
    if not card.text("name").strip():
        raise CardRefused("no_name")
    check_entries(card.book)
    return card


def check_entries(book: Document) -> None:
    """Raises CardRefused for a lorebook with too many entries."""
    entries = book.get("entries")
    if isinstance(entries, dict | list) and len(entries) > limits.MAX_ENTRIES:
        raise CardRefused("entries")


def as_kind(card: Card, kind: Literal["v1", "v2", "v3"]) -> Document:
    """The card in this version of the format, as a new document.

    In its own version it is the original. To a newer one what is demanded is added; to an older one everything is kept,
    as the standard asks of whoever meets fields it does not know. V1 has room for six texts only.
    """
    document = copy.deepcopy(card.document)
    if card.kind == kind:
        return document
    if kind == "v1":
        return {name: card.text(name) for name in V1_FIELDS}
    spec, version = SPECS[kind]
    demanded = V2_FIELDS | (V3_FIELDS if kind == "v3" else {})
    if card.kind == "v1":
        # Fields of V1 that V2 has no name for stay where they were, beside `data`.
        data: Document = {name: document.get(name, "") for name in V1_FIELDS}
        beside = {name: value for name, value in document.items() if name not in V1_FIELDS}
    else:
        data = document["data"]
        beside = {name: value for name, value in document.items() if name not in ("spec", "spec_version", "data")}
    missing = {name: copy.deepcopy(value) for name, value in demanded.items() if name not in data}
    return beside | {"spec": spec, "spec_version": version, "data": data | missing}


def with_texts(card: Card, texts: dict[str, str]) -> Card:
    """The card with these texts changed, also where an older program looks for them beside `data`."""
    changed = {name: text for name, text in texts.items() if card.text(name) != text}
    if not changed:
        return card
    document = copy.deepcopy(card.document)
    if card.kind != "v1":
        document["data"] |= changed
        changed = {name: text for name, text in changed.items() if name in document}
    return Card(card.kind, document | changed)


def whole_number(value: Any, default: int) -> int:
    """A number of the card as a whole one; JSON's `true` and texts are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return int(value)
