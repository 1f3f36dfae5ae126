"""Figures that are said as words: "five five five", "восемь девятьсот двадцать". Pure, linear-time."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

FEWEST_WORDS = 7
"""Spoken figures in a row that are a telephone number rather than a score."""
SHORTEST_COUNT = 5
"""Words from which counting up or down is no number."""
_UNITS = (
    "zero oh nil nought ноль нуль нолик зеро", "one один одна единица odin", "two два две двойка dva",
    "three три тройка tri", "four четыре четверка chetyre", "five пять пятерка pyat", "six шесть шестерка shest",
    "seven семь семерка sem", "eight восемь восьмерка vosem", "nine niner девять девятка devyat",
)  # fmt: skip
_TEENS = (
    "ten десять", "eleven одиннадцать", "twelve двенадцать", "thirteen тринадцать", "fourteen четырнадцать",
    "fifteen пятнадцать", "sixteen шестнадцать",
    "seventeen семнадцать", "eighteen восемнадцать", "nineteen девятнадцать",
)  # fmt: skip
_TENS = (
    "twenty двадцать", "thirty тридцать", "forty сорок", "fifty пятьдесят", "sixty шестьдесят", "seventy семьдесят",
    "eighty восемьдесят", "ninety девяносто",
)  # fmt: skip
_HUNDREDS = (
    "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот",
)  # fmt: skip
_VALUES = {
    word: value
    for words, values in (
        (_UNITS, range(10)), (_TEENS, range(10, 20)), (_TENS, range(20, 100, 10)), (_HUNDREDS, range(100, 1000, 100)),
    )
    for names, value in zip(words, values, strict=True)
    for word in names.replace("ё", "е").split()
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "дважды": 2, "трижды": 3}
_SIGNS = {
    "dot": ".",
    "point": ".",
    "точка": ".",
    "plus": "+",
    "плюс": "+",
    "dash": "-",
    "hyphen": "-",
    "тире": "-",
    "дефис": "-",
}
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")


def in_figures(text: str) -> tuple[str, str]:
    """(the text with spoken figures as figures, the longest run of them); the plain text itself where none are said."""
    made: list[str] = []
    longest = ""
    is_said = False
    for run, rest in _runs(_TOKEN.findall(text)):
        figures = "" if len(run) >= SHORTEST_COUNT and _counts(run) else _joined(run)
        if len(run) >= FEWEST_WORDS and len(figures) > len(longest):
            longest = figures
        is_said = is_said or bool(figures)
        made += [figures, rest] if figures else [rest]
    return (" ".join(made) if is_said else text), longest


def _runs(tokens: list[str]) -> Iterator[tuple[list[int], str]]:
    """Values of spoken figures in a row, and the token that ends the row."""
    run: list[int] = []
    times = 1
    for token in tokens:
        if token in _TIMES:
            times = _TIMES[token]
        elif (value := _VALUES.get(token)) is not None:
            run += [value] * times
            times = 1
        elif run and token in {"-", ",", "."}:
            continue
        else:
            yield run, _SIGNS.get(token, token)
            run, times = [], 1
    yield run, ""


def _joined(run: list[int]) -> str:
    """The figures of a row: "nine hundred, twenty, three" is one number, "five, five" are two."""
    figures = ""
    open_places = 0
    for value in run:
        places = len(str(value))
        if value and places <= open_places:
            # "девятьсот двадцать": the end of what is there already is noughts that wait for this.
            figures = figures[:-places] + str(value)
            open_places = 1 if places == 2 and value % 10 == 0 else 0
        else:
            figures += str(value)
            open_places = 2 if places == 3 else 1 if places == 2 and value >= 20 and value % 10 == 0 else 0
    return figures


def _counts(run: list[int]) -> bool:
    """Counting up or down, as before a start, or one figure over and over, is no number of anybody's."""
    steps = {after - before for before, after in itertools.pairwise(run)}
    return len(steps) == 1 and steps <= {-10, -5, -2, -1, 0, 1, 2, 5, 10}
