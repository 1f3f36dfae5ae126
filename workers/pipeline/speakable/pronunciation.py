"""A persona's own dictionary: names, emotes and slang, and how she says them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

FIRST_PLACE = 0xE000
"""Words that were looked up travel as one private character each, so that no later rule touches them."""


@dataclass(frozen=True, slots=True)
class SayAs:
    """One line of the dictionary. `language` is a base tag ("en", "ru"); empty counts in every language."""

    word: str
    say: str
    language: str = ""


@dataclass(frozen=True)
class Pronunciation:
    """The whole dictionary: whole words in any case, the longest first, one's own language before any."""

    lines: tuple[SayAs, ...] = ()

    @cached_property
    def _by_language(self) -> dict[str, tuple[re.Pattern[str], dict[str, int]]]:
        return {}

    def hide(self, text: str, language: str) -> str:
        """Each known word as one private character."""
        if not self.lines:
            return text
        if language not in self._by_language:
            self._by_language[language] = self._compiled(language)
        pattern, places = self._by_language[language]
        return pattern.sub(lambda match: chr(FIRST_PLACE + places[_key(match[0])]), text)

    def show(self, text: str) -> str:
        """The private characters as what is said, parted from words beside them."""
        if not self.lines:
            return text
        last = FIRST_PLACE + len(self.lines) - 1
        return re.sub(
            f"[{chr(FIRST_PLACE)}-{chr(last)}]", lambda match: self.lines[ord(match[0]) - FIRST_PLACE].say, text
        )

    def _compiled(self, language: str) -> tuple[re.Pattern[str], dict[str, int]]:
        places: dict[str, int] = {}
        for index, line in enumerate(self.lines):
            if line.language not in ("", language):
                continue
            known = places.get(_key(line.word))
            if known is None or (line.language and not self.lines[known].language):
                places[_key(line.word)] = index
        if not places:
            return re.compile(r"(?!)"), places
        words = sorted(places, key=len, reverse=True)
        anywhere = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
        # A word of marks such as <3 has no word boundary of its own; it ends where blanks or letters begin.
        return re.compile(rf"(?<!\w)(?:{anywhere})(?!\w)", re.IGNORECASE), places


def _key(word: str) -> str:
    return " ".join(word.lower().split())
