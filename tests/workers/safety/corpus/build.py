"""The corpus of attacks and of innocent talk: base lines, evasions drawn by a seed, halves by a hash of the line."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from tests.workers.safety.corpus.evasions import evasions_for

HERE = Path(__file__).parent
SEED = 20261127
EVASIONS_A_LINE = 14
SENTENCES = {
    "en": ("what does {} mean", "I like {}", "{} please"),
    "ru": ("что значит {}", "мне нравится {}", "{} пожалуйста"),
}
Kind = Literal["lexical", "pattern", "split", "benign"]
HALVES = ("tune", "held")


@dataclass(frozen=True, slots=True)
class Case:
    """One text, or several messages of which the last completes it, with what it is."""

    kind: Kind
    group: str
    """What the attack is about, or the kind of benign talk."""
    tier: str
    """"1", "2", "p" for a pattern, "" for benign."""
    language: str
    evasion: str
    messages: tuple[tuple[str, str], ...]
    """(chatter, text)."""

    @property
    def text(self) -> str:
        return self.messages[-1][1]

    @property
    def half(self) -> str:
        """Rules are made with one half and measured on the other."""
        key = "\n".join(text for _, text in self.messages).encode(errors="surrogatepass")
        return HALVES[hashlib.sha256(key).digest()[0] & 1]


@cache
def corpus() -> tuple[Case, ...]:
    """All cases; the same ones in each run."""
    found = [*_attacks(), *_patterns(), *_split(), *_benign()]
    return tuple({case.messages: case for case in found}.values())


def _lines(name: str) -> Iterator[str]:
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def _rows(name: str, fields: int) -> Iterator[list[str]]:
    for line in _lines(name):
        yield line.split("|", fields - 1)


def _attacks() -> Iterator[Case]:
    for group, tier, language, line in _rows("attacks.txt", 4):
        rng = random.Random(f"{SEED}{line}")
        words = re.findall(r"\{(.+?)\}", line)
        known = evasions_for(min(words, key=len))
        for evasion in rng.sample(known, min(EVASIONS_A_LINE, len(known))):
            text = re.sub(r"\{(.+?)\}", lambda word: evasion(word[1], rng), line)  # noqa: B023 (used at once)
            yield Case("lexical", group, tier, language, evasion.__name__, (("1", text),))


def _patterns() -> Iterator[Case]:
    for group, tier, language, text in _rows("patterns.txt", 4):
        yield Case("pattern", group, tier, language, "plain", (("1", text),))


def _split() -> Iterator[Case]:
    for group, tier, language, line in _rows("split.txt", 4):
        parts = [part.strip() for part in line.split(" / ")]
        several = group.startswith("*")
        messages = tuple((str(place) if several else "1", part) for place, part in enumerate(parts))
        evasion = "several chatters" if several else "several messages"
        yield Case("split", group.removeprefix("*"), tier, language, evasion, messages)


def _benign() -> Iterator[Case]:
    for line in _lines("benign.txt"):
        yield from benign_case(line)


def benign_case(line: str) -> Iterator[Case]:
    """The cases of one line `language|kind|text` of innocent talk."""
    language, group, text = line.split("|", 2)
    if group == "words":
        for place, word in enumerate(text.split()):
            sentence = SENTENCES[language][place % 3].format(word)
            yield Case("benign", group, "", language, "plain", (("1", sentence),))
    else:
        yield Case("benign", group, "", language, "plain", (("1", text),))
