"""English chat text as it is said."""

from __future__ import annotations

import pytest

from workers.pipeline.speakable.text import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("I have 5 apples and 21 dogs.", "I have five apples and twenty-one dogs."),
        ("1,234,567 coins", "one million two hundred thirty-four thousand five hundred sixty-seven coins"),
        ("It's 3.14 or -5 degrees", "It's three point one four or minus five degrees"),
        ("$5.50, $1, $0.99", "five dollars fifty cents, one dollar, ninety-nine cents"),
        ("$1.5M and €20k, 5$", "one point five million dollars and twenty thousand euros, five dollars"),
        ("25% off, 99.9% sure", "twenty-five percent off, ninety-nine point nine percent sure"),
        ("At 18:30 or 6:05 pm, 5pm, 6:00", "At eighteen thirty or six oh five P M, five P M, six o'clock"),
        ("on 2026-11-26", "on November twenty-sixth, twenty twenty-six"),
        ("on 11/26/2026", "on November twenty-sixth, twenty twenty-six"),
        ("May 5, 2024", "May fifth, twenty twenty-four"),
        ("the 1st, 2nd, 3rd, 12th, 20th", "the first, second, third, twelfth, twentieth"),
        ("in 2024 I had 2024 points", "in twenty twenty-four I had two thousand twenty-four points"),
        ("born in 1905, since 2000", "born in nineteen oh five, since two thousand"),
        ("the 1990s and 90s", "the nineteen nineties and nineties"),
        ("PS5 and mp3", "PS five and mp three"),
        ("we won 3:2 in 5-10 minutes", "we won three to two in five to ten minutes"),
        ("1/2, 9/10, 24/7", "one half, nine out of ten, twenty-four seven"),
        ("version 1.2.3", "version one point two point three"),
        ("x2 damage, #1", "times two damage, number one"),
        ("60 fps at 4K, 16GB", "sixty frames per second at four K, sixteen gigabytes"),
        ("25°C", "twenty-five degrees Celsius"),
        ("Dark Souls III", "Dark Souls three"),
        ("agent 007", "agent zero zero seven"),
        ("9" * 40, "a very long number"),
    ],
)
def test_figures_are_read_as_people_read_them(written: str, said: str) -> None:
    assert speakable(written, "en") == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Nice one Kappa", "Nice one kappa"),
        ("PogChamp! NotLikeThis", "pog champ! Not Like This"),
        ("I love it <3 :D ;) ^_^", "I love it"),
        ("That was funny xD", "That was funny ha ha"),
        ("hahahahaha", "ha ha ha"),
        ("lol, LMAO", "lol, ha ha ha"),
        ("soooo goooood", "so good"),
        ("noooo, yeeees", "no, yes"),
        ("THIS IS SO AMAZING", "this is so amazing"),
        ("the AI on my GPU is AMAZING", "the AI on my GPU is amazing"),
        ("hi @Luna_2007 and @xX_Dragon_Xx", "hi Luna and Dragon"),
        ("I play #DarkSouls", "I play Dark Souls"),
        ("see https://example.com/a?b=1 now", "see link now"),
        ("write to me@site.com", "write to email"),
        ("on twitch.tv", "on twitch dot tv"),
        ("*waves* **bold** ~~there~~ `code`", "bold there code"),
        ("GG, brb", "gee gee, be right back"),
        ("you & me = love", "you and me equals love"),
        ("it is good (really)", "it is good, really"),
        ("wait!!!!! what?!?!", "wait! what?"),
        ("snake_case and @plain", "snake case and plain"),
        (":D", "hm"),
    ],
)
def test_the_signs_of_chat_become_words_or_nothing(written: str, said: str) -> None:
    assert speakable(written, "en") == said


@pytest.mark.parametrize(
    "plain",
    [
        "Hello there, nice to see you!",
        "Well, Mr. Smith's dog is good; isn't it?",
        "A quiet, ordinary sentence… with a pause.",
        "I watch TV and eat an apple.",
    ],
)
def test_an_ordinary_sentence_is_left_alone(plain: str) -> None:
    assert speakable(plain, "en") == plain
