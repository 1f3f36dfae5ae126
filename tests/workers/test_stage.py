"""What the overlay pages are told of one utterance: in order, again, and when they come in the middle of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from channels_app.overlay import protocol
from tests.virtual_time import virtual
from workers.performance import OverlayPerformance
from workers.pipeline.values import SAMPLE_RATE, MouthKey, Sentence, Viseme, WordTime
from workers.stage import REMINDERS, OverlayStage

SECOND = b"\1\0" * SAMPLE_RATE
FENCE = 7


@dataclass
class Pages:
    """What was sent, in the order of sending, to all pages or (by connection) to one."""

    now: float = 1000.0
    sent: list[tuple[str | None, Any]] = field(default_factory=list)

    async def send(self, group: str, message: dict[str, Any]) -> None:
        if message["type"] == "overlay.frames":
            self.sent += [(message.get("only"), frame) for frame in message["frames"]]

    def told(self, connection: str | None = None) -> list[Any]:
        return [frame for only, frame in self.sent if only == connection]

    def kinds(self, connection: str | None = None) -> list[str]:
        return [frame["t"] if isinstance(frame, dict) else "sound" for frame in self.told(connection)]

    def offsets(self, connection: str) -> list[int]:
        return [protocol.frame_header(frame)[3] for frame in self.told(connection) if isinstance(frame, bytes)]


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def stage(pages: Pages) -> OverlayStage:
    made = OverlayStage("channel", fence=FENCE, alive=lambda: True, send=pages.send, now=lambda: pages.now)
    made.count(1)
    return made


async def spoken(stage: OverlayStage, seconds: int = 4) -> OverlayPerformance:
    """An utterance of so many seconds, sent in parts of 0.2 s and not yet ended."""
    performance = stage.perform("turn")
    await performance.sentence(Sentence("Hello there."))
    for part in range(seconds * 5):
        await performance.audio(SECOND[: len(SECOND) // 5], [MouthKey(part * 200.0, Viseme.AA)])
    return performance


async def test_a_page_in_the_middle_is_told_all_words_and_the_sound_from_what_is_heard(
    stage: OverlayStage, pages: Pages
) -> None:
    performance = await spoken(stage)
    performance.ack("playing", 0)
    pages.now += 1.5
    await stage.welcome("late", [])
    state, begin, *rest = pages.told("late")
    assert (state["t"], state["name"]) == ("state", "offline")
    assert (begin["t"], begin["from"], begin["turn"]) == ("speech.begin", 1500.0, "turn")
    assert [frame["text"] for frame in rest if isinstance(frame, dict) and frame["t"] == "sentence"] == ["Hello there."]
    assert sum(isinstance(frame, dict) and frame["t"] == "mouth" for frame in rest) == 20
    assert pages.offsets("late") == [round(part * 0.2 * SAMPLE_RATE) for part in range(7, 20)]


async def test_a_page_that_comes_back_gets_exactly_the_sound_it_misses(stage: OverlayStage, pages: Pages) -> None:
    performance = await spoken(stage)
    performance.ack("playing", 0)
    pages.now += 3.0
    await stage.welcome("back", [[FENCE, performance.utterance, 5]])
    assert pages.offsets("back")[0] == SAMPLE_RATE
    assert len(pages.offsets("back")) == 15


async def test_a_page_that_missed_the_end_of_a_finished_utterance_still_gets_it(
    stage: OverlayStage, pages: Pages
) -> None:
    performance = await spoken(stage)
    await performance.finish()
    performance.ack("ended", 4000)
    await stage.welcome("back", [[FENCE, performance.utterance, 18]])
    assert pages.kinds("back")[-3:] == ["sound", "sound", "speech.end"]
    await stage.welcome("new", [])
    assert pages.kinds("new") == ["state"]


async def test_of_what_was_heard_to_its_end_only_the_last_sound_is_kept(stage: OverlayStage, pages: Pages) -> None:
    performance = await spoken(stage)
    await performance.finish()
    performance.ack("ended", 4000)
    missing = {"t": "missing", "utt": performance.utterance, "fence": FENCE}
    await stage.hear(missing | {"connection": "one", "seq": 15})
    assert pages.offsets("one") == [round(part * 0.2 * SAMPLE_RATE) for part in range(15, 20)]
    assert pages.told("one")[-1]["t"] == "speech.end"
    await stage.hear(missing | {"connection": "far behind", "seq": 3})
    await stage.welcome("far behind", [[FENCE, performance.utterance, 3]])
    # What nobody can tell it any more would stand in the way of what comes next.
    assert pages.kinds("far behind") == ["interrupt", "interrupt", "state"]
    await performance.repeat("seen", None)
    assert len(pages.offsets("seen")) == 1, "the last frame, where it ended"
    assert sum(len(frame) for frame in performance._frames) < 2.3 * SAMPLE_RATE * 2


async def test_the_sound_of_what_is_long_over_is_kept_no_longer(stage: OverlayStage, pages: Pages) -> None:
    performance = await spoken(stage)
    await performance.finish()
    await stage.remind()
    performance.ack("ended", 4000)
    await stage.remind()
    await stage.welcome("soon", [[FENCE, performance.utterance, 18]])
    assert "sound" in pages.kinds("soon")
    await stage.remind()
    await stage.welcome("late", [[FENCE, performance.utterance, 18]])
    assert pages.kinds("late") == ["interrupt", "state"]


@virtual
async def test_what_a_page_has_heard_to_its_end_is_kept_for_two_seconds(stage: OverlayStage, pages: Pages) -> None:
    performance = await spoken(stage)
    await performance.finish()
    ended = {"t": "ack", "fence": FENCE, "utt": performance.utterance, "turn": "turn", "event": "ended"}
    await stage.hear(ended | {"position_ms": 4000})
    await stage.remind()
    await asyncio.sleep(1.9)
    await stage.welcome("soon", [[FENCE, performance.utterance, 18]])
    assert "sound" in pages.kinds("soon")
    await asyncio.sleep(0.2)
    await stage.welcome("late", [[FENCE, performance.utterance, 18]])
    assert pages.kinds("late") == ["interrupt", "state"]


async def test_what_was_interrupted_while_a_page_was_away_is_interrupted_on_its_return(
    stage: OverlayStage, pages: Pages
) -> None:
    performance = await spoken(stage)
    await performance.interrupt()
    await stage.welcome("back", [[FENCE, performance.utterance, 5]])
    assert pages.kinds("back") == ["interrupt", "state"]
    await stage.hear({"t": "missing", "utt": performance.utterance, "fence": FENCE, "connection": "back", "seq": 0})
    assert pages.kinds("back") == ["interrupt", "state", "interrupt"], "its word may have been lost"


async def test_what_was_given_up_while_a_page_was_away_does_not_stand_in_its_way(
    stage: OverlayStage, pages: Pages
) -> None:
    await stage.welcome("back", [[FENCE, 9, 4]])
    assert {"t": "interrupt", "utt": 9} in pages.told("back")


async def test_utterances_of_another_run_are_not_ours(stage: OverlayStage, pages: Pages) -> None:
    performance = await spoken(stage)
    await stage.welcome("back", [[FENCE - 1, performance.utterance, 5]])
    assert pages.offsets("back")[0] == 0


async def test_a_hole_is_filled_from_its_first_frame_on(stage: OverlayStage, pages: Pages) -> None:
    performance = await spoken(stage)
    missing = {"t": "missing", "utt": performance.utterance, "fence": FENCE, "connection": "one", "seq": 18}
    await stage.hear(missing)
    assert pages.offsets("one") == [round(3.6 * SAMPLE_RATE), round(3.8 * SAMPLE_RATE)]
    await stage.hear(missing)
    assert len(pages.offsets("one")) == 2, "a page that asks all the time is not answered all the time"
    pages.now += 1
    await stage.hear(missing)
    assert len(pages.offsets("one")) == 4


async def test_when_the_last_page_goes_the_sound_stands_still(stage: OverlayStage, pages: Pages) -> None:
    performance = await spoken(stage)
    performance.ack("playing", 0)
    pages.now += 1.0
    stage.count(0)
    pages.now += 5.0
    assert performance.heard_seconds == pytest.approx(1.0)
    stage.count(1)
    await stage.welcome("back", [])
    assert pages.told("back")[1]["from"] == 1000.0


async def test_a_run_without_its_lease_tells_nothing(pages: Pages) -> None:
    stage = OverlayStage("channel", fence=FENCE, alive=lambda: False, send=pages.send, now=lambda: pages.now)
    await spoken(stage)
    await stage.welcome("late", [])
    assert pages.sent == []


async def test_words_are_told_by_their_place_in_the_utterance_and_the_caption(
    stage: OverlayStage, pages: Pages
) -> None:
    performance = await spoken(stage, seconds=1)
    await performance.sentence(Sentence("🦊 fox, hi."))
    await performance.audio(SECOND, [], [WordTime(2, 6, 0.05), WordTime(7, 10, 0.5)])
    words = next(frame for frame in pages.told() if isinstance(frame, dict) and frame["t"] == "words")
    assert words["at"] == 1000.0
    assert words["v"] == [[3, 1050.0], [8, 1500.0]], "the fox counts as two on a page"
    assert "sound" not in pages.kinds()[pages.kinds().index("sentence", 2) : pages.kinds().index("words")]


async def test_a_page_that_comes_late_is_told_the_newest_times_of_each_sentence_once(
    stage: OverlayStage, pages: Pages
) -> None:
    performance = stage.perform("turn")
    await performance.sentence(Sentence("One two."))
    await performance.audio(SECOND, [], [WordTime(0, 3, 0.0), WordTime(4, 8, 0.4)])
    await performance.audio(b"", [], [WordTime(0, 3, 0.0), WordTime(4, 8, 0.6)])
    await performance.sentence(Sentence("Three."))
    await performance.audio(SECOND, [], [WordTime(0, 6, 0.1)])
    performance.ack("playing", 0)
    await stage.welcome("late", [])
    told = [frame for frame in pages.told("late") if isinstance(frame, dict) and frame["t"] == "words"]
    assert [(words["at"], words["v"]) for words in told] == [
        (0.0, [[0, 0.0], [4, 600.0]]),
        (1000.0, [[0, 1100.0]]),
    ]
    assert pages.kinds("late").index("sentence") < pages.kinds("late").index("words")


async def test_what_she_does_is_told_again_for_a_while_as_its_word_may_be_lost(
    stage: OverlayStage, pages: Pages
) -> None:
    await stage.state("thinking")
    await stage.state("idle")
    for _ in range(REMINDERS + 2):
        await stage.remind()
    assert [frame["name"] for frame in pages.told()] == ["thinking", *["idle"] * (1 + REMINDERS)]
