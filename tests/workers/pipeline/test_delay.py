"""Sentences that are held back on virtual time: when they are heard, and what takes them away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from tests.fakes.line import TalkingBrain
from tests.virtual_time import virtual
from tests.workers.pipeline.test_turn import Setting
from workers.pipeline.line import Line
from workers.pipeline.ports import Clock, VoiceError


@dataclass
class Delayed(Setting):
    """Sentences are held back for ten seconds."""

    delay: float = 10.0

    def line(self, clock: Callable[[], Clock]) -> Line:
        return replace(super().line(clock), delay=self.delay)


LONG = "One fine day it was. " + " ".join(f"This is sentence number {number} of all of them." for number in range(6))


@virtual
async def test_each_sentence_is_held_back_and_the_next_comes_in_time() -> None:
    setting = Delayed(TalkingBrain(LONG))
    quick = Setting(TalkingBrain(LONG))
    await setting.play()
    began = asyncio.get_running_loop().time()
    await quick.play()
    first = quick.stage.all("audio")[0].at - began
    assert setting.stage.all("audio")[0].at == pytest.approx(first + 10, abs=0.2)
    assert setting.audio_gaps() == 0
    assert len(setting.sentences()) == 7
    states = [shown.value for shown in setting.stage.all("state")]
    assert states[-1] == "talking"
    assert set(states[:-1]) == {"thinking"}


@virtual
async def test_what_is_killed_ends_the_reply_and_what_is_heard_goes_on_to_its_end() -> None:
    setting = Delayed(TalkingBrain("The first sentence is quite a long one as one can hear. Then comes the second."))
    setting.brain.pause = 0.5
    log, task = setting.start()
    while not setting.stage.all("sentence"):
        await asyncio.sleep(0.1)
    assert log.unheard == ["Then comes the second."]
    assert not log.kill(0), "that one is heard already"
    assert log.kill(1)
    await task
    assert (log.outcome, log.reason) == ("interrupted", "taken away by a moderator before it was heard")
    assert setting.sentences() == [log.heard] == ["The first sentence is quite a long one as one can hear."]
    assert "interrupt" not in setting.stage.kinds()


@virtual
async def test_a_reply_that_is_held_back_when_it_is_stopped_makes_no_sound() -> None:
    setting = Delayed()
    log, task = setting.start()
    await asyncio.sleep(5)
    assert log.leaves
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(20)
    assert setting.stage.all("audio") == []
    assert log.heard == ""


@virtual
async def test_a_voice_that_fails_in_the_line_that_takes_a_sentences_place_is_told_as_such() -> None:
    setting = Setting(TalkingBrain("This is flagged."))
    setting.voice.error = VoiceError("gone", code="speech_stalled", retryable=False)
    log = await setting.play()
    assert (log.outcome, log.reason) == ("failed", "speech_stalled: gone")
