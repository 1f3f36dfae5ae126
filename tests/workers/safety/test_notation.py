"""How a line of a word file is read, and that the files are in that notation."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from workers.safety import notation
from workers.safety.lexicon import Sought, hard_tier


@pytest.mark.parametrize(
    ("line", "form", "found"),
    [
        ("bad(ly)?", notation.plainly, "baadlyy"),
        ("bad~", notation.plainly, "badness"),
        ("bad", notation.spread, "b a d"),
        ("bad", notation.starred, "b*d"),
        ("very bad", notation.phrase, "verybad"),
        ("very ... bad", notation.phrase, "very much too bad"),
    ],
)
def test_a_line_finds_what_it_means(line: str, form: Callable[[str], str], found: str) -> None:
    assert re.fullmatch(form(line), found)


@pytest.mark.parametrize("line", ["bad+", "b{2}ad", "bad..."])
def test_what_is_no_notation_is_refused(line: str) -> None:
    with pytest.raises(notation.NotationError):
        notation.plainly(line)


def test_sections_have_names_labels_and_macros() -> None:
    found = list(notation.sections("who = (you|me)\n[first: family standard]\nhit <who> # why\n\n[second]\nbad\n"))
    assert [(s.name, s.labels, s.lines) for s in found] == [
        ("first", ("family", "standard"), ("hit (you|me)",)),
        ("second", (), ("bad",)),
    ]
    with pytest.raises(notation.NotationError):
        list(notation.sections("bad\n"))


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("(now |just )?(smash|break) it", [("smash", "break")]),
        ("the (old|very old) house", [("house",), ("the",), ("old", "very")]),
        ("the small house", [("house",), ("smal",), ("the",)]),
        ("it ... is", []),
    ],
)
def test_one_of_each_is_in_whatever_the_phrase_finds_and_rare_ones_come_first(
    line: str, needs: list[tuple[str, ...]]
) -> None:
    assert notation.needs(line, {"the", "old"}) == needs


def test_there_are_phrases_with_keys() -> None:
    assert "holocaust" in hard_tier().keyed["hol"]


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        ("duck~", {"duc"}),
        ("ball", {"bal"}),
        ("(b|gr)oo?k", {"bok", "gro"}),
        ("[ab]x?", {"a", "b", "ax", "bx"}),
        ("no~", {"no"}),
        ("(un)?do", {"und", "do"}),
    ],
)
def test_whatever_a_word_line_finds_begins_as_it_says(line: str, begins: set[str]) -> None:
    assert notation.begins(line, 3) == begins


@pytest.mark.parametrize("text", ["f a g g o t", "ffaagg ggoott", "n i gg a s", "п и д о р", "п ии дд ор"])
def test_a_word_in_pieces_is_found_wherever_it_is_cut(text: str) -> None:
    assert hard_tier().find(Sought("", f"and so , {text} , it is"))
