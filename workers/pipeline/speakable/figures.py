"""Finding figures in a text and putting words in their place, whatever the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workers.pipeline.speakable.lists import listed

LONGEST_DIGITS = 15
"""Digits of a number that is said as one; a longer one is no amount but a code, said digit by digit."""
LONGEST_CODE = 24
"""Digits anybody would listen to. Beyond it the voice only says that there is a number."""

Say = Callable[[re.Match[str]], str]
Rule = tuple[re.Pattern[str], Say]

ROMAN = {
    name: value
    for value, name in enumerate(
        listed("II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI"), start=2
    )
}
SIGN = r"(?:(?<![\w\d)])[-−–](?=\d))?"
"""A minus that is one: a hyphen with a letter or figure before it is none."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as written: its digits before and after the separator."""

    whole: str
    fraction: str = ""
    negative: bool = False

    @property
    def number(self) -> int:
        return int(self.whole)

    @property
    def is_code(self) -> bool:
        """Said digit by digit: too long, or with a zero in front."""
        return len(self.whole) > LONGEST_DIGITS or (len(self.whole) > 1 and self.whole[0] == "0")


def rule(pattern: str, say: Say, *, ignore_case: bool = True) -> Rule:
    return re.compile(pattern, re.IGNORECASE if ignore_case else 0), say


def replace_figures(text: str, rules: Sequence[Rule]) -> str:
    """Each rule over the whole text, in order. Words never stick to letters beside them."""
    for pattern, say in rules:
        text = pattern.sub(lambda match, say=say: _spaced(match, say(match)), text)  # type: ignore[misc]
    return text


def _spaced(match: re.Match[str], words: str) -> str:
    if words == match[0]:
        return words
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return (" " if before.isalnum() else "") + words + (" " if after.isalnum() else "")


def following(match: re.Match[str], count: int = 3) -> list[str]:
    """The next words in small letters, up to the end of the clause."""
    clause = re.split(r"[.,;:!?…()]", match.string[match.end() : match.end() + 60], maxsplit=1)[0]
    return [word.lower() for word in re.findall(r"[^\W\d_]+", clause)[:count]]


def preceding(match: re.Match[str]) -> str:
    """The word just before, in small letters; empty where something else stands there."""
    found = re.search(r"([^\W\d_]+)[ \u00a0]+[«\"(]?$", match.string[max(0, match.start() - 30) : match.start()])
    return found[1].lower() if found else ""
