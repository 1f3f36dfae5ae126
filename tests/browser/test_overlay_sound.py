"""What is heard from the overlay page, instant by instant, on good networks and bad ones.

Figures are for benchmarks/av_sync.py; here only what must hold on the busiest machine: nothing is lost, doubled or
clicks, each silence is known to the page, and the mouth goes with the sound.
"""

from __future__ import annotations

import pytest

from tests.browser.hearing import Browser, Hearer
from tests.browser.theatre import (
    HOUSE,
    LIVE,
    Theatre,
    assert_all_heard,
    assert_lips_follow,
    assert_whole,
    codings,
    hear_one,
)

pytestmark = HOUSE

LATE_SOUND = """
(() => {
  // A browser that makes no sound before a click.
  const resume = AudioContext.prototype.resume;
  let allowed = false;
  AudioContext.prototype.resume = function () { return allowed ? resume.call(this) : new Promise(() => {}); };
  window.AudioContext = class extends window.AudioContext {
    constructor(...given) {
      super(...given);
      void this.suspend();
      window.__start = () => { allowed = true; return resume.call(this); };
    }
  };
})();
"""
NO_WORKLET = "delete BaseAudioContext.prototype.audioWorklet; delete window.AudioWorkletNode;"


CODINGS = pytest.mark.parametrize("coding", ["pcm_s16le", "opus"])


async def overlay(house: Theatre, chromium: Browser, *scripts: str, coding: str = "pcm_s16le") -> Hearer:
    page = await chromium.open(house.address(coding), *scripts)
    await page.state("idle")
    return page


async def test_every_instant_is_heard_once_with_its_mouth(house: Theatre, chromium: Browser) -> None:
    page = await overlay(house, chromium)
    heard = await hear_one(house, page)
    assert codings(heard) == ["pcm_s16le"], "the page is near its server"
    assert_all_heard(house.review(heard))
    assert page.complaints == []


async def test_a_page_without_audio_worklet_speaks_too(house: Theatre, chromium: Browser) -> None:
    page = await overlay(house, chromium, NO_WORKLET)
    heard = await hear_one(house, page)
    review = house.review(heard)
    assert review.course.positions[0] < 0.1
    assert review.course.last > review.seconds - 0.4
    assert len(review.course.times) * 0.01 > 0.9 * heard.voiced_seconds
    assert_lips_follow(review)
    assert (heard.acks()[0], heard.acks()[-1]) == ("playing", "ended")
    assert page.complaints == []


async def test_a_stalled_network_is_one_pause_with_a_shut_mouth(house: Theatre, chromium: Browser) -> None:
    house.provider.timings = LIVE
    page = await overlay(house, chromium)
    await house.ask()
    await page.state("talking")
    await page.page.wait_for_timeout(1500)
    house.network.freeze(2.5)
    await page.state("idle", seconds=60)
    heard = await page.heard()
    review = house.review(heard)
    assert_whole(review)
    longest = max(review.course.breaks, key=lambda found: found.silence)
    assert longest.silence > 0.8
    begin = heard.begin + longest.at
    assert set(heard.mouths_between(begin + 0.3, begin + longest.silence - 0.1)) == {"sil"}
    assert "underrun" in heard.acks()


@CODINGS
async def test_a_page_cut_off_in_the_middle_comes_back_and_says_the_rest(
    house: Theatre, chromium: Browser, coding: str
) -> None:
    house.provider.timings = LIVE
    page = await overlay(house, chromium, coding=coding)
    await house.ask()
    await page.state("talking")
    await page.page.wait_for_timeout(1000)
    house.network.cut()
    await page.state("offline")
    await page.state("idle", seconds=60)
    heard = await page.heard()
    review = house.review(heard)
    assert_whole(review)
    assert_lips_follow(review)
    assert [begun["from"] > 0 for begun in heard.told("speech.begin")] == [False, True]
    assert codings(heard) == [coding, coding]
    assert heard.acks()[-1] == "ended"


@CODINGS
async def test_a_page_loaded_in_the_middle_says_the_rest(house: Theatre, chromium: Browser, coding: str) -> None:
    house.provider.timings = LIVE
    first = await overlay(house, chromium, coding=coding)
    await house.ask()
    await first.state("talking")
    await first.page.wait_for_timeout(2000)
    before = await first.heard()
    await first.page.close()
    second = await chromium.open(house.address(coding))
    await second.state("talking")
    await second.state("idle", seconds=60)
    heard = await second.heard()
    review = house.review(heard)
    said = house.review(before)
    assert codings(heard)[0] == coding
    assert said.course.last < review.course.positions[0] < said.course.last + 4
    assert review.course.last > review.seconds - 0.4
    assert review.course.clicks == ()


async def test_a_page_whose_sound_starts_late_says_what_nobody_has_heard(house: Theatre, chromium: Browser) -> None:
    page = await overlay(house, chromium, LATE_SOUND)
    await house.ask()
    await page.state("talking")
    await page.page.evaluate("__start()")
    await page.state("idle", seconds=60)
    review = house.review(await page.heard())
    assert review.course.positions[0] < 0.1
    assert review.course.last > review.seconds - 0.4
    assert review.course.clicks == ()


@pytest.mark.parametrize(("coding", "by"), [("pcm_s16le", "deleting the message"), ("opus", "skipping")])
async def test_an_interrupt_is_silence_and_a_shut_mouth_within_one_fade(
    house: Theatre, chromium: Browser, coding: str, by: str
) -> None:
    page = await overlay(house, chromium, coding=coding)
    message = await house.ask()
    await page.state("talking")
    await page.page.wait_for_timeout(1000)
    wanted = await page.page.evaluate("performance.now() / 1000")
    await (house.skip() if by == "skipping" else house.delete(message))
    await page.state("idle")
    await page.page.wait_for_timeout(500)
    heard = await page.heard()
    told = next(arrival.at for arrival in heard.wire if arrival.body.get("t") == "interrupt")
    review = house.review(heard)
    assert review.course.last < review.seconds - 1
    assert review.course.clicks == ()
    silent_after = heard.ends_at - heard.ahead - told
    assert silent_after < 0.25, "a fade of 8 ms, and what the output and the order take"
    assert heard.ends_at - heard.ahead - wanted < 0.5, "from the moderator's word to silence"
    assert {frame.mouth for frame in heard.frames if frame.at > told + 0.25} == {"sil"}
    assert heard.acks()[-1] == "interrupted"
    assert page.complaints == []
