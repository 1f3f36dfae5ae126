"""How far an utterance has been heard: the overlay's acks where they came, the clock in between. Pure."""

from __future__ import annotations

START_GRACE = 3.0
"""Seconds after the first frame in which the overlay must say `playing`; then it is taken for silent."""
END_GRACE = 3.0
"""Seconds after the computed end in which the overlay must say `ended`; then the turn goes on without it."""


class Playout:
    """One utterance's way through the overlay. All times are seconds of the caller's clock."""

    def __init__(self) -> None:
        self.made = 0.0
        """Seconds of sound there are, where some of it waits to be sent."""
        self.sent = 0.0
        """Seconds of sound handed to the overlay."""
        self.complete = False
        """No more sound will be made."""
        self.over = False
        """The overlay ended it or was interrupted: nothing more is heard."""
        self.first_sent_at: float | None = None
        self.playing_at: float | None = None
        """When the overlay said it began."""
        self._anchor: tuple[float, float] | None = None
        """(time, position) from which the position is extrapolated."""
        self._final = 0.0
        self._stalled_at: float | None = None

    def add(self, seconds: float, now: float) -> None:
        """More sound was sent."""
        if self.first_sent_at is None:
            self.first_sent_at = now
        self.sent += seconds

    def ack(self, event: str, position: float, now: float) -> None:
        """The overlay's word: playing, underrun, ended or interrupted at `position` seconds."""
        if self.over:
            return
        match event:
            case "playing":
                if self.playing_at is None:
                    self.playing_at = now
                # Told once more where it began, it has not gone back there.
                if self._anchor is None or self._anchor[1] != position:
                    self._anchor = (now, position)
                self._stalled_at = None
            case "underrun":
                self._anchor = None
                self._final = position
                self._stalled_at = now
            case "ended" | "interrupted":
                self.over = True
                self._anchor = None
                self._final = min(position, self.sent)

    def give_up(self, now: float) -> None:
        """Ends it without the overlay's word, at the position the clock gives."""
        self._final = self.heard(now)
        self._anchor = None
        self.over = True

    def heard(self, now: float) -> float:
        """Seconds of sound that were audible."""
        if self._anchor is None:
            return self._final
        at, position = self._anchor
        return min(position + max(0.0, now - at), self.sent)

    def position(self, now: float) -> float:
        """Where the sound should be: what was heard or, while the overlay has said nothing, what could have been."""
        if self.over or self._anchor is not None or self._stalled_at is not None or self.first_sent_at is None:
            return self.heard(now)
        return max(0.0, now - self.first_sent_at)

    def stalled(self, now: float) -> float:
        """Seconds it has stood still by the overlay's word; 0 while it plays."""
        return 0.0 if self._stalled_at is None else max(0.0, now - self._stalled_at)

    def due(self, now: float) -> float:
        """Seconds until the overlay's answer is overdue; 0 when it is. Never due while sound is still to be made."""
        if self.over:
            return 0.0
        if self.first_sent_at is None or not self.complete:
            return END_GRACE
        length = max(self.made, self.sent)
        if self.playing_at is None:
            return max(0.0, self.first_sent_at + max(START_GRACE, length) - now)
        at, position = self._anchor or (self._stalled_at or self.playing_at, self._final)
        return max(0.0, at + length - position + END_GRACE - now)
