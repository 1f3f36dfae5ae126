"""Clips of fixed lines, kept in memory: what is said again and again sounds at once and costs nothing more."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cache

from workers.pipeline.values import Audio

MOST_BYTES = 24 << 20
"""Sound kept per process: about eight minutes."""
LARGEST_CLIP = 1 << 20
"""Bytes of the longest clip that is kept, 22 seconds."""
_TIMING_BYTES = 120
"""What one phone or word time takes in memory, about."""

Key = tuple[object, ...]
"""Everything the sound depends on: who speaks, how, and the text."""


class ClipCache:
    """The least recently used clips go when the bytes run out. Used from any thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._clips: OrderedDict[Key, tuple[tuple[Audio, ...], int]] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def get(self, key: Key) -> tuple[Audio, ...] | None:
        """The whole clip with its timings, or None."""
        with self._lock:
            found = self._clips.get(key)
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._clips.move_to_end(key)
            return found[0]

    def put(self, key: Key, parts: tuple[Audio, ...]) -> None:
        """Keeps a complete clip. One that is too long is not kept."""
        size = sum(len(part.pcm) + _TIMING_BYTES * (len(part.phones) + len(part.words)) for part in parts)
        if size > min(LARGEST_CLIP, self._most):
            return
        with self._lock:
            if (old := self._clips.pop(key, None)) is not None:
                self.bytes -= old[1]
            self._clips[key] = (parts, size)
            self.bytes += size
            while self.bytes > self._most:
                _, (_, freed) = self._clips.popitem(last=False)
                self.bytes -= freed


@cache
def shared_cache() -> ClipCache:
    """The cache of this process."""
    return ClipCache()
