"""The macros of character cards: `{{char}}`, `{{random:a,b}}` and their like, put in once.

Only a card's own text is expanded, never what viewers wrote; and what was put in is not read again, so that a name that
looks like a macro stays a name.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_NESTING = 8
MAX_DICE = 100
MAX_SIDES = 1_000_000
_NEXT = re.compile(r"\{\{|<(?:bot|user)>", re.IGNORECASE)
_BRACES = re.compile(r"\{\{|\}\}")
_DICE = re.compile(r"(?P<count>\d{0,4})d(?P<sides>\d{1,7})|(?P<plain>\d{1,7})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Macros:
    """What macros stand for. `chance` decides anew at each use, `picks` is a seed: the same seed picks the same."""

    char: str
    user: str
    chance: random.Random
    picks: str = ""
    original: str = ""

    def expand(self, text: str) -> str:
        """The text with every macro it knows put in. Unknown ones stay as they are."""
        return self._expanded(text, 0, [0])

    def _expanded(self, text: str, nesting: int, picked: list[int]) -> str:
        parts: list[str] = []
        place = 0
        while found := _NEXT.search(text, place):
            parts.append(text[place : found.start()])
            if found[0] != "{{":
                parts.append(self.char if found[0].lower() == "<bot>" else self.user)
                place = found.end()
                continue
            end = _closing(text, found.end())
            if end < 0 or nesting == MAX_NESTING:
                return "".join([*parts, text[found.start() :]])
            inside = text[found.end() : end]
            put_in = self._value(inside, nesting, picked)
            parts.append("{{" + inside + "}}" if put_in is None else put_in)
            place = end + 2
        return "".join([*parts, text[place:]])

    def _value(self, inside: str, nesting: int, picked: list[int]) -> str | None:
        """What stands for `{{inside}}`; None where no macro is called so."""
        if inside.lstrip().startswith("//"):
            return ""
        name, colon, rest = inside.partition(":")
        match name.strip().lower(), bool(colon):
            case "char", False:
                return self.char
            case "user", False:
                return self.user
            case "original", False:
                return self.original
            case (("comment" | "hidden_key"), True):
                return ""
            case "reverse", True:
                return self._expanded(rest, nesting + 1, picked)[::-1]
            case "random", True:
                return self._expanded(self.chance.choice(choices(rest)), nesting + 1, picked)
            case "pick", True:
                # Each place of a text picks for itself, and keeps its pick as long as the text and the seed stay.
                picked[0] += 1
                chance = random.Random(f"{self.picks}:{picked[0]}:{rest}")
                return self._expanded(chance.choice(choices(rest)), nesting + 1, picked)
            case "roll", True:
                return _rolled(rest.strip(), self.chance)
        return None


def choices(text: str) -> Sequence[str]:
    """`a,b` or `a::b` as its parts; `\\,` is a comma, and one inside an inner macro parts nothing."""
    sign = "::" if "::" in text else ","
    parts, begin, level, place = [], 0, 0, 0
    while place < len(text):
        pair = text[place : place + 2]
        if pair in ("{{", "}}"):
            level += 1 if pair == "{{" else -1
            place += 2
        elif pair == "\\,":
            place += 2
        elif level <= 0 and text.startswith(sign, place):
            parts.append(text[begin:place])
            place = begin = place + len(sign)
        else:
            place += 1
    return [part.strip().replace("\\,", ",") for part in (*parts, text[begin:].removeprefix(":"))]


def _closing(text: str, begin: int) -> int:
    """Where the `}}` stands that belongs to the braces before `begin`; -1 where there is none."""
    level = 1
    for found in _BRACES.finditer(text, begin):
        level += 1 if found[0] == "{{" else -1
        if not level:
            return found.start()
    return -1


def _rolled(text: str, chance: random.Random) -> str | None:
    """The sum of `2d6`, or a throw of `d20` or `20`; None for what is no die."""
    dice = _DICE.fullmatch(text)
    if dice is None:
        return None
    count, sides = int(dice["count"] or 1), int(dice["sides"] or dice["plain"])
    if not (1 <= count <= MAX_DICE and 1 <= sides <= MAX_SIDES):
        return None
    return str(sum(chance.randint(1, sides) for _throw in range(count)))
