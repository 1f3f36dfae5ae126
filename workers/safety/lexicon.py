"""What is never said (tier 1) and what some profiles do not say (tier 2), found in a reading of a text.

The words stand in `data/`, with their notation in `data/README.md`. Tier 1 is one object for all profiles.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from workers.pipeline.values import Profile
from workers.safety import notation
from workers.safety.normalise import JOINED, Reading, plain, readings
from workers.safety.notation import Section
from workers.safety.tables import DATA

FEWEST_LETTERS = 2
"""Letters that must stand in a word with stars: below that anything would fit."""
LONGEST_PIECE = 5
"""Letters of the shortest piece of a word that is in pieces."""
MOST_PIECES = 9
"""Pieces on either side of it."""
MOST_GLUED = 12
"""Words of a text of which each two are tried as one."""
_BEGIN, _END = r"(?<!\S)", r"(?!\S)"


class Found(NamedTuple):
    """What was found: the rule's id and the words that broke it, with how they were hidden."""

    rule_id: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Sought:
    """A reading as it is searched: what cannot hold anything is left out beforehand."""

    how: str
    words: str
    rare: str
    """The words that are not among the common ones."""
    near: str
    """The surroundings of short rare words, in which a word may be in pieces."""
    bare: str
    """The words without doubled letters."""

    @classmethod
    def of(cls, reading: Reading) -> Sought:
        tokens, common = reading.words.split(), _common()
        rare = [place for place, token in enumerate(tokens) if token not in common]
        kept: set[int] = set()
        for place in rare:
            if len(tokens[place]) <= LONGEST_PIECE:
                kept.update(range(max(0, place - MOST_PIECES), min(len(tokens), place + MOST_PIECES + 1)))
        near = " ".join(token if place in kept else "," for place, token in enumerate(tokens)) if kept else ""
        words = " ".join(tokens[place] for place in rare)
        return cls(reading.how, reading.words, words, near, notation.skeleton(reading.words))

    def without_innocents(self) -> Sought:
        return self.without(_innocents())

    def without(self, words: re.Pattern[str]) -> Sought:
        return Sought.of(Reading(self.how, words.sub(",", self.words)))


