"""Which knowledge comes up, and how much of it there is room for."""

from __future__ import annotations

from typing import Any

import pytest

from personas.cards.limits import MAX_KEYS
from tests.effort import effort
from workers.brain.lorebook import MAX_PATTERNS, brought_up, constant, is_usable
from workers.pipeline.character import Lorebook, LoreEntry, LoreKey
from workers.pipeline.keywords import MAX_KEY


def entry(content: str, *keys: str | LoreKey, **fields: Any) -> LoreEntry:
    made = tuple(key if isinstance(key, LoreKey) else LoreKey(key) for key in keys)
    return LoreEntry(id=content, content=content, keys=made, **({"tokens": 10} | fields))


def keys(*texts: str) -> tuple[LoreKey, ...]:
    return tuple(map(LoreKey, texts))


def told(entries: list[LoreEntry]) -> list[str]:
    return [one.content for one in entries]


def comes_up(one: LoreEntry, *messages: str, **book: Any) -> bool:
    return brought_up(Lorebook((one,), **book), messages) == [one]


LAMP = entry("The lamp burns oil.", "lamp")


@pytest.mark.parametrize(
    ("text", "found"),
    [("the lamp", True), ("LAMPS!", True), ("lamp", True), ("clamp", False), ("clamp lamp", True), ("light", False)],
)
def test_a_key_is_found_at_the_beginning_of_a_word(text: str, found: bool) -> None:
    assert comes_up(LAMP, text) == found


def test_keys_in_scripts_without_spaces_are_found_anywhere() -> None:
    assert comes_up(entry("猫", "猫"), "私の猫です")


def test_capitals_count_where_the_entry_says_so() -> None:
    exact = entry("x", LoreKey("Lamp", exact=True))
    assert comes_up(exact, "the Lamp")
    assert not comes_up(exact, "the lamp")


def test_only_the_newest_messages_are_looked_through() -> None:
    messages = ["lamp", "b", "c", "d", "e"]
    assert not comes_up(LAMP, *messages)
    assert comes_up(LAMP, *messages, scan_depth=5)
    assert not comes_up(LAMP, "lamp", scan_depth=0)
    assert comes_up(entry("x", "lamp", scan_depth=9), *messages, scan_depth=1)


@pytest.mark.parametrize(
    ("logic", "found"),
    [("any", {"oil", "oil wick"}), ("all", {"oil wick"}), ("not_any", {""}), ("not_all", {"", "oil"})],
)
def test_secondary_keys_decide_by_their_logic(logic: Any, found: set[str]) -> None:
    one = entry("x", "lamp", secondary=keys("oil", "wick"), logic=logic)
    assert {text for text in ("", "oil", "oil wick") if comes_up(one, f"lamp {text}")} == found
    assert not comes_up(one, "oil wick")


def test_excluded_words_keep_an_entry_down() -> None:
    assert not comes_up(entry("x", "lamp", excluded=keys("sun")), "lamp and sun")


def test_what_is_constant_is_always_known_and_not_told_twice() -> None:
    book = Lorebook((entry("always", "lamp", constant=True), LAMP))
    assert told(constant(book)) == ["always"]
    assert told(brought_up(book, ["lamp"])) == [LAMP.content]


def test_knowledge_brings_up_more_where_the_book_is_recursive() -> None:
    chain = (entry("the oil", "lamp"), entry("the whale", "oil"), entry("the sea", "whale"))
    assert told(brought_up(Lorebook(chain), ["lamp"])) == ["the oil"]
    assert told(brought_up(Lorebook(chain, recursive=True), ["lamp"])) == ["the oil", "the whale", "the sea"]


def test_recursion_has_an_end() -> None:
    chain = tuple(entry(f"k{number + 1}.", f"k{number}.") for number in range(20))
    assert len(brought_up(Lorebook(chain, recursive=True), ["k0."])) == 6
    circle = (entry("b", "a"), entry("a", "b"))
    assert len(brought_up(Lorebook(circle, recursive=True), ["a"])) == 2


def test_hidden_keys_are_found_by_recursion() -> None:
    chain = (entry("{{hidden_key:whale}}", "lamp"), entry("the sea", "whale"))
    assert told(brought_up(Lorebook(chain, recursive=True), ["lamp"]))[-1] == "the sea"


def test_without_room_the_lowest_priority_goes_first_and_else_the_lowest_order() -> None:
    by_priority = (entry("a", "x", order=1, priority=9), entry("b", "x", order=2, priority=1), entry("c", "x", order=3))
    assert told(brought_up(Lorebook(by_priority, token_budget=20), ["x"])) == ["a", "b"]
    by_order = (entry("a", "x", order=3), entry("b", "x", order=1), entry("c", "x", order=2))
    assert told(brought_up(Lorebook(by_order, token_budget=20), ["x"])) == ["c", "a"]
    assert brought_up(Lorebook(by_order, token_budget=5), ["x"]) == []


