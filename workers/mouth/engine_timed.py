"""The mouth from an engine's own phone times, as they stream in."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from workers.mouth.keys import KeyWriter
from workers.mouth.visemes import BREATH, TALKING, shapes_of
from workers.pipeline.values import PhoneTime

SHORTEST_PAUSE = 0.060
"""Seconds of silence between sounds that shut the mouth; shorter ones are part of speaking."""
AFTERWARDS = 0.030
"""Seconds by which a mouth may shut before the sound that was fed already: who plays that has not missed it."""
FIRST_HALF = 0.55
"""Share of a diphthong that its first vowel takes."""


class EngineTimedTrack:
    """Phones in, keys out. A phone waits for the one after it, but never longer than until its own sound is there."""

    def __init__(self, keys: KeyWriter) -> None:
        self._keys = keys
        self._waiting: deque[PhoneTime] = deque()
        self._latest = -1.0
        self._spoken_until = 0.0
        self._heard = self._heard_before = 0.0

    def feed(self, phones: Sequence[PhoneTime], heard: float) -> None:
        """More phones; `heard` is the sound fed so far in seconds."""
        self._heard, self._heard_before = heard, self._heard
        for phone in phones:
            if phone.start >= self._latest:
                self._latest = phone.start
                self._waiting.append(phone)
        while self._waiting and (len(self._waiting) > 1 or self._waiting[0].start < heard):
            self._speak(self._waiting.popleft())
        if self._spoken_until < heard - SHORTEST_PAUSE and not self._waiting:
            # A pause that became long enough only now began in sound that is on its way.
            self._spoken_until = max(self._spoken_until, self._heard_before - AFTERWARDS)
            self._shut()

    def finish(self) -> None:
        while self._waiting:
            self._speak(self._waiting.popleft())
        self._spoken_until = min(self._spoken_until, self._heard)
        self._shut()

    def _speak(self, phone: PhoneTime) -> None:
        shapes = shapes_of(phone.phone)
        if not shapes:
            is_mark = bool(phone.phone.strip(" .,!?;:"))
            if is_mark or phone.end - phone.start < SHORTEST_PAUSE:
                self._spoken_until = phone.end  # a palatal glide, a stress mark or a breath too short to be seen
            else:
                self._shut()
            return
        if phone.start - self._spoken_until >= SHORTEST_PAUSE:
            self._shut()
        if shapes[0] is BREATH:
            after = next((s for p in self._waiting for s in shapes_of(p.phone) if s is not BREATH), TALKING)
            shapes = (after, *shapes[1:])
        start, length = phone.start * 1000, (phone.end - phone.start) * 1000
        shares = [FIRST_HALF, 1 - FIRST_HALF] if len(shapes) == 2 else [1 / len(shapes)] * len(shapes)
        for shape, share in zip(shapes, shares, strict=True):
            self._keys.shape(shape, start, start + length * share)
            start += length * share
        self._spoken_until = phone.end

    def _shut(self) -> None:
        self._keys.shut(self._spoken_until * 1000)
