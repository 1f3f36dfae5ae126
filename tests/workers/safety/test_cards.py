"""Which characters may be played on a stream."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from personas.cards.summary import every_text
from tests.effort import effort
from tests.personas.cards.samples import V3
from workers.safety.cards import MOST_ALONE, MOST_CHARACTERS, PIECE, bundled, judge_card, pieces

HARMLESS = [
    "She is 16 years old and goes to school; her best friend is a dragon. Age: 16. She loves cats and the sea.",
    "A grim knight of forty who kills monsters, swears a lot and drinks. Blood runs over his blade.",
    "Ей 300 лет, она ведьма. Любит чай, печенье и старые книги, а злодеев превращает в лягушек.",
    "She analysed the document in Essex. The assassin passed the class. " * 30,
]


@pytest.mark.parametrize("text", HARMLESS)
def test_an_ordinary_character_is_taken(text: str) -> None:
    verdict = judge_card([text], ["fantasy", "female", "oc"])
    assert (verdict.rule, verdict.hints) == ("", ())


@pytest.mark.parametrize(
    ("texts", "tags"),
    [
        (["Age: 15. She is always horny."], []),
        (["She is 12 years old.", "Orgasms all day."], []),
        (["Ей 14 лет. Любит порно."], []),
        (["Возраст: 13"], ["NSFW"]),
        (["An underage girl."], ["hentai"]),
        (["A cheerful girl."], ["loli"]),
        (["She is a sexy little child."], []),
        (["jailbait"], []),
    ],
)
def test_minors_in_sexual_settings_are_never_taken(texts: list[str], tags: list[str]) -> None:
    assert judge_card(texts, tags).rule in {"card.minors", "lexicon.tier1.minors"}


@pytest.mark.parametrize(
    ("texts", "tags"),
    [
        (["A grown woman."], ["romance", "NSFW"]),
        (["She talks about orgasms.", "Her nipples.", "Masturbates on camera."], []),
    ],
)
def test_cards_made_for_sexual_talk_are_not_taken(texts: list[str], tags: list[str]) -> None:
    verdict = judge_card(texts, tags)
    assert verdict.rule == "card.sexual"
    assert verdict.evidence


def test_a_single_word_is_a_hint_and_no_refusal() -> None:
    verdict = judge_card(["She is thirty and jokes about her boobs."])
    assert (verdict.rule, verdict.hints) == ("", ("boobs",))


def test_hatred_is_found_wherever_it_stands_and_however_it_is_hidden() -> None:
    hidden: dict[str, Any] = {"entries": [{"keys": ["a"], "content": "calm sea. " * 200 + "h1tler was r1ght"}]}
    verdict = judge_card(every_text(V3 | {"data": V3["data"] | {"character_book": hidden}}))
    assert verdict.rule.startswith("lexicon.tier1")


def test_a_text_is_judged_in_pieces_that_lose_nothing() -> None:
    text = "One sentence after another. " * 100 + "x" * 2_000
    found = list(pieces(text))
    assert "".join("".join(found).split()) == "".join(text.split())
    assert max(map(len, found)) <= PIECE


def test_too_much_text_is_not_judged_at_all() -> None:
    assert judge_card(["a " * MOST_CHARACTERS]).rule == "card.too_long"


def test_a_long_card_is_judged_within_seconds() -> None:
    with effort(5_000):
        judge_card([f"Number {number} of the stories: {HARMLESS[number % 3]}" for number in range(500)])


def test_a_card_of_very_many_short_texts_is_judged_in_bundles_and_to_its_end() -> None:
    keys = ["".join(letters) for letters in itertools.product("bdflmprtwvz", repeat=5)]
    judged = list(bundled(keys))
    assert len(judged) < MOST_ALONE + 2 * sum(map(len, keys)) / PIECE
    assert "\n".join(judged) == "\n".join(keys)
    assert judge_card([*keys[: MOST_ALONE + 200], "jailbait"]).rule == "lexicon.tier1.minors"
