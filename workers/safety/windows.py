"""The last short messages of each chatter and of the channel: words and numbers are split over several of them."""

from __future__ import annotations

from workers.pipeline.bounded import note

MESSAGES = 5
"""Messages read together."""
LONGEST_OWN = 40
"""Characters of a message that may be a part, of the same chatter."""
LONGEST_SHARED = 12
"""The same over several chatters: whoever splits a word over people sends pieces, not sentences."""
LONGEST_BIT = 4
"""Characters of the end of a word whose beginning was stopped."""
KNOWN_CHATTERS = 500
EVERYBODY = ""


class Windows:
    """What was let through lately. Remembers texts of few chatters for as long as it lives, and no others."""

    def __init__(self) -> None:
        self._recent: dict[str, list[str]] = {}
        self._stopped: set[str] = set()

    def own(self, chatter_id: str, text: str) -> str:
        """The chatter's last messages with this one, or "" where it stands alone."""
        return self._with(chatter_id, text, LONGEST_OWN)

    def shared(self, text: str) -> str:
        """Everybody's last messages with this one, or "" where it stands alone."""
        return self._with(EVERYBODY, text, LONGEST_SHARED)

    def keep(self, chatter_id: str, text: str) -> None:
        """Remembers a message that was let through."""
        for whose, longest in ((chatter_id, LONGEST_OWN), (EVERYBODY, LONGEST_SHARED)):
            before = self._recent.get(whose, [])
            window = [] if len(text) > longest else [*before[1 - MESSAGES :], text.strip()]
            note(self._recent, whose, window, KNOWN_CHATTERS)
            self._stopped.discard(whose)

    def stop(self, chatter_id: str) -> None:
        """A word was put together: what led to it does not block the next message, but its end may still come."""
        for whose in (chatter_id, EVERYBODY):
            self._recent.pop(whose, None)
            self._stopped.add(whose)
        if len(self._stopped) > KNOWN_CHATTERS:
            self._stopped.clear()

    def goes_on(self, chatter_id: str, text: str) -> bool:
        """Whether this is another bit of a word that was stopped before it was whole."""
        is_bit = len(text.strip()) <= LONGEST_BIT
        return is_bit and not self._stopped.isdisjoint((chatter_id, EVERYBODY))

    def _with(self, whose: str, text: str, longest: int) -> str:
        before = self._recent.get(whose)
        return " ".join([*before, text.strip()]) if before and len(text) <= longest else ""
