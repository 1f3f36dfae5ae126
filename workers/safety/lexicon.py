"""What is never said (tier 1) and what some profiles do not say (tier 2), found in a reading of a text.

The words stand in `data/`, with their notation in `data/README.md`. Tier 1 is one object for all profiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from workers.safety import notation
from workers.safety.normalise import DATA, JOINED, Reading, backwards, plain
from workers.safety.notation import Section

Profile = Literal["family", "standard", "mature"]
FEWEST_LETTERS = 2
"""Letters that must stand in a word with stars: below that anything would fit."""
_BEGIN, _END = r"(?<!\S)", r"(?!\S)"


class Found(NamedTuple):
    """What was found: the rule's id and the words that broke it, with how they were hidden."""

    rule_id: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Patterns:
    """The lines of some sections in the forms they are looked for."""

    plain: re.Pattern[str]
    inside: re.Pattern[str]
    """Roots that are found in the middle of a word too."""
    spread: re.Pattern[str]
    starred: re.Pattern[str]
    phrases: re.Pattern[str]
    """Lines of several words, looked for in text without doubled letters."""

    @classmethod
    def of(cls, lines: Iterable[str]) -> Patterns:
        words = [line for line in lines if " " not in line]
        whole = [line for line in words if not line.startswith("~")]
        roots = [line.removeprefix("~") for line in words if line.startswith("~")]
        return cls(
            plain=_any(whole, notation.plainly),
            inside=_any(roots, notation.plainly, begin=""),
            spread=_any([*whole, *roots], notation.spread),
            starred=_any([*whole, *roots], notation.starred),
            phrases=_any([line for line in lines if " " in line], notation.phrase),
        )

    def whole(self, words: str) -> str:
        """A word or a phrase as it stands, or ""."""
        found = self.plain.search(words) or self.inside.search(words) or self.phrases.search(notation.skeleton(words))
        return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Tier:
    """A set of sections that is judged together."""

    rule: str
    sections: tuple[Section, ...]
    patterns: Patterns

    @classmethod
    def of(cls, rule: str, sections: Sequence[Section]) -> Tier:
        return cls(rule, tuple(sections), Patterns.of([line for section in sections for line in section.lines]))

    def find(self, reading: Reading) -> Found | None:
        """What of this tier is in the reading: whole, then in pieces."""
        words = reading.words
        if not (self.patterns.whole(words) or self.patterns.spread.search(words)):
            return None
        # Only now: most texts hold nothing that might be innocent.
        words = _innocents().sub(",", words)
        if found := self.patterns.whole(words):
            return self._found(found, reading.how)
        if piece := self._pieces(words):
            return self._found(piece, reading.how or "pieces")
        return None

    def find_starred(self, words: str) -> Found | None:
        """`words` are those of a text that hold stars."""
        for found in self.patterns.starred.finditer(words):
            if sum(letter.isalpha() for letter in found[0]) >= FEWEST_LETTERS and found[0][0].isalpha():
                return self._found(found[0], "stars")
        return None

    def find_backwards(self, words: str) -> Found | None:
        """The words of a reading, read from their end."""
        found = self.patterns.whole(backwards(words)) and self.patterns.whole(backwards(_innocents().sub(",", words)))
        return self._found(found, "backwards") if found else None

    def _pieces(self, words: str) -> str:
        """A word in pieces, as "fa gg ot". Words that are whole by themselves are no pieces."""
        place = 0
        while found := self.patterns.spread.search(words, place):
            piece = found[0].strip()
            tokens = piece.split()
            if len(tokens) == 1 or not all(token in _common() for token in tokens):
                return piece
            place = found.start() + len(tokens[0])
        return ""

    def _found(self, words: str, how: str) -> Found:
        return Found(f"{self.rule}.{self._section(words)}", f"{words} ({how})" if how else words)

    def _section(self, words: str) -> str:
        """The name of the section that holds the words; looked up only when something was found."""
        for section in self.sections:
            own = _section_patterns(section)
            if any(
                own.whole(form) or own.spread.search(form) or own.starred.search(form) for form in (words, words[::-1])
            ):
                return section.name
        return "words"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The tiers of one profile, the hardest first."""

    tiers: tuple[Tier, ...]

    def find(self, readings: Sequence[Reading], starred: str = "", filled: Sequence[Reading] = ()) -> Found | None:
        """What is in any of the readings of one text, or None; what is harder goes before what is milder.

        `starred` are the words that hold stars, `filled` the readings with vowels in their place.
        """
        for tier in self.tiers:
            is_hard = tier is self.tiers[0]
            for reading in (*readings, *filled) if is_hard else readings:
                # What joins sentences by mistake makes too many mild words.
                if (is_hard or reading.how != JOINED) and (found := tier.find(reading)):
                    return found
            if starred and (found := tier.find_starred(starred)):
                return found
        return self._backwards(readings[0].words) if readings else None

    def _backwards(self, words: str) -> Found | None:
        """From their end: all words for tier 1, Latin ones for the others. Russian endings make false ones."""
        latin = " ".join(word for word in words.split() if word.isascii())
        found = (tier.find_backwards(latin if place else words) for place, tier in enumerate(self.tiers))
        return next((each for each in found if each), None)


@cache
def lexicon(profile: Profile) -> Lexicon:
    """The lexicon of a profile. Compiled once; takes a moment the first time."""
    tiers = [hard_tier()]
    if profile != "mature":
        tiers.append(_soft_tier("standard"))
    if profile == "family":
        tiers.append(_soft_tier("family"))
    return Lexicon(tuple(tiers))


@cache
def hard_tier() -> Tier:
    """Tier 1: the same object whatever the profile."""
    return Tier.of("lexicon.tier1", list(_sections("tier1")))


@cache
def _soft_tier(mildest: str) -> Tier:
    """The sections of tier 2 whose most liberal profile that blocks them is this one."""
    chosen = [s for s in _sections("tier2") if ("standard" in s.labels) == (mildest == "standard")]
    return Tier.of("lexicon.tier2", chosen)


@cache
def _section_patterns(section: Section) -> Patterns:
    return Patterns.of(section.lines)


@cache
def _innocents() -> re.Pattern[str]:
    """Words that hold a root without meaning it."""
    return _any([line for section in _sections("innocent") for line in section.lines], notation.exactly)


def is_piece(word: str) -> bool:
    """Whether this is rather a bit of a word than a word."""
    return len(word) == 1 or word not in _common()


@cache
def _common() -> frozenset[str]:
    """Whole words that are so short that they could be taken for pieces."""
    return frozenset(word for section in _sections("common") for line in section.lines for word in line.split())


def _sections(kind: str) -> Iterator[Section]:
    for path in sorted(DATA.glob(f"{kind}*.txt")):
        yield from notation.sections(plain(path.read_text(encoding="utf-8")))


def _any(lines: Sequence[str], form: Callable[[str], str], begin: str = _BEGIN) -> re.Pattern[str]:
    # Without lines nothing is found, where an empty pattern would find everything.
    return re.compile(f"{begin}(?:{'|'.join(form(line) for line in lines) or '(?!)'}){_END}")
