"""Lorebooks of cards and of SillyTavern in one plain shape."""

from __future__ import annotations

from typing import Any

import pytest

from personas.cards import limits
from personas.cards.card import card_of
from personas.cards.lore import lorebook_of, plain_book, plain_entry, unfollowed
from personas.cards.refusal import CardRefused
from personas.cards.summary import book_summary, every_text, kept_fields, used_texts
from tests.personas.cards.samples import ENTRY, LOREBOOK, V1, V3, WORLD


def entry(**fields: Any) -> dict[str, Any]:
    made = plain_entry({"keys": ["lamp"], "content": "It burns."} | fields, 3)
    assert made is not None
    return made


def texts(keys: list[dict[str, Any]]) -> list[str]:
    return [key["text"] for key in keys]


def test_an_entry_is_read_whole() -> None:
    assert plain_entry(ENTRY, 0) == {
        "id": "seven", "name": "lamp", "content": "The lamp burns whale oil.", "logic": "any", "constant": False,
        "keys": [{"text": "lamp", "regex": False, "exact": False}, {"text": "light", "regex": False, "exact": False}],
        "secondary": [{"text": "oil", "regex": False, "exact": False}], "excluded": [], "before": False, "order": 10,
        "priority": 5, "scan_depth": None,
    }  # fmt: skip


@pytest.mark.parametrize(("id_", "read"), [("a", "a"), (12, "12"), (None, "3"), ([], "3")])
def test_ids_are_texts(id_: Any, read: str) -> None:
    assert entry(id=id_)["id"] == read


def test_secondary_keys_count_only_where_the_entry_is_selective() -> None:
    assert entry(secondary_keys=["oil"])["secondary"] == []
    assert texts(entry(secondary_keys=["oil"], selective=True)["secondary"]) == ["oil"]


@pytest.mark.parametrize(
    "fields", [{"content": ""}, {"content": " \n"}, {"enabled": False}, {"content": "@@activate\n"}]
)
def test_an_entry_without_words_or_switched_off_is_nothing(fields: dict[str, Any]) -> None:
    assert plain_entry({"keys": ["lamp"], "content": "It burns."} | fields, 0) is None


def test_decorators_are_taken_out_of_the_text() -> None:
    made = entry(
        content="@@depth 4\n@@role system\n@@scan_depth 2\n@@additional_keys wick, flame\n\nIt burns.\n@@not one"
    )
    assert made["content"] == "It burns.\n@@not one"
    assert (texts(made["keys"]), made["scan_depth"]) == (["lamp", "wick", "flame"], 2)


def test_a_fallback_counts_where_the_decorator_before_it_is_unknown() -> None:
    assert entry(content="@@unheard_of\n@@@activate\nIt burns.")["constant"]
    assert not entry(content="@@scan_depth 2\n@@@activate\nIt burns.")["constant"]
    assert entry(content="@@a\n@@@b\n@@@activate\nIt burns.")["constant"]


def test_decorators_that_change_nothing_are_named() -> None:
    entries = [
        {"content": "@@activate_only_every 3\n@@keep_activate_after_match\n@@scan_depth 2\nIt burns."},
        {"content": "@@dont_activate_after_match\n@@keep_activate_after_match\nIt is out."},
        {"content": "@@unheard_of\n@@@activate\nIt smells.\n@@not one"},
        {"content": "@@switched_off\nIt was.", "enabled": False},
        {"content": 5},
    ]
    named = ("activate_only_every", "keep_activate_after_match", "dont_activate_after_match")
    assert unfollowed({"entries": entries}) == named


def test_decorators_switch_on_off_and_out() -> None:
    assert entry(content="@@activate\nIt burns.")["constant"]
    assert plain_entry({"content": "@@dont_activate\nIt burns."}, 0) is None
    assert texts(entry(content="@@exclude_keys sun,day\nIt burns.")["excluded"]) == ["sun", "day"]
    assert entry(content="@@position before_desc\nIt burns.", position="after_char")["before"]


def test_regular_expressions_are_known_by_the_flag_and_by_their_slashes() -> None:
    assert entry(keys=["l[ai]mp"], use_regex=True)["keys"] == [{"text": "l[ai]mp", "regex": True, "exact": False}]
    assert entry(keys=["/l[ai]mp/"])["keys"] == [{"text": "l[ai]mp", "regex": True, "exact": True}]
    assert entry(keys=["/lamp/i", "a/b"])["keys"][0] == {"text": "lamp", "regex": True, "exact": False}
    assert not entry(keys=["a/b"])["keys"][0]["regex"]


def test_a_world_file_becomes_a_lorebook() -> None:
    made = lorebook_of(WORLD)
    assert made["spec"] == "lorebook_v3"
    assert plain_book(made["data"])["entries"] == [
        {
            "id": "0", "name": "Tower", "content": "It leans.", "logic": "not_any", "constant": False,
            "keys": [{"text": "tower", "regex": False, "exact": True},
                     {"text": "st(a|o)ne", "regex": True, "exact": False}],
            "secondary": [{"text": "old", "regex": False, "exact": True}], "excluded": [], "before": False, "order": 30,
            "priority": None, "scan_depth": None,
        }
    ]  # fmt: skip
    assert made["data"]["entries"][0]["extensions"]["probability"] == 100
    assert not made["data"]["entries"][1]["enabled"]


def test_a_lorebook_stays_as_it_is() -> None:
    assert lorebook_of(LOREBOOK) is LOREBOOK


@pytest.mark.parametrize("value", [V1, {"entries": [3]}])
def test_other_things_are_no_lorebook(value: dict[str, Any]) -> None:
    with pytest.raises(CardRefused):
        lorebook_of(value)


@pytest.mark.parametrize(
    "book", [{}, {"entries": None}, {"entries": "x"}, {"entries": [1, {"keys": 3, "content": []}]}]
)
def test_a_book_of_any_shape_is_read(book: dict[str, Any]) -> None:
    assert plain_book(book)["entries"] == []


def test_a_book_that_was_kept_with_too_many_keys_has_the_first_ones() -> None:
    many = [f"k{number}" for number in range(limits.MAX_KEYS - 2)]
    entries = [{"keys": many, "content": "a"}, {"keys": ["b", "c", "d", "b"], "content": "b"},
               {"keys": ["e"], "content": "c", "constant": True}]  # fmt: skip
    first, second, third = plain_book({"entries": entries})["entries"]
    assert texts(first["keys"]) == many
    assert texts(second["keys"]) == ["b", "c"]
    assert (texts(third["keys"]), third["content"]) == ([], "c")


def test_what_is_used_and_what_is_only_kept() -> None:
    card = card_of(V3)
    assert [name for name, _text in used_texts(card)] == [
        "name", "nickname", "description", "personality", "scenario", "system_prompt", "mes_example",
        "post_history_instructions",
    ]  # fmt: skip
    assert {"creator_notes", "creator", "tags", "character_version", "first_mes", "unknown_field"} <= set(
        kept_fields(card)
    )
    assert book_summary(card.book).used == 1


def test_every_text_is_judged_but_addresses_and_files() -> None:
    found = set(every_text(V3))
    assert {"NOTES FOR PEOPLE", "The lamp burns whale oil.", "Ahoy!", "ЗАМЕТКИ"} <= found
    assert not any("example/" in text or "embeded" in text for text in found)
    behind = {"description": "https://example.org/ is where she says it", "uri": "data:,x"}
    assert set(every_text(behind)) == {behind["description"]}
