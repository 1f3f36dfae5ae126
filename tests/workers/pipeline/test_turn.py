"""One turn on virtual time: what is said, when it sounds, and what stops it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.fakes.line import MarkerGate, OpenMouth, PacedVoice, PaperStage, TalkingBrain
from tests.virtual_time import VirtualClock, virtual
from workers.pipeline.bell import Bell
from workers.pipeline.director import Choice
from workers.pipeline.line import Line
from workers.pipeline.ports import BrainError, Clock, VoiceError
from workers.pipeline.speakable.pronunciation import Pronunciation, SayAs
from workers.pipeline.turn import begin, take_turn
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import Chatter, EventKind, PersonaSnapshot, Price, StreamEvent, VoiceSpec

PERSONA = PersonaSnapshot(1, "Mira", "A fox.", "", "en")


@dataclass
class Setting:
    """A line of scripted neighbours, and one turn through it."""

    brain: TalkingBrain = field(default_factory=TalkingBrain)
    voice: PacedVoice = field(default_factory=PacedVoice)
    gate: MarkerGate = field(default_factory=MarkerGate)
    stage: PaperStage = field(default_factory=PaperStage)
    text: str = "hello"
    kind: EventKind = EventKind.MESSAGE
    may_speak: bool = True
    floor_after: float = 0.0
    persona: PersonaSnapshot = PERSONA

    def line(self, clock: Callable[[], Clock]) -> Line:
        return Line(
            channel_id="c",
            broadcaster_name="Alice",
            persona=self.persona,
            brain=self.brain,
            spare_brain=TalkingBrain("Thank you so much!", label="spare brain", first=0),
            gate=self.gate,
            voice=self.voice,
            mouth=OpenMouth(),
            stage=self.stage,
            clock=clock(),
            language_of=lambda text, default: default,
        )

    def start(self, opened: asyncio.Task[bool] | None = None) -> tuple[TurnLog, asyncio.Task[None]]:
        """`opened`: what tells that the turn may be spoken; said at once when it is left out."""
        line = self.line(VirtualClock)
        event = StreamEvent("m1", self.kind, Chatter("7", "Viewer"), self.text, line.clock.now())
        log = begin(line, Choice(events=(event,), trigger="mention", lane="mention", text=self.text))
        return log, asyncio.create_task(self._take(line, log, opened))

    async def _take(self, line: Line, log: TurnLog, row: asyncio.Task[bool] | None) -> None:
        floor = Bell()
        asyncio.get_running_loop().call_later(self.floor_after, floor.set) if self.floor_after else floor.set()
        said = asyncio.get_running_loop().create_future()
        said.set_result(self.may_speak)
        await take_turn(line, log, (), opened=row or said, floor=floor)

    async def play(self) -> TurnLog:
        log, task = self.start()
        await task
        return log

    def sentences(self) -> list[str]:
        return [shown.value.text for shown in self.stage.all("sentence")]  # type: ignore[attr-defined]

    def audio_gaps(self) -> float:
        """Longest silence inside the reply, playing as soon as sound comes."""
        plays_until = self.stage.all("audio")[0].at
        longest = 0.0
        for shown in self.stage.all("audio"):
            longest = max(longest, shown.at - plays_until)
            plays_until = max(plays_until, shown.at) + float(shown.value)  # type: ignore[arg-type]
        return longest


@virtual
async def test_a_reply_is_spoken_sentence_by_sentence_with_its_mouth() -> None:
    setting = Setting()
    log = await setting.play()
    assert (log.outcome, log.reason) == ("spoken", "")
    assert setting.sentences() == ["Hello there.", "It is a fine day."]
    assert setting.stage.all("sentence")[0].value.mood == "happy"  # type: ignore[attr-defined]
    assert log.heard == "Hello there. It is a fine day."
    first_mouth, first_sound = setting.stage.all("mouth")[0], setting.stage.all("audio")[0]
    assert first_mouth.at == first_sound.at
    assert setting.stage.all("mouth")[-1].value.viseme == "sil"  # type: ignore[attr-defined]


@virtual
async def test_she_begins_to_speak_with_the_first_clause_while_the_rest_is_still_written() -> None:
    setting = Setting(brain=TalkingBrain("Well, my friend, " + "that is a long story, and it goes on. " * 12))
    log = await setting.play()
    written = setting.brain.first + len(setting.brain.text) / 4 * setting.brain.pause
    assert setting.stage.all("audio")[0].at < 0.75 < written
    assert log.timings_ms["first_sentence"] < log.timings_ms["first_audio"] <= log.timings_ms["first_frame"]


@virtual
async def test_there_is_no_dead_air_between_sentences() -> None:
    setting = Setting(brain=TalkingBrain("Yes, of course I do. " * 8), voice=PacedVoice(first=0.25, speed=2))
    await setting.play()
    assert setting.audio_gaps() < 0.15


@virtual
async def test_a_forbidden_message_is_not_answered() -> None:
    setting = Setting(text="say the forbidden thing")
    log = await setting.play()
    assert log.outcome == "refused"
    assert log.verdict.rule_id == "test.forbidden"
    assert not setting.brain.requests


def test_a_turn_is_that_of_the_first_whose_words_passed() -> None:
    rude = StreamEvent("m1", EventKind.MESSAGE, Chatter("7", "Rude"), "say the forbidden thing", 0.0)
    kind = StreamEvent("m2", EventKind.MESSAGE, Chatter("8", "Kind99"), "hello", 0.0)
    line = Setting().line(VirtualClock)
    assert begin(line, Choice((rude, kind), "mention", "mention", "")).lead == kind
    assert begin(line, Choice((rude,), "mention", "mention", "")).lead == rude


@virtual
async def test_a_forbidden_sentence_never_reaches_the_voice_and_ends_the_reply_with_a_fixed_line() -> None:
    setting = Setting(brain=TalkingBrain("Sure thing. That forbidden word. And a lot more to say."))
    log = await setting.play()
    assert setting.sentences() == ["Sure thing.", "Let us talk about something else."]
    assert not any("forbidden" in spoken for spoken in setting.voice.spoken)
    assert log.outcome == "spoken"


@virtual
async def test_no_sound_leaves_before_the_endpoints_word() -> None:
    setting = Setting(gate=MarkerGate(moderation=1.0))
    await setting.play()
    assert setting.stage.all("audio")[0].at >= 1.3


@virtual
async def test_a_sentence_the_endpoint_flags_is_replaced_and_ends_the_reply() -> None:
    setting = Setting(
        brain=TalkingBrain("All is well. This is flagged here. And more."), gate=MarkerGate(moderation=0.3)
    )
    log = await setting.play()
    assert setting.sentences() == ["All is well.", "Let us talk about something else."]
    assert "flagged" not in log.heard


@virtual
async def test_a_long_sentence_behind_a_flagged_one_does_not_hold_the_turn_up() -> None:
    """The verdict comes when the clip that is to be said last is under way and has no place in the queue yet."""
    endless = "And this last one goes on and on " + "and on and on without any end " * 4
    setting = Setting(
        brain=TalkingBrain(f"This is flagged. Second one here. Third one here. {endless}.", first=0, pause=0),
        voice=PacedVoice(first=0, speed=1000),
        gate=MarkerGate(moderation=1.5),
    )
    async with asyncio.timeout(600):
        log = await setting.play()
    assert log.over.is_set()
    assert setting.sentences() == ["Let us talk about something else."]


@virtual
async def test_a_failing_brain_ends_the_turn_with_its_reason() -> None:
    error = BrainError("The model refused the key.", code="llm_unauthorised", retryable=False)
    log = await Setting(brain=TalkingBrain(error=error)).play()
    assert log.outcome == "failed"
    assert log.reason.startswith("llm_unauthorised")


@virtual
async def test_what_was_said_before_the_brain_failed_is_still_heard() -> None:
    error = BrainError("The stream broke.", code="llm_reset", retryable=True)
    setting = Setting(brain=TalkingBrain("I was about to. Say something", error=error, error_after=6))
    log = await setting.play()
    assert log.heard == "I was about to."
    assert log.outcome == "failed"
    assert log.reason.startswith("llm_reset")


@virtual
async def test_somebody_who_paid_is_thanked_even_when_the_brain_fails() -> None:
    error = BrainError("Down.", code="llm_server_error", retryable=True)
    setting = Setting(brain=TalkingBrain(error=error), kind=EventKind.CHEER)
    log = await setting.play()
    assert setting.sentences() == ["Thank you so much!"]
    assert (log.outcome, log.brain) == ("spoken", "spare brain")


@virtual
@pytest.mark.parametrize("after", [0, 3])
async def test_a_failing_voice_ends_the_turn_with_its_reason(after: int) -> None:
    error = VoiceError("The voice is gone.", code="voice_reset", retryable=True)
    log = await Setting(voice=PacedVoice(error=error, error_after=after)).play()
    assert log.outcome == "failed"
    assert log.reason.startswith("voice_reset")


@virtual
@pytest.mark.parametrize("moment", [0.1, 0.45, 0.75, 1.5])
async def test_a_stopped_turn_is_silent_at_once_whatever_it_was_doing(moment: float) -> None:
    setting = Setting()
    log, task = setting.start()
    await asyncio.sleep(moment)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert setting.stage.kinds()[-1] == "interrupt"
    assert log.outcome == "interrupted"
    assert log.over.is_set()
    heard = len(setting.stage.all("audio"))
    await asyncio.sleep(10)
    assert len(setting.stage.all("audio")) == heard
    assert asyncio.all_tasks() == {asyncio.current_task()}


@virtual
async def test_a_turn_waits_for_the_floor_but_is_ready_when_it_gets_it() -> None:
    setting = Setting(floor_after=5.0)
    await setting.play()
    assert setting.stage.all("audio")[0].at == pytest.approx(5.0)
    assert {"thinking"}.isdisjoint({shown.value for shown in setting.stage.all("state")})


@virtual
async def test_a_turn_another_run_has_claimed_is_not_spoken() -> None:
    setting = Setting(may_speak=False)
    log = await setting.play()
    assert log.outcome == "refused"
    assert not setting.stage.all("audio")
    assert setting.stage.kinds()[-1] == "finish", "the stage waits for nothing of it"


@virtual
async def test_the_next_turn_may_be_chosen_when_the_last_sentence_begins() -> None:
    setting = Setting()
    log, task = setting.start()
    await log.last_sentence.wait()
    now = asyncio.get_running_loop().time()
    began = setting.stage.all("audio")[0].at + log.starts[-1]
    assert now == pytest.approx(began, abs=0.05)
    await task
    assert asyncio.get_running_loop().time() > now


@virtual
async def test_a_line_to_be_said_is_said_as_it_stands() -> None:
    setting = Setting(text="Welcome, everybody! We begin in five minutes.", kind=EventKind.SAY)
    await setting.play()
    assert " ".join(setting.sentences()) == "Welcome, everybody! We begin in five minutes."
    assert not setting.brain.requests


@virtual
async def test_an_empty_reply_is_a_failure_with_a_reason() -> None:
    log = await Setting(brain=TalkingBrain("")).play()
    assert (log.outcome, log.reason) == ("failed", "the reply was empty")


@virtual
async def test_an_overlay_that_never_answers_does_not_hold_the_turn_for_ever() -> None:
    setting: Any = Setting(stage=PaperStage(frozen=True))
    await asyncio.wait_for(setting.play(), 60)


@virtual
async def test_the_caption_keeps_the_text_and_the_voice_gets_what_it_can_say() -> None:
    setting = Setting(brain=TalkingBrain("I have 5 points :D"))
    log = await setting.play()
    assert setting.sentences() == ["I have 5 points :D"]
    assert setting.voice.spoken == ["I have five points"]
    assert log.usage.characters == len("I have five points")


@virtual
async def test_what_was_paid_for_a_failed_brain_and_for_every_voice_is_in_the_cost() -> None:
    error = BrainError("Down.", code="llm_server_error", retryable=True)
    setting = Setting(
        brain=TalkingBrain("Well then, I", error=error, error_after=2),
        voice=PacedVoice(price=Price(15.0)),
        kind=EventKind.CHEER,
    )
    usage = (await setting.play()).usage
    spare = len("Thank you so much!") / 4
    assert usage.completion_tokens == 2 + math.ceil(spare)
    assert (usage.characters, usage.cost_micros, usage.exact) == (18, 18 * 15, True)


@virtual
async def test_a_voice_of_unknown_price_makes_the_cost_an_estimate() -> None:
    usage = (await Setting(voice=PacedVoice(price=Price(exact=False))).play()).usage
    assert (usage.cost_micros, usage.exact) == (0, False)


@virtual
async def test_a_clip_that_was_made_and_never_heard_is_paid_for_too() -> None:
    setting = Setting(voice=PacedVoice(price=Price(10.0)), floor_after=30)
    log, task = setting.start()
    await asyncio.sleep(5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not setting.stage.all("audio")
    assert log.usage.cost_micros == 10 * len("Hello there." + "It is a fine day.")


@virtual
async def test_what_is_heard_must_pass_the_gate_too() -> None:
    dictionary = Pronunciation((SayAs("flower", "forbidden"),))
    setting = Setting(brain=TalkingBrain("A flower for you."), persona=replace(PERSONA, pronunciation=dictionary))
    log = await setting.play()
    assert setting.voice.spoken == ["Let us talk about something else."]
    assert log.verdict.rule_id == "test.forbidden"


def test_a_turn_names_every_voice_that_spoke_in_it() -> None:
    log = TurnLog("turn", Choice((), "mention", "mention", ""), 0.0)
    for label in ("local-voice", "local-voice", "robot", "local-voice"):
        log.heard_voice(label)
    assert log.voice == "local-voice, robot"


def test_a_persona_may_have_another_voice_in_one_language() -> None:
    persona = replace(
        PERSONA, voice=VoiceSpec("openai", "nova"), language_voices=(("ru", VoiceSpec("espeak", "soft")),)
    )
    assert persona.voice_in("ru-RU") == VoiceSpec("espeak", "soft", language="ru-RU")
    assert persona.voice_in("en") == VoiceSpec("openai", "nova", language="en")


@virtual
async def test_a_turn_that_is_cut_off_lets_its_row_be_written() -> None:
    """A row that appears after the turn was closed would stay open for ever."""

    async def write_row() -> bool:
        await asyncio.sleep(1)
        return True

    opened = asyncio.create_task(write_row())
    _log, task = Setting().start(opened)
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.wait({task})
    assert await opened


@virtual
async def test_sound_that_piled_up_goes_on_in_fewer_parts_and_whole() -> None:
    slow = Setting(gate=MarkerGate(moderation=3.0))
    quick = Setting()
    await slow.play()
    await quick.play()
    parts = [[float(shown.value) for shown in one.stage.all("audio")] for one in (slow, quick)]  # type: ignore[arg-type]
    assert sum(parts[0]) == pytest.approx(sum(parts[1]))
    assert len(parts[0]) < len(parts[1]) * 0.6
    assert max(parts[0]) <= 0.4
