"""When each word of a caption is heard: as the voice says it, else estimated from the mouth. Pure."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from itertools import pairwise

from workers.pipeline.speakable.captions import CaptionWords
from workers.pipeline.values import SAMPLE_RATE, Audio, MouthKey, Viseme, WordTime, revised

LETTERS_PER_SECOND = 14.0
"""How fast people and voices speak English and Russian, until a clip has shown its own pace."""
IDEOGRAM_LETTERS = 3
"""An ideogram or kana takes about as long as three letters."""
SHORTEST_PAUSE = 0.120
"""Seconds with a shut mouth that may be the pause at a comma; shorter ones belong to consonants."""
NEAR_LETTERS = 6.0
NEAR_SHARE = 0.4
"""A pause belongs to the comma that is this near to where it was expected: letters, or share of the way to it."""
RETOLD_FROM = 0.080
"""Seconds by which a word must be off before the page is told anew while the clip still streams."""
LOOK_SECONDS = 0.4
"""Sound between two estimates."""
MOST_WORDS = 400
"""A piece has at most 200 characters; a longer one is captioned in coarser steps at its end."""

_WORD = re.compile(
    r"[^\s\u3040-\u30ff\u3400-\u9fff]*[^\W\u3040-\u30ff\u3400-\u9fff][^\s\u3040-\u30ff\u3400-\u9fff]*|[\u3040-\u30ff\u3400-\u9fff]"
)
"""What lights up at once: a word with what stands close to it, or one sign of a script without spaces."""
_IDEOGRAM = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_MARK = re.compile(r"[.,!?;:…—–。、，！？；：]")

Anchor = tuple[float, float]
"""(letters, voiced seconds): so much of the sentence has been said after so much sound without pauses."""


class WordTimes:
    """The words of one clip. Each answer tells all of them, in seconds from the clip's first sample."""

    def __init__(self, caption: str, spoken: CaptionWords | None = None, *, speed: float = 1.0) -> None:
        """`spoken`: where what is said stands in the caption; without it the caption itself is said. `speed`: how much
        faster than usual the voice is asked to speak."""
        self._pace = LETTERS_PER_SECOND * max(0.1, speed)
        self._spans = [match.span() for match in _WORD.finditer(caption)][:MOST_WORDS]
        self._begins = [begin for begin, _end in self._spans]
        weights = self._weights(caption, spoken)
        self._letters = [0.0]
        for weight in weights:
            self._letters.append(self._letters[-1] + weight)
        self._breaks = [
            self._letters[index]
            for index, ((_, end), (begin, _)) in enumerate(pairwise(self._spans), start=1)
            if _MARK.search(caption, end - 1, begin + 1)
        ]
        self._exact: dict[int, float] = {}
        """Word -> second, where the voice said it."""
        self._keys: list[MouthKey] = []
        self._sounded = self._looked_at = 0.0
        self._told: tuple[WordTime, ...] = ()

    def feed(self, part: Audio, keys: Sequence[MouthKey]) -> tuple[WordTime, ...]:
        """All words, when this part of the sound and the mouth's new keys tell of them otherwise than before."""
        if self._is_known:
            return ()
        self._keys = revised(self._keys, keys)
        self._sounded += len(part.pcm) / 2 / SAMPLE_RATE
        if self._told and not part.words and self._sounded - self._looked_at < LOOK_SECONDS:
            return ()
        for word in part.words:
            index = bisect.bisect_right(self._begins, word.begin) - 1
            if index >= 0:
                self._exact.setdefault(index, word.start)
        complete = len(self._exact) == len(self._spans)
        return self._news(0.0 if complete else RETOLD_FROM)

    def finish(self, keys: Sequence[MouthKey]) -> tuple[WordTime, ...]:
        """The same with the length of the whole clip known."""
        if self._is_known:
            return ()
        self._keys = revised(self._keys, keys)
        return self._news(0.0, whole=True)

    @property
    def _is_known(self) -> bool:
        """Whether the voice has said it all, and the page was told."""
        return bool(self._told) and len(self._exact) == len(self._spans)

    def _weights(self, caption: str, spoken: CaptionWords | None) -> list[float]:
        """How long each word takes to say, in letters. A figure takes as long as its words."""
        if spoken is None:
            return [_length(caption[begin:end]) for begin, end in self._spans]
        weights = [0.0] * len(self._spans)
        for word, begin in spoken.heard():
            index = bisect.bisect_right(self._begins, begin) - 1
            if weights:
                weights[max(0, index)] += _length(word)
        # An emoticon that nobody says passes in no time, and yet its turn comes.
        return [max(weight, 0.5) for weight in weights]

    def _news(self, least: float, *, whole: bool = False) -> tuple[WordTime, ...]:
        self._looked_at = self._sounded
        words = tuple(
            WordTime(begin, end, round(second, 3))
            for (begin, end), second in zip(self._spans, self._seconds(whole), strict=True)
        )
        far = any(abs(new.start - old.start) > least for new, old in zip(words, self._told, strict=False))
        if words and (far or not self._told):
            self._told = words
            return words
        return ()

    def _seconds(self, whole: bool) -> list[float]:
        voiced = Voiced(self._keys, self._sounded)
        anchors = [(self._letters[index], voiced.until(second)) for index, second in sorted(self._exact.items())]
        if not anchors:
            anchors = self._by_pauses(voiced, whole)
        if not anchors or anchors[0][0] > 0:
            anchors.insert(0, (0.0, 0.0))
        letters, seconds = anchors[-1]
        end = seconds + (self._letters[-1] - letters) / self._pace
        anchors.append((self._letters[-1], max(voiced.total, seconds) if whole else max(voiced.total, end)))
        found: list[float] = []
        for index, letters in enumerate(self._letters[:-1]):
            exact = self._exact.get(index)
            second = voiced.second(_between(anchors, letters)) if exact is None else exact
            found.append(max(second, found[-1]) if found else second)
        return found

    def _by_pauses(self, voiced: Voiced, whole: bool) -> list[Anchor]:
        """Each pause stands for the comma that is nearest to where it falls at the present pace."""
        anchors: list[Anchor] = []
        letters = seconds = 0.0
        for pause in voiced.pauses:
            rest = voiced.total - seconds
            pace = (self._letters[-1] - letters) / rest if whole and rest > 0 else self._pace
            expected = letters + (pause - seconds) * pace
            ahead = [mark for mark in self._breaks if mark > letters]
            nearest = min(ahead, key=lambda mark: abs(mark - expected), default=None)
            if nearest is None or pause <= seconds:
                continue
            if abs(nearest - expected) <= max(NEAR_LETTERS, NEAR_SHARE * (expected - letters)):
                letters, seconds = nearest, pause
                anchors.append((letters, seconds))
        return anchors


