"""Every written line is fit for a live stream: tagged, short, speakable, whole."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from workers.brain import scripted_en, scripted_ru
from workers.brain.intents import QUOTE_LIMIT, SAID_LIMIT, Intent
from workers.brain.scripted import NAME_LIMIT, TITLE_LIMIT, UNREPEATED_TURNS, fields
from workers.pipeline.values import Mood

SCRIPTS = [pytest.param(scripted_en, id="en"), pytest.param(scripted_ru, id="ru")]
LONGEST = {
    "name": "N" * NAME_LIMIT,
    "persona": "P" * NAME_LIMIT,
    "channel": "C" * 25,
    "good_day": "G" * 24,
    "this_day": "T" * 14,
    "bits": "1000000 битсов",
    "gifts": "100 gifted subs",
    "raiders": "100000 рейдеров",
    "tip": "10000000.00 ISK",
    "reward": "R" * TITLE_LIMIT,
    "quote": "Q" * QUOTE_LIMIT,
    "said": "S" * SAID_LIMIT,
    "earlier": "E" * QUOTE_LIMIT,
}


def every_line(script: ModuleType) -> list[str]:
    return [*(line for lines in script.LINES.values() for line in lines), *script.AGAIN, *script.SUPPORT_AGAIN]


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_intent_has_at_least_five_lines_without_doubles(script: ModuleType) -> None:
    assert set(script.LINES) == set(Intent)
    assert min(len(lines) for lines in script.LINES.values()) >= 5
    assert len(set(every_line(script))) == len(every_line(script))


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_line_begins_with_a_mood_she_can_show(script: ModuleType) -> None:
    moods = {mood.value for mood in Mood}
    for line in every_line(script):
        tags = re.findall(r"\[(\w+)\]", line)
        assert len(tags) == 1, line
        assert line.startswith(f"[{tags[0]}] ")
        assert tags[0] in moods


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_line_is_longer_than_220_characters_even_with_the_longest_words(script: ModuleType) -> None:
    for line in every_line(script):
        spoken = line.format_map(LONGEST).partition("] ")[2]
        assert len(spoken) <= 220, spoken


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_line_is_two_sentences_beside_interjections_and_all_of_it_can_be_spoken(script: ModuleType) -> None:
    for line in every_line(script):
        spoken = line.format_map(dict.fromkeys(LONGEST, "word")).partition("] ")[2]
        assert not re.search(r"[*_#<>|/\\`~\[\]{}()\d]|https?|  ", spoken), line
        sentences = re.split(r"(?<=[.!?…])\s+", spoken)
        assert len([sentence for sentence in sentences if len(sentence.split()) > 3]) <= 2, line
        assert spoken[-1] in ".!?", line


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_spare_lines_outlast_what_must_not_be_repeated(script: ModuleType) -> None:
    for pool in (script.AGAIN, script.SUPPORT_AGAIN):
        assert len(pool) > UNREPEATED_TURNS
        assert all(fields(line) <= {"name", "this_day"} for line in pool)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_answer_about_her_model_says_how_to_add_a_key(script: ModuleType) -> None:
    for line in script.LINES[Intent.MODEL]:
        assert re.search(r"\bkey\b|ключ", line)
        assert re.search(r"settings|настройк", line)


def test_russian_lines_do_not_guess_the_gender_of_the_chatter() -> None:
    gendered = re.compile(
        r"\bты (не |уже |сам |сама )*[а-яё]+(л|ла|лся|лась)\b|\bты [^.,!?]*\b(готов|рад|прав|уверен)а?\b"
    )
    assert gendered.search("раз ты уже сказала")
    assert gendered.search("ты точно уверен")
    for line in every_line(scripted_ru):
        assert not gendered.search(line), line


@pytest.mark.parametrize(
    ("amount", "words"),
    [(1, "1 битс"), (3, "3 битса"), (5, "5 битсов"), (11, "11 битсов"), (21, "21 битс"), (112, "112 битсов")],
)
def test_russian_amounts_are_declined(amount: int, words: str) -> None:
    assert scripted_ru.counted(amount)["bits"] == words


def test_english_amounts_are_counted() -> None:
    assert scripted_en.counted(1)["raiders"] == "1 raider"
    assert scripted_en.counted(2)["gifts"] == "2 gifted subs"
