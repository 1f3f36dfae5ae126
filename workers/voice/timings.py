"""Timings as providers send them, as the phones and words of our clips. Pure; nonsense is left out, never raised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from workers.pipeline.values import PhoneTime, WordTime

AZURE_PHONES = (
    "", "æ", "ɑ", "ɔ", "ɛ", "ɝ", "j", "w", "o", "aʊ", "ɔɪ", "aɪ", "h", "ɹ", "l", "s", "ʃ", "ð", "f", "d", "k", "p",
)  # fmt: skip
"""One phone for each of the 22 viseme ids, with the mouth the vendor draws for it."""
_TICKS_PER_SECOND = 10_000_000
_MARKS = frozenset("^$_ .,!?;:…—–-\"'«»()")
"""Piper's signs for begin, end and padding, and its pauses."""
Timings = tuple[tuple[PhoneTime, ...], tuple[WordTime, ...]]


class Visemes:
    """Azure's viseme events: `offset` in ticks of 100 ns or `audio_offset_ms`, and `viseme_id`.

    A viseme lasts until the next one, which may come with another event: the last one known waits for it.
    """

    def __init__(self) -> None:
        self._open: tuple[float, str] | None = None

    def feed(self, events: Iterable[Mapping[str, Any]]) -> tuple[PhoneTime, ...]:
        """The visemes whose end is known now. One before those already told comes too late, and is left out."""
        begun = self._open[0] if self._open else 0.0
        marks = [self._open] if self._open else []
        for event in events:
            at, viseme = _offset(event), event.get("viseme_id", event.get("id"))
            if at is not None and at >= begun and isinstance(viseme, int) and 0 <= viseme < len(AZURE_PHONES):
                marks.append((at, AZURE_PHONES[viseme]))
        marks.sort(key=lambda mark: mark[0])
        self._open = marks[-1] if marks else None
        return tuple(PhoneTime(phone, at, over) for (at, phone), (over, _) in pairwise(marks) if over > at)

    def finish(self, end: float) -> tuple[PhoneTime, ...]:
        """The last viseme, closed by the end of the clip (seconds)."""
        last, self._open = self._open, None
        return (PhoneTime(last[1], last[0], end),) if last and end > last[0] else ()


def from_durations(alignments: Iterable[Mapping[str, Any]]) -> tuple[PhoneTime, ...]:
    """Piper's alignments: one `phoneme` after the other with its `seconds`. Padding belongs to the phone before it."""
    phones: list[PhoneTime] = []
    at = 0.0
    for alignment in alignments:
        seconds = _number(alignment.get("seconds"))
        if seconds is None or seconds < 0:
            return ()
        phone = str(alignment.get("phoneme", ""))
        over = at + seconds
        if phone == "_" and phones:
            phones[-1] = PhoneTime(phones[-1].phone, phones[-1].start, over)
        elif seconds:
            phones.append(PhoneTime("" if phone in _MARKS else phone, at, over))
        at = over
    return tuple(phones)


def from_phonemes(names: Sequence[Any], starts: Sequence[Any], ends: Sequence[Any]) -> tuple[PhoneTime, ...]:
    """Cartesia's phoneme timestamps: three lists of one length, seconds."""
    return tuple(PhoneTime(str(name), start, over) for name, start, over in _spans(names, starts, ends))


def from_words(text: str, names: Sequence[Any], starts: Sequence[Any], ends: Sequence[Any]) -> tuple[WordTime, ...]:
    """Word timestamps; each word is looked up in the text after the one before it."""
    words, cursor = [], 0
    for name, start, _ in _spans(names, starts, ends):
        word = str(name).strip()
        found = text.lower().find(word.lower(), cursor) if word else -1
        if found >= 0:
            cursor = found + len(word)
            words.append(WordTime(found, cursor, start))
    return tuple(words)


def from_characters(
    text: str, names: Sequence[Any], starts: Sequence[Any], ends: Sequence[Any]
) -> tuple[WordTime, ...]:
    """ElevenLabs' character alignment. Letters are no sounds, so it times words and not the mouth."""
    words: list[tuple[str, float, float]] = []
    fresh = True
    for name, start, over in _spans(names, starts, ends):
        letter = str(name)
        if letter.isspace():
            fresh = True
        elif fresh:
            words.append((letter, start, over))
            fresh = False
        else:
            words[-1] = (words[-1][0] + letter, words[-1][1], over)
    return from_words(text, [w for w, _, _ in words], [s for _, s, _ in words], [e for _, _, e in words])


class ClipTimings:
    """Whatever timings the streamed events of one clip carry, in any of the shapes above. Absolute in the clip."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._visemes = Visemes()

    def feed(self, event: Mapping[str, Any]) -> Timings:
        phones: tuple[PhoneTime, ...] = ()
        words: tuple[WordTime, ...] = ()
        if isinstance(found := event.get("visemes"), list):
            phones = self._visemes.feed([each for each in found if isinstance(each, Mapping)])
        elif isinstance(found := event.get("alignments"), list):
            phones = from_durations([each for each in found if isinstance(each, Mapping)])
        elif isinstance(found := event.get("phoneme_timestamps"), Mapping):
            phones = from_phonemes(*_lists(found, "phonemes", "start", "end"))
        if isinstance(found := event.get("word_timestamps"), Mapping):
            words = from_words(self._text, *_lists(found, "words", "start", "end"))
        elif isinstance(found := event.get("timestamps"), list):
            rows = [each for each in found if isinstance(each, Mapping)]
            columns = ([row.get(key) for row in rows] for key in ("word", "start_time", "end_time"))
            words = from_words(self._text, *columns)
        elif isinstance(found := event.get("alignment"), Mapping):
            keys = ("characters", "character_start_times_seconds", "character_end_times_seconds")
            words = from_characters(self._text, *_lists(found, *keys))
        return phones, words

    def finish(self, end: float) -> tuple[PhoneTime, ...]:
        """What only the end of the clip (seconds) could close."""
        return self._visemes.finish(end)


def _lists(found: Mapping[str, Any], *keys: str) -> list[list[Any]]:
    return [value if isinstance(value := found.get(key), list) else [] for key in keys]


def _spans(names: Sequence[Any], starts: Sequence[Any], ends: Sequence[Any]) -> list[tuple[Any, float, float]]:
    """The entries whose times are times, in their order."""
    spans = []
    for name, first, last in zip(names, starts, ends, strict=False):
        start, over = _number(first), _number(last)
        if name is not None and start is not None and over is not None and over >= start >= 0:
            spans.append((name, start, over))
    return spans


def _offset(event: Mapping[str, Any]) -> float | None:
    if (ms := _number(event.get("audio_offset_ms"))) is not None:
        return ms / 1000
    ticks = _number(event.get("offset", event.get("audio_offset")))
    return None if ticks is None else ticks / _TICKS_PER_SECOND


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
