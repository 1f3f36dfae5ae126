"""The page on personas tells the truth about cards, and its example works."""

from __future__ import annotations

import json
import re

from aigirl_site.env import ROOT
from personas.cards import carriers, limits
from personas.cards.card import card_of
from personas.cards.lore import plain_book
from personas.cards.summary import USED, used_texts
from personas.character import REMINDER_LENGTH, TEXT_LENGTH
from workers.brain import lorebook
from workers.brain.lorebook import brought_up
from workers.brain.persona_text import PERSONA_LIMIT, REMINDER_LIMIT
from workers.pipeline.keywords import MAX_KEY
from workers.records import book_from
from workers.safety.cards import judge_card

PAGE = (ROOT / "docs" / "personas.md").read_text()
EXAMPLE = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0]


def test_the_example_can_be_imported_and_its_lore_comes_up() -> None:
    card = card_of(carriers.read(EXAMPLE.encode()).document)
    assert card.document == json.loads(EXAMPLE)
    assert {name for name, _text in used_texts(card)} >= {"name", "nickname", "description", "system_prompt"}
    book = book_from(plain_book(card.book))
    assert ["forty litres" in entry.content for entry in brought_up(book, ["Pip, how bright is your lamp?"])] == [True]
    assert len(brought_up(book, ["Is that FOG?"])) == 1
    assert brought_up(book, ["hello"]) == []
    assert judge_card([EXAMPLE], card.texts("tags")).rule == ""


def test_the_limits_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| (A file|The card's text, .*?|A lorebook|A CHARX) \| (.*) \|$", PAGE, re.MULTILINE))
    megabyte = 1024 * 1024
    assert list(rows.values()) == [
        f"{limits.MAX_FILE_BYTES // megabyte} MB",
        f"{limits.MAX_JSON_BYTES // megabyte} MB, {limits.MAX_DEPTH} levels, {limits.MAX_NODES} values",
        f"{limits.MAX_ENTRIES} entries, {limits.MAX_KEYS} keys in all; "
        f"{lorebook.MAX_PATTERNS} regular expressions are used",
        f"{limits.MAX_FILES} files, {limits.MAX_UNPACKED_BYTES // megabyte} MB unpacked",
    ]
    assert f"{lorebook.SCAN_DEPTH} where it says nothing, {lorebook.MAX_SCAN_DEPTH} at most" in PAGE
    assert f"more than\n{MAX_KEY} characters is kept and brings nothing up" in PAGE
    assert f"the first {PERSONA_LIMIT} characters come into the prompt, of the reminder {REMINDER_LIMIT}" in PAGE
    assert (TEXT_LENGTH, REMINDER_LENGTH) == (PERSONA_LIMIT, REMINDER_LIMIT)
    assert f"{lorebook.TOKEN_BUDGET} tokens where it says nothing, {lorebook.MAX_TOKEN_BUDGET} at most" in PAGE


def test_every_text_that_is_used_is_named() -> None:
    assert [name for name in USED if f"`{name}`" not in PAGE] == []