def test_what_is_always_known_takes_its_room_first() -> None:
    book = Lorebook((entry("a", constant=True), entry("b", "x")), token_budget=15)
    assert told(constant(book)) == ["a"]
    assert brought_up(book, ["x"]) == []


def test_entries_are_told_by_their_place_and_order() -> None:
    book = Lorebook((entry("c", "x", before=False, order=1), entry("b", "x", order=9), entry("a", "x", order=2)))
    assert told(brought_up(book, ["x"])) == ["a", "b", "c"]


def test_a_key_that_begins_another_is_found_with_it_and_without() -> None:
    book = Lorebook(tuple(entry(word, word) for word in ("cat", "cats", "catsup", "cat food")))
    assert told(brought_up(book, ["my cats"])) == ["cat", "cats"]
    assert told(brought_up(book, ["catsup"])) == ["cat", "cats", "catsup"]
    assert told(brought_up(book, ["cat fool"])) == ["cat"]
    assert told(brought_up(book, ["ca"])) == []


def test_what_was_said_too_long_ago_for_an_entry_may_come_up_by_knowledge() -> None:
    book = Lorebook((entry("oil", "lamp", scan_depth=3), entry("x", "oil", scan_depth=1)), recursive=True)
    assert told(brought_up(book, ["lamp and oil", "b", "c"])) == ["oil", "x"]
    assert told(brought_up(book, ["oil", "b", "c"])) == []


def test_a_key_is_so_long_at_most() -> None:
    assert comes_up(entry("x", "k" * MAX_KEY), "k" * 400)
    assert not comes_up(entry("x", "k" * (MAX_KEY + 1)), "k" * 400)


def test_regular_expressions_match() -> None:
    assert comes_up(entry("x", LoreKey(r"l[ai]mps?\b", regex=True)), "LIMPS")
    assert not comes_up(entry("x", LoreKey(r"l[ai]mps?\b", regex=True, exact=True)), "LIMPS")
    assert comes_up(entry("x", LoreKey("лампа", regex=True)), "Где ЛАМПА?")


@pytest.mark.parametrize(
    "pattern", ["(", "(?=x)", r"(a)\1", "x" * 1_001, "((a{1,1000}){1,1000}){1,1000}", "(a?){500}a{500}c"]
)
def test_a_pattern_that_cannot_be_run_matches_nothing(pattern: str) -> None:
    assert not is_usable(pattern)
    assert not comes_up(entry("x", LoreKey(pattern, regex=True)), "xxaa")


def test_no_pattern_holds_a_channel_up() -> None:
    hostile = ("(a+)+$", "(a|aa)+$", "(.*a){20}b", "(a?){200}a{200}c", "(x+x+)+y")
    entries = tuple(
        entry(str(number), LoreKey(f"{hostile[number % 5]}|{number}z", regex=True))
        for number in range(MAX_PATTERNS * 4)
    )
    messages = ["a" * 500] * 40
    brought_up(Lorebook(entries, scan_depth=40), messages)
    with effort(500):
        brought_up(Lorebook(entries, scan_depth=40), messages)


def test_a_book_of_two_thousand_entries_is_looked_through_in_a_blink() -> None:
    book = Lorebook(
        tuple(entry(f"text {n}", f"word{n}", f"other{n}", f"third{n}") for n in range(2_000)), recursive=True
    )
    messages = ["some words about nothing in particular, and word17 " * 9] * 4
    with effort(900):
        assert told(brought_up(book, messages)) == ["text 1", "text 17"]


HOSTILE = {
    "inside of words": (["a" * (number % MAX_KEY + 1) for number in range(MAX_KEYS)], "a"),
    "beginnings of each other": (["!" * (number % MAX_KEY + 1) for number in range(MAX_KEYS)], "!!#"),
    "all but the last sign": ([f"{'!' * 90}{number}" for number in range(MAX_KEYS)], "!" * 99 + "#"),
    "a script without spaces": (["猫" * (number % 90 + 1) + chr(0x4E00 + number) for number in range(MAX_KEYS)], "猫"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("recursive", [False, True])
def test_no_book_of_plain_keys_holds_a_channel_up(name: str, recursive: bool) -> None:
    texts, hostile = HOSTILE[name]
    made = [LoreKey(text, exact=number % 2 == 0) for number, text in enumerate(texts)]
    entries = tuple(
        entry(f"{hostile * 100}{number}", *made[number::50], scan_depth=number % 40 + 1) for number in range(50)
    )
    book = Lorebook(entries, recursive=recursive)
    messages = ["b" + hostile * (499 // len(hostile))] * 17
    with effort(100):
        brought_up(book, messages)
