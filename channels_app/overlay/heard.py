"""The overlay's word of what was heard, kept by the web process: a worker that dies right after cannot lose it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from channels_app.models import Channel, PaidEvent, Turn

MOST_UTTERANCES = 4
"""Utterances that may be on their way to a page at one time."""


class Announced:
    """The sentences of the utterances a page was told of, each with the moment at which it begins."""

    def __init__(self) -> None:
        self._sentences: dict[str, list[tuple[float, str]]] = {}
        self._turns: dict[int, str] = {}

    def note(self, frame: Mapping[str, Any]) -> None:
        """A frame of a run, in its order. An utterance that is announced anew is told from its beginning again."""
        if frame["t"] == "speech.begin" and (begun := frame.get("turn")):
            self._sentences.pop(begun, None)
            if len(self._sentences) >= MOST_UTTERANCES:
                self._sentences.pop(next(iter(self._sentences)))
            self._sentences[begun] = []
            self._turns[frame["utt"]] = begun
            self._turns = {utt: turn for utt, turn in self._turns.items() if turn in self._sentences}
        elif frame["t"] == "sentence" and (turn := self._turns.get(frame["utt"])):
            self._sentences[turn].append((frame["at"], frame["text"]))

    def until(self, turn: str, position_ms: float, event: str) -> str:
        """What of the turn has begun to be heard by this word of the page. Of a sentence that begins just where the
        sound stands or ends nothing was heard; where it is playing, that one is."""
        goes_on = event == "playing"
        sentences = self._sentences.get(turn, ())
        return " ".join(text for at, text in sentences if at < position_ms or (goes_on and at == position_ms))


@transaction.atomic
def mark_heard(channel: Channel, turn_id: str, words: str = "") -> Turn | None:
    """Marks the turn heard, as far as these `words`, and what was paid for it as spoken.

    Returns the turn as it was before; None where it is not this channel's.

    A run writes down itself what was heard of its turns. Where it died first, its page is the only one that knows.
    """
    try:
        key = uuid.UUID(turn_id)
    except ValueError:
        return None
    now = timezone.now()
    turn = Turn.objects.select_for_update().filter(pk=key, channel=channel).first()
    if turn is None:
        return None
    mine = Turn.objects.filter(pk=key)
    mine.filter(heard_at__isnull=True).update(heard_at=now)
    # Only while it is open: the run may have told the outcome before the page told us.
    mine.filter(outcome=Turn.Outcome.THINKING).update(outcome=Turn.Outcome.SPEAKING)
    if (turn.outcome in Turn.OPEN or turn.is_orphan) and not turn.forgotten and len(words) > len(turn.heard):
        mine.update(heard=words, said=max(turn.said, words, key=len))
    PaidEvent.objects.filter(channel=channel, turn_id=key, state=PaidEvent.State.CLAIMED).update(
        state=PaidEvent.State.SPOKEN, done_at=now
    )
    return turn
