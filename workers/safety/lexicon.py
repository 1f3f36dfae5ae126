"""What is never said (tier 1) and what some profiles do not say (tier 2), found in a reading of a text.

The words stand in `data/`, with their notation in `data/README.md`. Tier 1 is one object for all profiles.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
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
LEAD = 3
"""Letters by which it is known that no word can begin here, whole or in pieces."""
LONGEST_SPREAD = 40
"""Pieces of one word at most: as many letters, each doubled."""
MOST_KNOWN = 20_000
"""Words of which a tier remembers whether they are its own: nearly all of a chat's are the same ones."""
_BEGIN, _END = r"(?<!\S)", r"(?!\S)"


class Found(NamedTuple):
    """What was found: the rule's id and the words that broke it, with how they were hidden."""

    rule_id: str
    evidence: str


@dataclass(frozen=True)
class Sought:
    """A reading as it is searched. What a search needs is worked out when it is first asked for, and once."""

    how: str
    words: str
    pieces: bool = True
    """Whether words in pieces are looked for."""

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The words that are not among the common ones, each once."""
        return frozenset(self.words.split()) - _common()

    @cached_property
    def rare(self) -> str:
        """The same in their order."""
        return " ".join(token for token in self.words.split() if token not in _common())

    @cached_property
    def near(self) -> list[str]:
        """The surroundings of short rare words, in which a word may be in pieces; "," stands for what is left out."""
        tokens, common = self.words.split(), _common()
        kept = bytearray(len(tokens))
        for place, token in enumerate(tokens):
            if len(token) <= LONGEST_PIECE and token not in common:
                begin, end = max(0, place - MOST_PIECES), min(len(tokens), place + MOST_PIECES + 1)
                kept[begin:end] = b"\1" * (end - begin)
        return [token if near else "," for token, near in zip(tokens, kept, strict=True)]

    @cached_property
    def starts(self) -> list[tuple[str, int]]:
        """Where in `near` a word may begin that goes on in the next one: its first letters, none doubled, and place."""
        found = list[tuple[str, int]]()
        following = ""
        for place in range(len(self.near) - 1, -1, -1) if self.pieces else ():
            lead = "" if self.near[place] == "," else _lead(self.near[place])
            if lead and following:
                if len(lead) < LEAD:
                    lead = (lead + following[following[0] == lead[-1] :])[:LEAD]
                found.append((lead, place))
            following = lead
        return found[::-1]

    @cached_property
    def bare(self) -> str:
        """The words without doubled letters."""
        return notation.skeleton(self.words)

    @cached_property
    def grams(self) -> frozenset[str]:
        """Every three characters of `bare`."""
        bare = self.bare
        return frozenset([bare[at : at + 3] for at in range(len(bare) - 2)])

    @cached_property
    def without_innocents(self) -> Sought:
        return self.without(_innocents())

    @cached_property
    def backwards(self) -> Sought:
        """From the end. Pieces are not looked for: too much is a piece of something."""
        return Sought("backwards", self.words[::-1], pieces=False)

    def without(self, words: re.Pattern[str]) -> Sought:
        return Sought(self.how, words.sub(",", self.words), self.pieces)


class _Known(dict[str, bool]):
    """Answers about words or beginnings, of those that were asked for lately."""

    def __init__(self, question: Callable[[str], bool]) -> None:
        super().__init__()
        self._question = question

    def __missing__(self, word: str) -> bool:
        if len(self) >= MOST_KNOWN:
            self.clear()
        self[word] = known = self._question(word)
        return known


class _Phrase:
    """One line of several words, which is looked for only in texts that hold a beginning of each of them."""

    def __init__(self, line: str) -> None:
        self.needs = notation.needs(line, _common())
        self._line = line

    def is_in(self, bare: str) -> bool:
        """The rarest of its words is known to be there."""
        return all(any(each in bare for each in own) for own in self.needs[1:]) and bool(self._pattern.search(bare))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return _any({"line": [self._line]}, notation.phrase)


@dataclass(frozen=True, slots=True, eq=False)
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
    keyed: Mapping[str, Mapping[str, Sequence[_Phrase]]]
    """Those that have a key, by its first three letters and by the key: it is found sooner than they are."""
    grams: frozenset[str]
    """The first letters of all keys."""
    keyless: re.Pattern[str]
    """The phrases without a key."""
    known: _Known
    """Words found by `plain` or `inside`."""
    begun: _Known
    """Whether a word begins with these letters, of which none is doubled."""

    @classmethod
    def of(cls, rule: str, sections: Iterable[Section]) -> Tier:
        whole, roots, phrases, keyless = (defaultdict[str, list[str]](list) for _ in range(4))
        keyed = defaultdict[str, dict[str, list[_Phrase]]](dict)
        for section in sections:
            for line in section.lines:
                if " " in line:
                    one = _Phrase(line)
                    for key in one.needs[0] if one.needs else ():
                        keyed[key[: notation.SHORTEST_KEY]].setdefault(key, []).append(one)
                    kind = phrases if one.needs else keyless
                else:
                    kind = roots if line.startswith("~") else whole
                kind[section.name].append(line.removeprefix("~"))
        words = {name: whole[name] + roots[name] for name in [*whole, *roots]}
        begins = set[str]().union(*(notation.begins(line, LEAD) for own in words.values() for line in own))
        plain, inside = _any(whole, notation.plainly), _any(roots, notation.plainly, begin="")
        return cls(
            rule,
            plain=plain,
            inside=inside,
            spread=_any(words, notation.spread),
            starred=_any(words, notation.starred),
            phrases=_any(phrases, notation.phrase),
            keyed=keyed,
            grams=frozenset(keyed),
            keyless=_any(keyless, notation.phrase),
            known=_Known(lambda word: bool(plain.search(word) or inside.search(word))),
            begun=_Known(lambda lead: any(lead[:letters] in begins for letters in range(LEAD + 1))),
        )

    def find(self, sought: Sought) -> Found | None:
        """What of this tier is in the reading: whole, then in pieces."""
        if not (self._whole(sought) or self._piece(sought)):
            return None
        # Only now: most texts hold nothing that might be innocent.
        sought = sought.without_innocents
        if found := self._whole(sought):
            return self._found(found, sought.how)
        if found := self._piece(sought):
            return self._found(found, sought.how or "pieces")
        return None

    def find_phrase(self, sought: Sought) -> Found | None:
        """A phrase of this tier alone."""
        if not self._phrase(sought):
            return None
        found = self._phrase(sought.without_innocents)
        return self._found(found, sought.how) if found else None

    def find_starred(self, words: str) -> Found | None:
        """`words` are those of a text that hold stars."""
        for found in self.starred.finditer(words):
            if sum(letter.isalpha() for letter in found[0]) >= FEWEST_LETTERS and found[0][0].isalpha():
                return self._found(found, "stars")
        return None

    def find_backwards(self, sought: Sought) -> Found | None:
        """The words of a reading, read from their end."""
        if not self._whole(sought.backwards):
            return None
        found = self._whole(sought.without_innocents.backwards)
        return self._found(found, "backwards") if found else None

    def _whole(self, sought: Sought) -> re.Match[str] | None:
        """A word or a phrase as it stands."""
        found = None
        if any(map(self.known.__getitem__, sought.tokens)):
            found = self.plain.search(sought.rare) or self.inside.search(sought.rare)
        return found or self._phrase(sought)

    def _phrase(self, sought: Sought) -> re.Match[str] | None:
        bare = sought.bare
        by_key = (pair for gram in sought.grams & self.grams for pair in self.keyed[gram].items())
        is_there = any(key in bare and any(each.is_in(bare) for each in own) for key, own in by_key)
        return (self.phrases.search(bare) if is_there else None) or self.keyless.search(bare)

    def _piece(self, sought: Sought) -> re.Match[str] | None:
        """A word in pieces, as "fa gg ot". Words that are whole by themselves are no pieces."""
        for lead, place in sought.starts:
            if not self.begun[lead]:
                continue
            if found := self.spread.match(" ".join(sought.near[place : place + LONGEST_SPREAD])):
                tokens = found[0].split()
                if not all(token in _common() for token in tokens):
                    return found
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
        plainly = [Sought(*reading) for reading in readings]
        guessed = [Sought(*reading) for reading in (*filled, *(_glued(readings[0].words) if readings else ()))]
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
        return self._backwards(plainly[0]) if plainly else None

    def _in(self, tier: Tier, sought: Sought) -> Found | None:
        found = tier.find(sought)
        if found and self.allowed and tier is not self.tiers[0]:
            return tier.find(sought.without(self.allowed))
        return found

    def _backwards(self, sought: Sought) -> Found | None:
        """From their end: all words for tier 1, Latin ones for the others. Russian endings make false ones."""
        rest = sought.without(self.allowed) if self.allowed else sought
        latin = Sought("", " ".join(word for word in rest.words.split() if word.isascii() and word not in _common()))
        found = (tier.find_backwards(latin if place else sought) for place, tier in enumerate(self.tiers))
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


@lru_cache(MOST_KNOWN)
def _lead(token: str) -> str:
    """The first letters, without doubled ones."""
    return notation.skeleton(token)[:LEAD]


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
