"""How a line of a word file is read, and that the files are in that notation."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from workers.safety import notation
from workers.safety.lexicon import hard_tier


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
    ("line", "keys"),
    [
        ("(now |just )?(smash|break) it", ("smash", "break")),
        ("the (old|very old) house", ("house",)),
        ("it ... is", ()),
    ],
)
def test_one_of_the_keys_is_in_whatever_the_phrase_finds(line: str, keys: tuple[str, ...]) -> None:
    assert notation.keys(line, {"the", "old"}) == keys


def test_there_are_phrases_with_keys() -> None:
    assert hard_tier().keys.search("holocaust")
    assert not hard_tier().keys.search("a quiet evening")