class Voiced:
    """A clip's time without its pauses, by the mouth: words pass only while something sounds."""

    def __init__(self, keys: Sequence[MouthKey], sounded: float) -> None:
        self._sounded = sounded
        self._silences: list[tuple[float, float]] = []
        ends = [key.at / 1000 for key in keys[1:]] + [sounded]
        for key, over in zip(keys, ends, strict=False):
            begin, end = key.at / 1000, min(over, sounded)
            at_an_edge = begin <= 0 or end >= sounded
            if key.viseme is Viseme.SIL and end > begin and (at_an_edge or end - begin >= SHORTEST_PAUSE):
                self._silences.append((begin, end))

    @property
    def total(self) -> float:
        return self.until(self._sounded)

    @property
    def pauses(self) -> list[float]:
        """Where the pauses between sounds lie, in voiced seconds."""
        return [self.until(begin) for begin, end in self._silences if 0 < self.until(begin) < self.total]

    def until(self, second: float) -> float:
        """Voiced seconds before this second of the clip."""
        return second - sum(min(end, second) - begin for begin, end in self._silences if begin < second)

    def second(self, voiced: float) -> float:
        """The clip's second after so many voiced ones; a word that is due in a pause begins after it."""
        second = voiced
        for begin, end in self._silences:
            if begin > second + 1e-6:
                break
            second += end - begin
        return second


def _between(anchors: Sequence[Anchor], letters: float) -> float:
    """Voiced seconds at which so many letters are said, on straight lines between the anchors."""
    for (first, begin), (last, end) in pairwise(anchors):
        if letters < last or last == anchors[-1][0]:
            share = (letters - first) / (last - first) if last > first else 0.0
            return begin + share * (end - begin)
    return anchors[-1][1]


def _length(word: str) -> float:
    """Letters and figures of a word, and the gap before the next."""
    letters = sum(character.isalnum() for character in word)
    return 1 + letters + (IDEOGRAM_LETTERS - 2) * len(_IDEOGRAM.findall(word))
