"""How far an utterance has been heard: the overlay's acks where they came, the clock in between. Pure."""

from __future__ import annotations

START_GRACE = 3.0
"""Seconds after the first frame in which the overlay must say `playing`; then it is taken for silent."""
END_GRACE = 3.0
"""Seconds after the computed end in which the overlay must say `ended`; then the turn goes on without it."""


class Playout:
    """One utterance's way through the overlay. All times are seconds of the caller's clock."""

    def __init__(self) -> None:
        self.sent = 0.0
        """Seconds of sound handed to the overlay."""
        self.complete = False
        """No more sound will be sent."""
        self.over = False
        """The overlay ended it or was interrupted: nothing more is heard."""
        self.first_sent_at: float | None = None
        self.playing_at: float | None = None
        """When the overlay said it began."""
        self._anchor: tuple[float, float] | None = None
        """(time, position) from which the position is extrapolated."""
        self._final = 0.0
        self._stalled_at = 0.0

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
                self._anchor = (now, position)
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

    def begun(self) -> float | None:
        """When sound began: by the overlay's word, else when it should have begun."""
        return self.playing_at if self.playing_at is not None else self.first_sent_at

    def due(self, now: float) -> float:
        """Seconds until the overlay's answer is overdue; 0 when it is. Never due while sound is still to be sent."""
        if self.over:
            return 0.0
        if self.first_sent_at is None or not self.complete:
            return END_GRACE
        if self.playing_at is None:
            return max(0.0, self.first_sent_at + max(START_GRACE, self.sent) - now)
        at, position = self._anchor or (self._stalled_at, self._final)
        return max(0.0, at + self.sent - position + END_GRACE - now)
