"""What happened in one turn, for its row and for the conversation that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workers.pipeline.admission import Admission
from workers.pipeline.bell import Bell
from workers.pipeline.director import Choice
from workers.pipeline.ports import Metered, Performance
from workers.pipeline.usage import Meter
from workers.pipeline.values import ALLOW, StreamEvent, Usage, Verdict

KILLED = "taken away by a moderator before it was heard"
Outcome = Literal["thinking", "waiting", "speaking", "spoken", "interrupted", "refused", "failed"]


@dataclass(slots=True)
class TurnLog:
    """Filled in while the turn goes on."""

    id: str
    choice: Choice
    arrived: float
    admitted: Admission = field(default_factory=Admission)
    outcome: Outcome = "thinking"
    reason: str = ""
    verdict: Verdict = ALLOW
    """The last objection of the gate, to what was asked or to what was to be said."""
    timings_ms: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    expires: float = 0.0
    """While it waits for a moderator: Unix second at which nobody may approve it any more."""
    approved_by: str = ""
    leaves: float = 0.0
    """Unix second at which the first of the sentences that are held back will be heard; 0 while none is."""
    killed: Bell = field(default_factory=Bell)
    """Set when a moderator takes away what is not heard yet: what is heard goes on to its end, and nothing follows."""
    starts: list[float] = field(default_factory=list)
    """Second of the utterance at which each said sentence begins."""
    meters: list[Metered] = field(default_factory=list)
    """What made it: replies of brains, clips of voices."""
    judging: Meter = field(default_factory=Meter)
    """What the endpoints consumed that judged its sentences."""
    brain: str = ""
    voice: str = ""
    detour: str = ""
    """Why another brain than the first choice answered."""
    voice_stood_in: bool = False
    """Another voice than the persona's spoke some of it."""
    refusal: str = ""
    """Why it may not be spoken, where that is not because another run has answered."""
    fault: str = ""
    """What failed on the way; what was said before is still heard out."""
    taken_back: bool = False
    """A moderator took its question out of the chat: no later answer builds on it."""
    forgotten: bool = False
    """Whoever was answered wants to be forgotten: no word of the turn is written down."""
    abandoned: bool = False
    """The run ends, or another has taken over: what was paid and not heard is left to the run that holds it."""
    made_way: str = ""
    """Why it ends with the sentence that is heard, where it makes way for something else."""
    written: bool = False
    """The brain has written all of it."""
    put_off: bool = False
    """It made way before a sound of it was heard: what it answers waits again."""
    performance: Performance | None = None
    last_sentence: Bell = field(default_factory=Bell)
    """Set when the last sentence begins to be heard, or when all waits for a moderator: time to choose the next."""
    over: Bell = field(default_factory=Bell)
    """Set when nothing of this turn will be heard any more."""

    def mark(self, stage: str, now: float) -> None:
        """Milliseconds from the message's arrival to the first time this stage was reached."""
        self.timings_ms.setdefault(stage, max(0, round((now - self.arrived) * 1000)))

    def end(self, outcome: Outcome, reason: str = "") -> None:
        """The first end stands."""
        if self.outcome in ("thinking", "waiting", "speaking"):
            self.outcome, self.reason = outcome, reason

    @property
    def unheard(self) -> list[str]:
        """What was written and judged by the rules and has not begun to be sent."""
        return self.said[len(self.starts) :]

    def kill(self, first: int) -> bool:
        """A moderator takes away the sentences from this one on. False when it is too late: the first of them sounds
        already, and only silence helps."""
        if len(self.starts) > first:
            return False
        self.killed.set()
        self.end("interrupted", KILLED)
        return True

    def heard_voice(self, label: str, *, stands_in: bool = False) -> None:
        """Every voice that spoke, in order: another one may have stepped in between two sentences."""
        if label not in self.voice.split(", "):
            self.voice = f"{self.voice}, {label}" if self.voice else label
        self.voice_stood_in |= stands_in

    @property
    def usage(self) -> Usage:
        """All that the turn consumed so far."""
        return sum((meter.usage for meter in (*self.meters, self.judging)), Usage())

    @property
    def events(self) -> tuple[StreamEvent, ...]:
        return self.choice.events

    @property
    def lead(self) -> StreamEvent:
        """The event she answers first, as it came; where the gate let nothing pass, the first of all."""
        admitted = {event.id for event in self.admitted.events}
        return next((event for event in self.events if event.id in admitted), self.events[0])

    @property
    def heard(self) -> str:
        """The sentences the overlay began to play."""
        if self.performance is None:
            return ""
        position = self.performance.heard_seconds
        return " ".join(text for text, start in zip(self.said, self.starts, strict=False) if start < position)
