"""No frame of sound ever leaves for a text without every configured verdict, whatever fails on the way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.line import MarkerGate, OpenMouth, PacedVoice, PaperStage, TalkingBrain
from tests.virtual_time import VirtualClock, run
from workers.pipeline.bell import Bell
from workers.pipeline.director import Choice
from workers.pipeline.line import Line
from workers.pipeline.ports import BrainError, VoiceError
from workers.pipeline.turn import begin, take_turn
from workers.pipeline.usage import Meter
from workers.pipeline.values import ALLOW, Action, Chatter, EventKind, PersonaSnapshot, Sentence, StreamEvent, Verdict
from workers.voice.fallback import Choice as VoiceChoice
from workers.voice.fallback import FallbackVoice

PERSONA = PersonaSnapshot(1, "Mira", "A fox.", "", "en")
WORDS = (
    "Hello there.",
    "It is a fine day.",
    "A forbidden word.",
    "This is flagged.",
    "So is this one flagged!",
    "Bye now.",
)
DEFLECTION = "Let us talk about something else."


@dataclass
class NotingGate(MarkerGate):
    """Notes when each text passed its last verdict; endpoints answer late, wrong or not at all."""

    answers: list[str] = field(default_factory=list)
    passed: dict[str, float] = field(default_factory=dict)

    async def moderate(self, text: str, meter: Meter) -> Verdict:
        how = self.answers.pop(0) if self.answers else "quick"
        await asyncio.sleep({"quick": 0.05, "slow": 1.9, "late": 2.0, "down": 0.0}[how])
        if how in ("late", "down") or "flagged" in text:
            # What a real endpoint makes of a budget that is over and of a failure.
            return Verdict(Action.DROP, "test.unavailable")
        self.passed[text] = asyncio.get_running_loop().time()
        return ALLOW


@given(
    sentences=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5, unique=True),
    answers=st.lists(st.sampled_from(["quick", "slow", "late", "down"]), max_size=6),
    delay=st.sampled_from([0.0, 0.0, 4.0]),
    approves=st.booleans(),
    kind=st.sampled_from([EventKind.MESSAGE, EventKind.CHEER, EventKind.SAY]),
    brain_fails_after=st.one_of(st.none(), st.integers(0, 12)),
    voice_fails_after=st.one_of(st.none(), st.integers(0, 6)),
    first_sound=st.sampled_from([0.0, 0.25, 3.0]),
    stands_in=st.booleans(),
)
@settings(max_examples=60)
def test_no_sound_before_every_verdict(
    sentences: list[str],
    answers: list[str],
    delay: float,
    approves: bool,
    kind: EventKind,
    brain_fails_after: int | None,
    voice_fails_after: int | None,
    first_sound: float,
    stands_in: bool,
) -> None:
    async def scene() -> None:
        gate, stage = NotingGate(answers=list(answers)), PaperStage()
        text = " ".join(sentences)
        brain = TalkingBrain(text)
        if brain_fails_after is not None:
            brain.error = BrainError("gone", code="llm_reset", retryable=False)
            brain.error_after = brain_fails_after
        voice = PacedVoice(first=first_sound)
        if voice_fails_after is not None:
            voice.error = VoiceError("gone", code="speech_stalled", retryable=False)
            voice.error_after = voice_fails_after
        # In the middle of a reply another voice steps in, where the first one fails before its first sound.
        choices = [
            VoiceChoice(name, one, lambda text, spec: True) for name, one in {"one": voice, "two": PacedVoice()}.items()
        ]
        line = Line(
            channel_id="c",
            broadcaster_name="Alice",
            persona=PERSONA,
            brain=brain,
            spare_brain=TalkingBrain("Thank you so much!", label="spare brain", first=0),
            gate=gate,
            voice=FallbackVoice(choices) if stands_in else voice,
            mouth=OpenMouth(),
            stage=stage,
            clock=VirtualClock(),
            language_of=lambda text, default: default,
            delay=delay,
        )
        event = StreamEvent("m1", kind, Chatter("7", "Viewer"), text, line.clock.now(), amount=100)
        # Said word for word it would be refused as a whole; the sentences are judged one by one all the same.
        log = begin(line, Choice(events=(event,), trigger="mention", lane="mention", text=text))
        log.admitted = replace(log.admitted, events=(event,))
        floor = Bell()
        floor.set()
        opened = asyncio.get_running_loop().create_future()
        opened.set_result(True)

        approved_at: list[float] = []

        async def approval(_log: object) -> Bell:
            assert voice.spoken == []
            await asyncio.sleep(7)
            approved_at.append(asyncio.get_running_loop().time())
            return floor

        await take_turn(line, log, (), opened=opened, floor=floor, approval=approval if approves else None)

        said = ""
        for shown in stage.shown:
            if shown.kind == "sentence":
                assert isinstance(shown.value, Sentence)
                said = shown.value.text
                if approves:
                    assert shown.at >= approved_at[0]
            elif shown.kind == "audio":
                assert "forbidden" not in said
                assert "flagged" not in said
                if said != DEFLECTION:
                    assert shown.at >= gate.passed[said] + (0 if approves else delay)

    run(scene())
