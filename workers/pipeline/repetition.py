"""What she has said before: whole sentences, nearly the same ones, openings and phrases, over her last fifty turns.

Pure. Names of chatters do not count as words: the same joke for somebody else is the same joke.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from workers.pipeline.ports import BrainError
from workers.pipeline.values import Exchange, ReplyRequest, Sentence

TURNS = 50
"""Past turns that count."""
ALIKE = 0.75
"""Share of the shorter sentence's word triples from which two sentences are the same joke."""
SHORTEST_ALIKE = 6
"""Words from which a sentence can be nearly another; a shorter one only be the same."""
OPENING_WORDS = 2
PHRASE_WORDS = 4
"""Words of the shortest phrase that is noticed."""
LONGEST_PHRASE = 12
TOLD = 6
"""Openings and phrases that are named to the model at most."""
RESTING_TURNS = 20
"""Turns a model that cannot do otherwise is left alone."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_BETWEEN = re.compile(r"(?<=[.!?…。！？])\s+")

Words = tuple[str, ...]


def words(text: str, names: frozenset[str] = frozenset()) -> Words:
    """The words of a text, small, without these names."""
    plain = _words(text)
    return tuple(word for word in plain if word not in names) if not names.isdisjoint(plain) else plain


@functools.lru_cache(maxsize=4096)
def _words(text: str) -> Words:
    """Kept, as each of her replies is looked at before each of the next fifty."""
    return tuple(_WORD.findall(text.casefold().replace("ё", "е")))


def sentences_in(text: str) -> list[str]:
    return _BETWEEN.split(text.strip())


class Said:
    """The sentences of past replies, to compare new ones with."""

    def __init__(self, exchanges: Sequence[Exchange], names: Iterable[str] = ()) -> None:
        """`names`: of those who are answered now; those of the past are known."""
        recent = exchanges[-TURNS:]
        self._names = names_in([*names, *(past.chatter_name for past in recent)])
        self._whole: set[Words] = set()
        self._triples: list[frozenset[Words]] = []
        for past in recent:
            for sentence in sentences_in(past.reply):
                self.add(sentence)

    def add(self, sentence: str) -> None:
        said = words(sentence, self._names)
        if said and said not in self._whole:
            self._whole.add(said)
            if len(said) >= SHORTEST_ALIKE:
                self._triples.append(_triples(said))

    def repeats(self, sentence: str) -> bool:
        """Whether she has said this, or nearly this."""
        said = words(sentence, self._names)
        if not said or said in self._whole:
            return bool(said)
        if len(said) < SHORTEST_ALIKE:
            return False
        triples = _triples(said)
        return any(len(triples & past) >= ALIKE * min(len(triples), len(past)) for past in self._triples)

    def may_become(self, beginning: str) -> bool:
        """Whether a sentence of hers began so."""
        said = words(beginning, self._names)
        return bool(said) and any(past[: len(said)] == said for past in self._whole)


class Sieve:
    """The pieces of one reply as they come; what she has said before stays behind in `kept_back`.

    A piece that ends in mid-sentence goes on at once, unless a past sentence began like it: then the end is awaited.
    """

    def __init__(self, said: Said) -> None:
        self._said = said
        self._waiting: list[Sentence] = []
        self._begun = ""
        """What of the present sentence has gone on already."""
        self.kept_back: list[Sentence] = []

    def feed(self, piece: Sentence) -> list[Sentence]:
        """The pieces that may be spoken now."""
        self._waiting.append(piece)
        whole = " ".join([self._begun, *(waiting.text for waiting in self._waiting)]).strip()
        if not _ENDED.search(piece.text):
            return [] if not self._begun and self._said.may_become(whole) else self._let_go()
        if not self._begun and self._said.repeats(whole):
            self.kept_back += self._waiting
            self._waiting = []
            return []
        self._said.add(whole)
        passed = self._let_go()
        self._begun = ""
        return passed

    def finish(self) -> list[Sentence]:
        """What still waits for an end that does not come."""
        whole = " ".join(waiting.text for waiting in self._waiting)
        if self._waiting and not self._begun and self._said.repeats(whole):
            self.kept_back += self._waiting
            self._waiting = []
        return self._let_go()

    def _let_go(self) -> list[Sentence]:
        passed, self._waiting = self._waiting, []
        self._begun = " ".join([self._begun, *(piece.text for piece in passed)]).strip()
        return passed


class Repetition:
    """Keeps a model from repeating itself, in one channel. One that cannot do otherwise is heard all the same."""

    def __init__(self) -> None:
        self._resting = 0

    async def without(
        self, request: ReplyRequest, ask: Callable[[ReplyRequest], AsyncGenerator[Sentence, None]]
    ) -> AsyncGenerator[Sentence, None]:
        """The sentences of the reply that are new. Where none is, the model is asked once more and told which were
        not; an answer nobody has to wait longer for is better than none, so then it may repeat itself."""
        if self._resting:
            self._resting -= 1
            async with aclosing(ask(request)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        said = Said(request.history, (event.chatter.name for event in request.events))
        first = Sieve(said)
        spoken = False
        async with aclosing(_sifted(ask(request), first)) as pieces:
            async for piece in pieces:
                spoken = True
                yield piece
        if spoken or not first.kept_back:
            return
        second, failed = Sieve(said), False
        again = replace(request, avoid=tuple(piece.text for piece in first.kept_back))
        try:
            async with aclosing(_sifted(ask(again), second)) as pieces:
                async for piece in pieces:
                    spoken = True
                    yield piece
        except BrainError:
            if spoken:
                raise
            failed = True
        if not spoken:
            self._resting = 0 if failed else RESTING_TURNS
            for piece in second.kept_back or first.kept_back:
                yield piece


async def _sifted(pieces: AsyncGenerator[Sentence, None], sieve: Sieve) -> AsyncGenerator[Sentence, None]:
    async with aclosing(pieces):
        async for piece in pieces:
            for passed in sieve.feed(piece):
                yield passed
    for passed in sieve.finish():
        yield passed


@dataclass(frozen=True, slots=True)
class Habits:
    """What she has fallen into: beginnings of replies and phrases, each said more than once, the commonest first."""

    openings: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


def habits(exchanges: Sequence[Exchange]) -> Habits:
    """Over her last fifty turns."""
    recent = exchanges[-TURNS:]
    names = names_in(past.chatter_name for past in recent)
    replies = [said for past in recent if (said := words(past.reply, names))]
    openings = Counter(" ".join(said[:OPENING_WORDS]) for said in replies if len(said) > OPENING_WORDS)
    phrases = _phrases(replies)
    return Habits(
        openings=tuple(opening for opening, count in openings.most_common(TOLD) if count > 1),
        phrases=phrases[:TOLD],
    )


def _phrases(replies: Sequence[Words]) -> tuple[str, ...]:
    """Runs of words that stand in several replies, each as long as all of it is repeated; the commonest first."""
    phrases_of = [runs(said, PHRASE_WORDS) for said in replies]
    counts = Counter(run for found in phrases_of for run in set(found))
    phrases: Counter[str] = Counter()
    for said, found in zip(replies, phrases_of, strict=True):
        worn = [counts[run] > 1 for run in found]
        begin = 0
        while begin < len(worn):
            end = begin
            while end < len(worn) and worn[end]:
                end += 1
            if end > begin:
                phrase = " ".join(said[begin : min(end - 1 + PHRASE_WORDS, begin + LONGEST_PHRASE)])
                phrases[phrase] = max(counts[run] for run in found[begin:end])
            begin = end + 1
    return tuple(phrase for phrase, _count in phrases.most_common())


def names_in(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in words(name))


def _triples(said: Words) -> frozenset[Words]:
    return frozenset(runs(said, 3))


def runs(said: Words, length: int) -> list[Words]:
    """All runs of so many words."""
    return [said[start : start + length] for start in range(len(said) - length + 1)]