@dataclass(frozen=True, slots=True)
class Tier:
    """A set of sections that is judged together, in the forms they are looked for. A group's name is its section's."""

    rule: str
    plain: re.Pattern[str]
    inside: re.Pattern[str]
    """Roots that are found in the middle of a word too."""
    spread: re.Pattern[str]
    starred: re.Pattern[str]
    phrases: re.Pattern[str]
    """Lines of several words, looked for in text without doubled letters."""
    keys: re.Pattern[str]
    """One of these is in every text that holds such a line: they are found sooner than the lines."""
    keyless: re.Pattern[str]
    """The phrases without a key."""

    @classmethod
    def of(cls, rule: str, sections: Iterable[Section]) -> Tier:
        whole, roots, phrases, keyless = (defaultdict[str, list[str]](list) for _ in range(4))
        keys = set[str]()
        for section in sections:
            for line in section.lines:
                if " " in line:
                    own = notation.keys(line, _common())
                    keys.update(own)
                    kind = phrases if own else keyless
                else:
                    kind = roots if line.startswith("~") else whole
                kind[section.name].append(line.removeprefix("~"))
        words = {name: whole[name] + roots[name] for name in [*whole, *roots]}
        return cls(
            rule,
            plain=_any(whole, notation.plainly),
            inside=_any(roots, notation.plainly, begin=""),
            spread=_any(words, notation.spread),
            starred=_any(words, notation.starred),
            phrases=_any(phrases, notation.phrase),
            keys=_by_initials(keys),
            keyless=_any(keyless, notation.phrase),
        )

    def find(self, sought: Sought) -> Found | None:
        """What of this tier is in the reading: whole, then in pieces."""
        if not (self._whole(sought) or self._piece(sought.near)):
            return None
        # Only now: most texts hold nothing that might be innocent.
        sought = sought.without_innocents()
        if found := self._whole(sought):
            return self._found(found, sought.how)
        if found := self._piece(sought.near):
            return self._found(found, sought.how or "pieces")
        return None

    def find_phrase(self, sought: Sought) -> Found | None:
        """A phrase of this tier alone."""
        if not self._phrase(sought.bare):
            return None
        found = self._phrase(sought.without_innocents().bare)
        return self._found(found, sought.how) if found else None

    def find_starred(self, words: str) -> Found | None:
        """`words` are those of a text that hold stars."""
        for found in self.starred.finditer(words):
            if sum(letter.isalpha() for letter in found[0]) >= FEWEST_LETTERS and found[0][0].isalpha():
                return self._found(found, "stars")
        return None

    def find_backwards(self, words: str) -> Found | None:
        """The words of a reading, read from their end."""
        if not self._whole(_backwards(words)):
            return None
        found = self._whole(_backwards(_innocents().sub(",", words)))
        return self._found(found, "backwards") if found else None

    def _whole(self, sought: Sought) -> re.Match[str] | None:
        """A word or a phrase as it stands."""
        return self.plain.search(sought.rare) or self.inside.search(sought.rare) or self._phrase(sought.bare)

    def _phrase(self, bare: str) -> re.Match[str] | None:
        return (self.keys.search(bare) and self.phrases.search(bare)) or self.keyless.search(bare)

    def _piece(self, near: str) -> re.Match[str] | None:
        """A word in pieces, as "fa gg ot". Words that are whole by themselves are no pieces."""
        place = 0
        while found := self.spread.search(near, place):
            tokens = found[0].split()
            if len(tokens) == 1 or not all(token in _common() for token in tokens):
                return found
            place = found.start() + len(tokens[0])
        return None

    def _found(self, found: re.Match[str], how: str) -> Found:
        words = found[0].strip()
        return Found(f"{self.rule}.{found.lastgroup}", f"{words} ({how})" if how else words)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The tiers of one profile, the hardest first."""

    tiers: tuple[Tier, ...]
    allowed: re.Pattern[str] | None = None
    """What the tiers but the hardest leave alone."""

    def allowing(self, words: Iterable[str]) -> Lexicon:
        """The lexicon of a channel where these words are at home. With stars in it a word is meant as one to hide."""
        ways = {way.words for word in words for way in readings(word, plain(word)) if "," not in way.words}
        longest_first = sorted(ways, key=lambda way: (-len(way), way))
        return replace(self, allowed=_any({"allowed": longest_first}, notation.exactly)) if ways else self

    def find(self, readings: Sequence[Reading], starred: str = "", filled: Sequence[Reading] = ()) -> Found | None:
        """What is in any of the readings of one text, or None; what is harder goes before what is milder.

        `starred` are the words that hold stars, `filled` more readings, in which only the hardest phrases count.
        """
        plainly = [Sought.of(reading) for reading in readings]
        guessed = [Sought.of(reading) for reading in (*filled, *(_glued(readings[0].words) if readings else ()))]
        for tier in self.tiers:
            is_hard = tier is self.tiers[0]
            for sought in plainly:
                # What joins sentences by mistake makes too many mild words.
                if (is_hard or sought.how != JOINED) and (found := self._in(tier, sought)):
                    return found
            if is_hard and (found := next(filter(None, map(tier.find_phrase, guessed)), None)):
                return found
            if starred and (found := tier.find_starred(starred)):
                return found
        return self._backwards(readings[0].words) if readings else None

    def _in(self, tier: Tier, sought: Sought) -> Found | None:
        found = tier.find(sought)
        if found and self.allowed and tier is not self.tiers[0]:
            return tier.find(sought.without(self.allowed))
        return found

    def _backwards(self, words: str) -> Found | None:
        """From their end: all words for tier 1, Latin ones for the others. Russian endings make false ones."""
        rest = self.allowed.sub(",", words) if self.allowed else words
        latin = " ".join(word for word in rest.split() if word.isascii() and word not in _common())
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
    return Tier.of("lexicon.tier1", _sections("tier1"))


@cache
def _soft_tier(mildest: str) -> Tier:
    """The sections of tier 2 whose most liberal profile that blocks them is this one."""
    chosen = [s for s in _sections("tier2") if ("standard" in s.labels) == (mildest == "standard")]
    return Tier.of("lexicon.tier2", chosen)


@cache
def _innocents() -> re.Pattern[str]:
    """Words that hold a root without meaning it."""
    return _any({section.name: section.lines for section in _sections("innocent")}, notation.exactly)


def _glued(words: str) -> Iterator[Reading]:
    """The readings of a short text with two words at a time as one: for phrases one word of which is in pieces."""
    if words.count(" ") >= MOST_GLUED:
        return
    tokens = _innocents().sub(",", words).split()
    for place, pair in enumerate(itertools.pairwise(tokens)):
        if not all(token in _common() for token in pair):
            yield Reading("pieces", " ".join([*tokens[:place], "".join(pair), *tokens[place + 2 :]]))


def _backwards(words: str) -> Sought:
    """Pieces are not looked for: too much is a piece of something."""
    turned = words[::-1]
    return Sought("", turned, turned, "", notation.skeleton(turned))


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


def _any(lines: Mapping[str, Sequence[str]], form: Callable[[str], str], begin: str = _BEGIN) -> re.Pattern[str]:
    groups = (f"(?P<{name}>{'|'.join(map(form, own))})" for name, own in lines.items() if own)
    # Without lines nothing is found, where an empty pattern would find everything.
    return re.compile(f"{begin}(?:{'|'.join(groups) or '(?!)'}){_END}")


def _by_initials(keys: Iterable[str]) -> re.Pattern[str]:
    """One of many beginnings, those with the same two first letters together: at each place few of them are tried."""
    groups = defaultdict[str, dict[str, list[str]]](lambda: defaultdict(list))
    for key in sorted(keys):
        groups[key[0]][key[1]].append(key[2:])
    made = []
    for first, seconds in groups.items():
        inner = [f"{second}(?:{'|'.join(rest)})" for second, rest in seconds.items()]
        made.append(f"{first}(?:{'|'.join(inner)})")
    return re.compile("|".join(made) or "(?!)")
