"""Macros of cards: put in once, by chance that is given."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.brain.macros import Macros, choices


def macros(seed: int = 1, **fields: str) -> Macros:
    values = {"char": "Pip", "user": "Streamy"} | fields
    return Macros(chance=random.Random(seed), **values)


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("{{char}} and {{user}}", "Pip and Streamy"),
        ("{{CHAR}}, {{ User }}, <bot>, <USER>", "Pip, Streamy, Pip, Streamy"),
        ("a{{// a note }}b{{comment: more}}c{{hidden_key:lamp}}d", "abcd"),
        ("{{reverse:abc}}", "cba"),
        ("{{reverse:{{char}}}}", "piP"),
        ("{{random:x}}{{pick:y}}", "xy"),
        ("{{random:{{char}}}}", "Pip"),
        ("{{roll:1d1}} {{roll:d1}} {{roll:1}}", "1 1 1"),
        ("before {{original}} after", "before ours after"),
        ("{{unknown}} {{unknown:a}} {{char:x}}", "{{unknown}} {{unknown:a}} {{char:x}}"),
        ("{{char", "{{char"),
        ("}} {{ {{char}}", "}} {{ {{char}}"),
        ("{char} <b>", "{char} <b>"),
        ("{{roll:0}} {{roll:999d6}} {{roll:x}}", "{{roll:0}} {{roll:999d6}} {{roll:x}}"),
        ("{{random:}}", ""),
    ],
)
def test_a_macro_becomes(text: str, becomes: str) -> None:
    assert macros(original="ours").expand(text) == becomes


def test_what_was_put_in_is_not_read_again() -> None:
    assert macros(char="{{user}}", user="{{random:a,b}}").expand("{{char}} {{user}} <user>") == (
        "{{user}} {{random:a,b}} {{random:a,b}}"
    )


def test_dice_fall_between_one_and_their_sides() -> None:
    thrown = {int(macros(seed).expand("{{roll:2d6}}")) for seed in range(200)}
    assert thrown == set(range(2, 13))
    assert {macros(seed).expand("{{roll:D20}}") for seed in range(300)} == {str(side) for side in range(1, 21)}


def test_random_chooses_anew_and_pick_stays() -> None:
    text = "{{random:a,b,c}}"
    assert {macros(seed).expand(text) for seed in range(40)} == {"a", "b", "c"}
    assert len({macros(seed, picks="chat 1").expand("{{pick:a,b,c}} {{pick:a,b,c}}") for seed in range(40)}) == 1
    assert {macros(picks=f"chat {number}").expand("{{pick:a,b,c}}") for number in range(40)} == {"a", "b", "c"}


def test_the_same_seed_tells_the_same() -> None:
    text = "{{random:a,b}}{{roll:d100}}" * 5
    assert macros(7).expand(text) == macros(7).expand(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a, b ,c", ["a", "b", "c"]),
        ("a\\,b,c", ["a,b", "c"]),
        (":a::b, c", ["a", "b, c"]),
        ("a::b", ["a", "b"]),
        ("{{roll:d6,1}},x", ["{{roll:d6,1}}", "x"]),
    ],
)
def test_choices_part_at_commas_or_colons(text: str, parts: list[str]) -> None:
    assert [part.removeprefix(":") for part in choices(text)] == parts


def test_deep_nesting_ends() -> None:
    text = "{{reverse:" * 5_000 + "x" + "}}" * 5_000
    assert len(macros().expand(text)) <= len(text)


@given(st.text(st.sampled_from("{}:,<>/ abdru\\charuser"), max_size=80))
def test_any_text_is_expanded_without_harm(text: str) -> None:
    assert isinstance(macros().expand(text), str)


@given(st.text(max_size=60))
def test_a_text_without_macros_stays(text: str) -> None:
    if "{{" not in text and not re.search("<(bot|user)>", text, re.IGNORECASE):
        assert macros().expand(text) == text
