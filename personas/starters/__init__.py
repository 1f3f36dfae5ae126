"""Characters of our own to begin with: each a whole person with a voice, a look, examples and a little knowledge."""

from __future__ import annotations

import copy
import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from personas.cards import edit
from personas.cards.card import Card
from personas.cards.text import Document
from personas.look import default_avatar

LANGUAGES = ("en", "ru")


@dataclass(frozen=True, slots=True)
class Starter:
    """One of them. `values` are fields of a version; how she looks is among them, voice and triggers are not."""

    slug: str
    language: str
    sketch: str
    values: dict[str, Any]


def starters(language: str = "") -> list[Starter]:
    """All of them, those in this language first."""
    return sorted(_all(), key=lambda each: each.language != language)


def starter(slug: str) -> Starter | None:
    return next((each for each in _all() if each.slug == slug), None)


@functools.cache
def _all() -> tuple[Starter, ...]:
    return tuple(
        _made(row, language)
        for language in LANGUAGES
        for row in tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8"))["starter"]
    )


def _made(row: dict[str, Any], language: str) -> Starter:
    values = {name: copy.deepcopy(row[name]) for name in ("name", "nicknames", "description", "style", "mood")}
    values |= {
        "language": language,
        "card": _card(row).document,
        "lorebook": {},
        "avatar": default_avatar() | {"drawn": row["look"]},
        "palette": row["colours"],
    }
    return Starter(row["slug"], language, row["sketch"], values)


def _card(row: dict[str, Any]) -> Card:
    """Her examples and her knowledge, in the shape of every other character's."""
    texts = {"description": row["description"], "mes_example": row["examples"]}
    card = edit.with_fields(edit.blank_card(row["name"]), texts)
    book = edit.blank_book()
    for number, lore in enumerate(row["lore"], start=1):
        entry: Document = {
            "id": number, "keys": lore["keys"], "content": lore["content"], "extensions": {}, "enabled": True,
            "insertion_order": 10 * number, "use_regex": False, "constant": False, "position": "after_char",
        }  # fmt: skip
        book = edit.with_entry(book, None, entry)
    return edit.with_book(card, book)
