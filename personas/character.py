"""Between a card and a persona's version: what an import fills in, what the brain is told, what an export writes."""

from __future__ import annotations

from typing import Any, Literal

from personas.cards.card import V2_FIELDS, V3_FIELDS, Card, as_kind, card_of, with_texts
from personas.cards.lore import plain_book
from personas.cards.text import Document
from personas.models import PersonaVersion

NAME_LENGTH = 40
DESCRIPTION_LENGTH = 12_000
STYLE_LENGTH = 2_000
"""Characters; all as the version's fields are."""
TEXT_LENGTH = 12_000
REMINDER_LENGTH = 2_000
"""Characters of the card's other texts, and of its reminder, that the brain is told."""
NICKNAME_LENGTH = 40
OWN = "aigirl"
"""Our place inside a card's `extensions`."""


def values_of(card: Card) -> dict[str, Any]:
    """The fields of a version that live by this card. What it leaves open stays as it was."""
    return {
        "name": stage_name(card),
        "description": stage_description(card),
        "style": _own(card).get("style", "")[:STYLE_LENGTH],
        "nicknames": nicknames(card),
        "card": card.document,
    }


def stage_name(card: Card) -> str:
    """What chat calls her by."""
    return " ".join(card.text("name").split())[:NAME_LENGTH].strip()


def stage_description(card: Card) -> str:
    # With line breaks as the persona form gives them back, so that saving it unchanged changes nothing.
    return card.text("description").replace("\r\n", "\n").replace("\r", "\n").strip()[:DESCRIPTION_LENGTH].strip()


def nicknames(card: Card) -> list[str]:
    """What chat may call her too: her nickname, her whole name and her first one, in small letters."""
    nickname, name = card.text("nickname").strip(), stage_name(card)
    called = (nickname, name, name.split(" ")[0])
    return list(dict.fromkeys(word.lower()[:NICKNAME_LENGTH] for word in called if len(word) > 1))


def character(version: PersonaVersion) -> dict[str, Any]:
    """What the brain is told beyond name, description and style: no notes for people, tags, creator or version.

    Texts are as long as they can come into a prompt. The card itself stays whole.
    """
    books = [version.lorebook["data"]] if version.lorebook else []
    if not version.card:
        return {"books": [plain_book(book) for book in books]}
    card = card_of(version.card)
    return {
        "nickname": card.text("nickname").strip()[:NICKNAME_LENGTH],
        "personality": card.text("personality").strip()[:TEXT_LENGTH],
        "scenario": card.text("scenario").strip()[:TEXT_LENGTH],
        "system_prompt": card.text("system_prompt").strip()[:TEXT_LENGTH],
        "post_history": card.text("post_history_instructions").strip()[:REMINDER_LENGTH],
        "examples": card.text("mes_example").strip()[:TEXT_LENGTH],
        "books": [plain_book(book) for book in (card.book, *books) if book],
    }


def exported(version: PersonaVersion) -> Card:
    """The version as a card: the imported one with what was changed here since, or a new V3 card."""
    if not version.card:
        data: Document = {
            "name": version.name, "description": version.description, "personality": version.style, "scenario": "",
            "first_mes": "", "mes_example": "",
        }  # fmt: skip
        return Card("v3", {"spec": "chara_card_v3", "spec_version": "3.0", "data": data | V2_FIELDS | V3_FIELDS})
    card = card_of(version.card)
    changed = {}
    if version.name != stage_name(card):
        changed["name"] = version.name
    if version.description != stage_description(card):
        changed["description"] = version.description
    return _with_style(with_texts(card, changed), version.style)


def _own(card: Card) -> dict[str, str]:
    """What an export of ours has added."""
    extensions = card.fields.get("extensions")
    own = extensions.get(OWN) if isinstance(extensions, dict) else None
    return {key: value for key, value in own.items() if isinstance(value, str)} if isinstance(own, dict) else {}


def _with_style(card: Card, style: str) -> Card:
    """How she speaks has no field in a card; it stands in the place the standard keeps for programs."""
    if style == _own(card).get("style", ""):
        return card
    # V1 has no such place.
    kind: Literal["v2", "v3"] = "v2" if card.kind == "v2" else "v3"
    document = as_kind(card, kind)
    data = document["data"]
    extensions = data["extensions"] if isinstance(data.get("extensions"), dict) else {}
    data["extensions"] = extensions | {OWN: _own(card) | {"style": style}}
    return Card(kind, document)
