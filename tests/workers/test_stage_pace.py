"""How far ahead of what is heard the pages are told, and what becomes of that when something is lost or cut off."""

from __future__ import annotations

import asyncio
from typing import Any

from channels_app.overlay import protocol
from tests.virtual_time import VirtualClock, virtual
from workers.performance import (
    AHEAD_SECONDS,
    PATIENCE_SECONDS,
    TELL_SECONDS,
    TOO_SLOW,
    WAITING_SECONDS,
    OverlayPerformance,
)
from workers.pipeline.playout import END_GRACE
from workers.pipeline.values import SAMPLE_RATE, MouthKey, Sentence, Viseme, WordTime
from workers.stage import OverlayStage

FENCE = 7
PART = 0.2
PCM = b"\1\0" * round(SAMPLE_RATE * PART)


class House:
    """A stage on virtual time, and what it said to all pages or to one."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, str | None, Any]] = []
        self.away = False
        """The channel layer takes nothing."""
        self.stage = OverlayStage("channel", fence=FENCE, alive=lambda: True, send=self._send, now=VirtualClock().now)
        self.stage.count(1)

    async def _send(self, group: str, message: dict[str, Any]) -> None:
        if message["type"] == "overlay.frames" and not self.away:
            at = asyncio.get_running_loop().time()
            self.sent += [(at, message.get("only"), frame) for frame in message["frames"]]

    def kinds(self, only: str | None = None) -> list[str]:
        return [frame["t"] if isinstance(frame, dict) else "sound" for _at, to, frame in self.sent if to == only]

    def words(self, kind: str, only: str | None = None) -> list[dict[str, Any]]:
        told = (frame for _at, to, frame in self.sent if to == only)
        return [frame for frame in told if isinstance(frame, dict) and frame["t"] == kind]

    def seconds(self, only: str | None = None) -> float:
        """Of sound that was sent."""
        sound = [frame for _at, to, frame in self.sent if to == only and isinstance(frame, bytes)]
        return sum(len(frame) - protocol.HEADER_BYTES for frame in sound) / 2 / SAMPLE_RATE

    async def speak(self, seconds: float, *, end: bool = True) -> OverlayPerformance:
        """An utterance that the voice makes at once."""
        performance = self.stage.perform("turn")
        await performance.sentence(Sentence("Hello there."))
        for part in range(round(seconds / PART)):
            await performance.audio(PCM, [MouthKey(part * PART * 1000, Viseme.AA)])
        if end:
            await performance.finish()
        return performance

    async def ask(self, performance: OverlayPerformance, seq: int | None, connection: str = "one") -> None:
        body = {"t": "missing", "utt": performance.utterance, "fence": FENCE, "connection": connection, "seq": seq}
        await self.stage.hear(body)


@virtual
async def test_the_first_seconds_go_at_once_and_the_rest_as_it_is_heard() -> None:
    house = House()
    performance = await house.speak(12)
    assert house.seconds() == AHEAD_SECONDS
    assert asyncio.get_running_loop().time() == 0
    performance.ack("playing", 0)
    for second in range(1, 13):
        await asyncio.sleep(1)
        assert performance.heard_seconds <= house.seconds() <= performance.heard_seconds + AHEAD_SECONDS
        assert house.seconds() >= min(12, second + AHEAD_SECONDS - 2 * PART)
    performance.ack("ended", 12_000)


@virtual
async def test_all_of_it_comes_in_its_order_and_its_end_last() -> None:
    house = House()
    performance = await house.speak(7, end=False)
    await performance.sentence(Sentence("And more."))
    await performance.audio(PCM, [MouthKey(7000.0, Viseme.PP)], [WordTime(0, 3, 0.0)])
    await performance.finish()
    assert "speech.end" not in house.kinds()
    assert len(house.words("sentence")) == 1, "a sentence is not told before its time"
    performance.ack("playing", 0)
    await asyncio.sleep(7)
    told = [kind for kind in house.kinds() if kind != "speech.sent"]
    assert told[:3] == ["speech.begin", "sentence", "mouth"]
    assert told[-5:] == ["sentence", "mouth", "words", "sound", "speech.end"]
    assert house.words("speech.end")[0] | {"t": ""} == {"t": "", "utt": 1, "samples": 7.2 * SAMPLE_RATE, "seq": 36}
    performance.ack("ended", 7200)


@virtual
async def test_sound_that_stands_still_is_followed_by_no_more() -> None:
    house = House()
    performance = await house.speak(12)
    performance.ack("playing", 0)
    await asyncio.sleep(1)
    performance.ack("underrun", 1000)
    await asyncio.sleep(5)
    assert house.seconds() <= 1 + AHEAD_SECONDS
    performance.ack("playing", 1000)
    await asyncio.sleep(2)
    assert house.seconds() >= 3 + AHEAD_SECONDS - 2 * PART
    performance.ack("ended", 3000)


@virtual
async def test_without_pages_nothing_more_is_sent_until_one_is_back() -> None:
    house = House()
    performance = await house.speak(12)
    performance.ack("playing", 0)
    await asyncio.sleep(2)
    house.stage.count(0)
    await asyncio.sleep(8)
    before = house.seconds()
    assert before <= 2 + AHEAD_SECONDS
    house.stage.count(1)
    await house.stage.welcome("back", [])
    assert house.words("speech.begin", "back")[0]["from"] == 2000.0
    assert house.seconds("back") <= AHEAD_SECONDS
    performance.ack("playing", 2000)
    await asyncio.sleep(1)
    assert house.seconds() > before
    performance.ack("ended", 3000)


@virtual
async def test_a_page_that_says_nothing_is_told_as_fast_as_it_could_play() -> None:
    house = House()
    performance = await house.speak(12)
    for second in range(1, 7):
        await asyncio.sleep(1)
        assert second + AHEAD_SECONDS - 2 * PART <= house.seconds() <= second + AHEAD_SECONDS
    await asyncio.sleep(2)
    assert house.kinds().count("speech.end") == 1
    await performance.ended()
    assert asyncio.get_running_loop().time() == 12


@virtual
async def test_a_page_that_stands_still_for_ever_is_given_up_and_told_so() -> None:
    house = House()
    performance = await house.speak(12)
    performance.ack("playing", 0)
    await asyncio.sleep(1)
    performance.ack("underrun", 1000)
    await performance.ended()
    assert asyncio.get_running_loop().time() == 12 + END_GRACE
    assert performance.heard_seconds == 1
    assert house.kinds()[-1] == "interrupt", "what comes next must not wait behind it"


@virtual
async def test_what_was_not_sent_when_she_is_cut_off_is_never_sent() -> None:
    house = House()
    performance = await house.speak(12)
    performance.ack("playing", 0)
    await asyncio.sleep(1)
    await performance.interrupt()
    before = house.seconds()
    await asyncio.sleep(20)
    assert house.kinds()[-1] == "interrupt"
    assert house.seconds() == before <= 1 + AHEAD_SECONDS


@virtual
async def test_a_voice_waits_when_much_of_its_sound_does() -> None:
    house = House()
    speaking = asyncio.create_task(house.speak(60))
    await asyncio.sleep(0.5)
    (performance,) = house.stage._playing.values()
    assert performance.made_seconds <= AHEAD_SECONDS + WAITING_SECONDS + 1
    performance.ack("playing", 0)
    for second in range(1, 40):
        await asyncio.sleep(1)
        assert performance.made_seconds <= second + AHEAD_SECONDS + WAITING_SECONDS + 1
    await asyncio.sleep(20)
    assert speaking.done()
    performance.ack("ended", 60_000)


@virtual
async def test_a_voice_does_not_wait_for_a_page_that_stands_still() -> None:
    house = House()
    speaking = asyncio.create_task(house.speak(60))
    await asyncio.sleep(1)
    (performance,) = house.stage._playing.values()
    performance.ack("playing", 0)
    performance.ack("underrun", 100)
    await asyncio.sleep(PATIENCE_SECONDS + 2 * TELL_SECONDS)
    assert speaking.done(), "the turn must be able to end"
    performance.ack("interrupted", 100)


@virtual
async def test_a_better_mouth_is_told_at_once_for_sound_that_waits_too() -> None:
    house = House()
    performance = await house.speak(8, end=False)
    await performance.audio(b"", [MouthKey(1000.0, Viseme.E), MouthKey(7900.0, Viseme.SIL)], [WordTime(0, 5, 0.3)])
    assert house.kinds()[-2:] == ["mouth", "words"]
    performance.ack("playing", 0)
    await asyncio.sleep(5)
    keys = [key for told in house.words("mouth") for key in told["v"]]
    assert keys[-2:] == [[1000.0, "E", 1.0], [7900.0, "sil", 1.0]], "no older guess comes after it"
    await performance.sentence(Sentence("Next."))
    assert house.seconds() == 8
    performance.ack("ended", 8000)


@virtual
async def test_a_better_mouth_of_a_sentence_that_waits_comes_before_its_sound() -> None:
    house = House()
    performance = await house.speak(8, end=False)
    await performance.sentence(Sentence("Next."))
    await performance.audio(PCM, [MouthKey(8000.0, Viseme.AA)])
    await performance.audio(b"", [MouthKey(8000.0, Viseme.E)])
    performance.ack("playing", 0)
    await asyncio.sleep(5)
    told = [kind for kind in house.kinds() if kind != "speech.sent"]
    assert told[-3:] == ["sentence", "mouth", "sound"]
    assert house.words("mouth")[-1]["v"] == [[8000.0, "E", 1.0]]
    performance.ack("ended", 8200)


# What is lost on the way


@virtual
async def test_pages_are_told_how_much_they_were_sent_until_it_is_over() -> None:
    house = House()
    performance = await house.speak(1, end=False)
    await asyncio.sleep(2.5)
    sent = {"t": "speech.sent", "utt": 1, "seq": 5, "samples": SAMPLE_RATE}
    assert house.words("speech.sent") == [sent | {"whole": False}] * 2
    await performance.finish()
    await asyncio.sleep(1)
    assert house.words("speech.sent")[-1] == sent | {"whole": True}, "the end itself may be what was lost"
    performance.ack("ended", 1000)
    count = len(house.sent)
    await asyncio.sleep(5)
    assert len(house.sent) == count


@virtual
async def test_an_utterance_of_which_all_was_lost_is_told_again() -> None:
    house = House()
    house.away = True
    performance = await house.speak(2)
    house.away = False
    await asyncio.sleep(TELL_SECONDS + 0.1)
    assert house.kinds() == ["speech.sent"], "it shows that there is something"
    await house.ask(performance, None)
    told = house.kinds("one")
    assert (told[0], told[-1], house.seconds("one")) == ("speech.begin", "speech.end", 2)
    performance.ack("ended", 2000)


@virtual
async def test_a_repetition_is_no_longer_than_what_may_be_ahead_and_says_that_there_is_more() -> None:
    house = House()
    performance = await house.speak(40)
    await asyncio.sleep(20)
    seq = 0
    for _ in range(5):
        before = len([frame for _at, to, frame in house.sent if to == "one" and isinstance(frame, bytes)])
        await house.ask(performance, seq)
        after = len([frame for _at, to, frame in house.sent if to == "one" and isinstance(frame, bytes)])
        assert (after - before) * PART <= AHEAD_SECONDS
        assert house.kinds("one")[-1] == "speech.sent"
        seq += after - before
        await asyncio.sleep(0.3)
    assert house.seconds("one") >= 20 + AHEAD_SECONDS - 1, "and whoever asks on gets all of it"
    performance.ack("interrupted", 0)


@virtual
async def test_what_was_not_sent_yet_is_not_repeated_either() -> None:
    house = House()
    performance = await house.speak(12)
    await house.stage.welcome("late", [])
    assert house.seconds("late") == house.seconds() == AHEAD_SECONDS
    assert "speech.end" not in house.kinds("late")
    performance.ack("interrupted", 0)


@virtual
async def test_a_page_that_asks_for_what_is_over_is_told_so() -> None:
    house = House()
    await house.stage.hear({"t": "missing", "utt": 3, "fence": FENCE, "connection": "one", "seq": 4})
    await house.stage.hear({"t": "missing", "utt": 4, "fence": FENCE - 1, "connection": "one", "seq": 4})
    assert house.words("interrupt", "one") == [{"t": "interrupt", "utt": 3}]


@virtual
async def test_what_the_page_that_is_heard_could_not_take_ends_for_all() -> None:
    house = House()
    performance = await house.speak(12)
    performance.ack("playing", 0)
    await asyncio.sleep(2)
    await house.stage.hear({"t": "dropped", "utts": [performance.utterance], "fence": FENCE, "connection": "one"})
    await performance.ended()
    assert performance.fault == TOO_SLOW
    assert performance.heard_seconds == 2
    assert house.kinds()[-1] == "interrupt"
    await performance.audio(PCM, [])
    await performance.finish()
    assert house.kinds()[-1] == "interrupt", "the rest that is still made is not sent"
