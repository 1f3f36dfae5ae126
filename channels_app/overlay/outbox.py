"""What waits for one page, and no more than it may: a slow page loses whole utterances, no random parts. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from channels_app.overlay import protocol

Frame = Mapping[str, Any] | bytes
Key = tuple[int, int]
"""Fence and utterance."""

MOST_SECONDS = 12.0
"""Sound that may wait: the five seconds a run sends ahead of what is heard, as much again that a page is told once
more, and two for the network. 576 KB of PCM."""
MOST_SPEECH = 2_000
"""Frames of speech that may wait, sound or not: a page that comes into a reply of minutes is told all its words."""
MOST_WORDS = 300
"""Other frames that may wait. They are small and few; a page that takes none of them is gone."""
REMEMBERED = 16
"""Dropped utterances whose further frames are known."""


class Overfull(Exception):
    """What is never dropped has piled up."""


@dataclass(frozen=True, slots=True)
class Waiting:
    frame: Frame
    key: Key | None
    """Of speech; None for what is never dropped."""
    seconds: float


class Outbox:
    """Frames in their order. Text frames have their fence in them."""

    def __init__(self) -> None:
        self._frames: deque[Waiting] = deque()
        self._dropped: dict[Key, None] = {}
        self.seconds = 0.0
        """Of the sound that waits."""

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frame: Frame) -> list[Key]:
        """Returns the utterances that were dropped for it: whole, the oldest first, since viewers are to hear what is
        current. The page is told that each of them is over. Raises Overfull."""
        waiting = _waiting(frame)
        if waiting.key in self._dropped:
            return []
        self._frames.append(waiting)
        self.seconds += waiting.seconds
        if waiting.key is None:
            if sum(other.key is None for other in self._frames) > MOST_WORDS:
                raise Overfull
            return []
        dropped: list[Key] = []
        while self._is_full():
            dropped.append(self._drop_oldest())
        return dropped

    def take(self) -> Frame | None:
        """The next frame, or None."""
        if not self._frames:
            return None
        waiting = self._frames.popleft()
        self.seconds -= waiting.seconds
        return waiting.frame

    def cut(self, *frames: Frame, key: Key | None = None) -> None:
        """Forgets the speech that waits, of one utterance or all, and lets these frames go before everything else."""
        self._keep(lambda waiting: waiting.key is None or (key is not None and waiting.key != key))
        self._frames.extendleft(Waiting(frame, None, 0.0) for frame in reversed(frames))

    def _is_full(self) -> bool:
        if self.seconds > MOST_SECONDS:
            return True
        # Counted only where so many wait at all.
        return len(self._frames) > MOST_SPEECH and sum(other.key is not None for other in self._frames) > MOST_SPEECH

    def _drop_oldest(self) -> Key:
        """The page may have got some of it: it is told to end it in the place of the first frame it does not get."""
        place, key = next((place, old.key) for place, old in enumerate(self._frames) if old.key is not None)
        self._keep(lambda waiting: waiting.key != key)
        self._frames.insert(place, Waiting({"t": "interrupt", "fence": key[0], "utt": key[1]}, None, 0.0))
        self._dropped[key] = None
        if len(self._dropped) > REMEMBERED:
            del self._dropped[next(iter(self._dropped))]
        return key

    def _keep(self, which: Callable[[Waiting], bool]) -> None:
        self._frames = deque(filter(which, self._frames))
        self.seconds = sum(waiting.seconds for waiting in self._frames)


def _waiting(frame: Frame) -> Waiting:
    if isinstance(frame, bytes):
        fence, utterance, _seq, _offset = protocol.frame_header(frame)
        return Waiting(frame, (fence, utterance), (len(frame) - protocol.HEADER_BYTES) / 2 / protocol.RATE)
    return Waiting(frame, (frame["fence"], frame["utt"]) if frame["t"] in protocol.SPEECH else None, 0.0)
