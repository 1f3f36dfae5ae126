"""Her name as people type it, and the ordinary words that must not be taken for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.effort import effort
from tests.workers.pipeline.chat import director, message, picked
from workers.pipeline.names import Misspellings, sound

HERE = Path(__file__).parent
WORDS = sorted(set((HERE / "ordinary.txt").read_text().split()))
"""Written for this test: what people say of games, weather, food and their day."""
BENIGN = (HERE.parent / "safety" / "corpus" / "benign.txt").read_text()
NAMES = """
Mika Alice Aurora Stella Luna Yuki Kitty Pixel Nova Foxy Robin Emily Sakura Melody Daisy Sophie Neuro Evil Vivian Amber
Crystal Marina Violet Raven Ember Honey Clara Jinx Max Rosie Cherry Angel
Мика Алиса Настя Аврора Кира Марина Звезда Полина Ксюша Соня Катя Василиса Варвара Мария Елена Роза Лиса Соникс Нейра
Снежок Вишня Ангелина Стелла Карина Дарья Маша
"""


def calls(name: str, text: str) -> bool:
    return Misspellings([name]).find(text) is not None


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        # A slip of the keyboard
        ("Aurora", "aurroa"),
        ("Aurora", "auora"),
        ("Aurora", "aurorra"),
        ("Aurora", "aurpra"),
        ("Alice", "alcie"),
        ("Alice", "laice"),
        ("Алиса", "алмса"),
        ("Алиса", "@Алсиа"),
        # Stretched
        ("Mika", "miiikaaa"),
        ("Mika", "Mmmika"),
        ("Zoe", "zooooe"),
        ("Соня", "соооня"),
        # Russian cases, and the form one calls by
        ("Алиса", "Алису"),
        ("Алиса", "алисе"),
        ("Алиса", "алисой"),
        ("Алиса", "Алис"),
        ("Настя", "Насте"),
        ("Настя", "насть"),
        ("Мия", "Мию"),
        ("Снежок", "снежоку"),
        ("Огонёк", "огонек"),
        # The other alphabet, in its cases too
        ("Mika", "Мика"),
        ("Mika", "мике"),
        ("Mika", "микой"),
        ("Мика", "mika"),
        ("Катя", "Katya"),
        ("Katya", "Кате"),
        ("Maria", "Мария"),
        ("Maria", "марию"),
        ("Foxy", "Фокси"),
        ("Kevin", "Кевину"),
        ("Юки", "Yuki"),
        ("Jinx", "Джинкс"),
        # Letters of both in one word
        ("Mika", "Mikа"),
        ("Miss Fox", "misssfox"),
    ],
)
def test_a_name_is_heard_as_people_type_it(name: str, typed: str) -> None:
    assert calls(name, typed), f"{name} is meant by {typed}"
    assert calls(name, f"hey {typed}, hello")


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Mika", "mike"),
        ("Mika", "milk"),
        ("Mika", "mik"),
        ("Alice", "alive"),
        ("Alice", "slice"),
        ("Alice", "malice"),
        ("Stella", "stellar"),
        ("Aurora", "auroras"),
        ("Ben", "been"),
        ("Bot", "boot"),
        ("Tom", "о том"),
        ("Sam", "я сам"),
        ("Nova", "в новой игре"),
        ("Марина", "машина"),
        ("Нейра", "о ней"),
        ("Лиса", "под липой"),
        ("Алиса", "Алине"),
        ("Masha", "Миша"),
        ("Lana", "лама"),
        ("Aurora", "visit aurroa.com"),
        ("Aurora", "l'aurroa"),
        ("Ai", "ай"),
    ],
)
def test_another_word_is_not_her_name(name: str, typed: str) -> None:
    assert not calls(name, typed)


@pytest.mark.parametrize("name", NAMES.split())
def test_hardly_an_ordinary_word_calls_a_common_name(name: str) -> None:
    """False calls: less than 0.1 % of the words, those that are the name itself left aside."""
    ear = Misspellings([name])
    own = {name.casefold()}
    words = [word for word in WORDS if word not in own]
    false = [word for word in words if ear.find(word)]
    assert len(words) > 1500
    assert len(false) < 0.001 * len(words), false


def test_of_all_names_together_almost_none() -> None:
    pairs = [(name, word) for name in NAMES.split() for word in WORDS if word != name.casefold()]
    ears = {name: Misspellings([name]) for name in NAMES.split()}
    false = [pair for pair in pairs if ears[pair[0]].find(pair[1])]
    assert len(false) < 0.0001 * len(pairs), false


def test_a_harmless_chat_calls_nobody_by_mistake() -> None:
    lines = [line for line in BENIGN.splitlines() if line and not line.startswith("#")]
    false = [
        (name, found[0])
        for name in NAMES.split()
        for found in map(Misspellings([name]).find, lines)
        if found and not re.search(rf"\b{name}\b", found[0], re.IGNORECASE)
    ]
    assert false == []


def test_a_misspelt_call_is_answered_without_its_address() -> None:
    for text in ("Aurroa, how are you", "@aurroa how are you", "AURROA how are you"):
        room = director("Aurora", misspelt=True)
        room.offer(message(text), 0)
        choice = room.pick(0)
        assert choice is not None
        assert (choice.trigger, choice.lane, choice.text) == ("misspelt name", "mention", "how are you")


def test_a_name_in_the_middle_stays_where_it_is() -> None:
    room = director("Aurora", misspelt=True)
    room.offer(message("tell me aurroa, is it late"), 0)
    assert picked(room.pick(0)) == ["tell me aurroa, is it late"]


def test_nicknames_are_heard_misspelt_and_her_name_only_where_it_calls_her() -> None:
    room = director("Aurora", misspelt=True, mention=False, nicknames=("starlight",))
    room.offer(message("aurroa hi"), 0)
    assert room.pick(0) is None
    room.offer(message("starlihgt hi"), 0)
    assert picked(room.pick(0)) == ["hi"]


def test_without_the_switch_only_exact_spellings_call_her() -> None:
    room = director("Aurora")
    room.offer(message("aurroa hi"), 0)
    assert room.pick(0) is None


def test_a_name_sounds_the_same_in_both_alphabets() -> None:
    for latin, cyrillic in (("katya", "катя"), ("zhenya", "женя"), ("ksenia", "ксения"), ("sasha", "саша")):
        assert sound(latin) == sound(cyrillic)


def test_hearing_closely_takes_little_of_a_busy_chat() -> None:
    """A hundred messages a second may take a tenth of a core in all; this is what the names take of it."""
    ear = Misspellings(["Aurora", *(f"{name}" for name in NAMES.split()[:20])])
    lines = [" ".join(WORDS[start : start + 10]) for start in range(0, 1000, 10)]
    ear.find(lines[0])
    with effort(90):
        for line in lines:
            ear.find(line)
