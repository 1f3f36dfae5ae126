"""What is heard from a page far away, to which the sound comes as Opus: as much, and as much in time, as with PCM."""

from __future__ import annotations

from tests.browser.hearing import Browser, Heard, Hearer
from tests.browser.theatre import HOUSE, LIVE, Review, Theatre, assert_lips_follow, assert_whole, hear_one

pytestmark = HOUSE

FAILING_DECODER = """
(() => {
  // A decoder that gives up in mid-word.
  let left = 60;
  window.AudioDecoder = class extends window.AudioDecoder {
    constructor(init) {
      super(init);
      this.fail = init.error;
    }

    decode(chunk) {
      if (left-- > 0) return super.decode(chunk);
      this.close();
      this.fail(new DOMException('no more', 'EncodingError'));
    }
  };
})();
"""
NO_DECODER = "delete window.AudioDecoder;"


def far(url: str, enc: str = "opus") -> str:
    """The overlay's address as for a page that is not near its server."""
    return url.replace("#", f"?enc={enc}#")


async def overlay(house: Theatre, chromium: Browser, *scripts: str) -> Hearer:
    page = await chromium.open(far(house.url), *scripts)
    await page.state("idle")
    return page


def codings(heard: Heard) -> list[str]:
    return [begun["enc"] for begun in heard.told("speech.begin")]


def kilobits(heard: Heard, review: Review) -> float:
    """Of sound on the wire, for each second of speech."""
    frames = [arrival.body for arrival in heard.wire if "offset" in arrival.body]
    return float(sum(frame["samples"] * 2 + 16 for frame in frames) * 8 / 1000 / review.seconds)


async def test_every_instant_is_heard_once_with_its_mouth(house: Theatre, chromium: Browser) -> None:
    page = await overlay(house, chromium)
    heard = await hear_one(house, page)
    review = house.review(heard)
    assert codings(heard) == ["opus"]
    assert kilobits(heard, review) < 45
    assert_whole(review)
    assert_lips_follow(review)
    assert review.gaps == heard.acks().count("underrun")
    assert (heard.acks()[0], heard.acks()[-1]) == ("playing", "ended")
    assert set(heard.mouths_between(heard.ends_at + 0.120, heard.ends_at + 5)) <= {"sil"}
    again = await hear_one(house, page)
    assert codings(again) == ["opus"]
    assert_whole(house.review(again))
    assert page.complaints == []


async def test_a_page_cut_off_in_the_middle_comes_back_and_says_the_rest(house: Theatre, chromium: Browser) -> None:
    house.provider.timings = LIVE
    page = await overlay(house, chromium)
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
    assert codings(heard) == ["opus", "opus"]
    assert heard.acks()[-1] == "ended"


async def test_a_page_loaded_in_the_middle_says_the_rest(house: Theatre, chromium: Browser) -> None:
    house.provider.timings = LIVE
    first = await overlay(house, chromium)
    await house.ask()
    await first.state("talking")
    await first.page.wait_for_timeout(2000)
    before = await first.heard()
    await first.page.close()
    second = await chromium.open(far(house.url))
    await second.state("talking")
    await second.state("idle", seconds=60)
    heard = await second.heard()
    review = house.review(heard)
    said = house.review(before)
    assert codings(heard)[0] == "opus"
    assert said.course.last < review.course.positions[0] < said.course.last + 4
    assert review.course.last > review.seconds - 0.4
    assert review.course.clicks == ()


async def test_an_interrupt_is_silence_and_a_shut_mouth_within_one_fade(house: Theatre, chromium: Browser) -> None:
    page = await overlay(house, chromium)
    await house.ask()
    await page.state("talking")
    await page.page.wait_for_timeout(1000)
    await house.skip()
    await page.state("idle")
    await page.page.wait_for_timeout(500)
    heard = await page.heard()
    told = next(arrival.at for arrival in heard.wire if arrival.body.get("t") == "interrupt")
    review = house.review(heard)
    assert review.course.last < review.seconds - 1
    assert review.course.clicks == ()
    assert heard.ends_at - heard.ahead - told < 0.25
    assert heard.acks()[-1] == "interrupted"
    assert page.complaints == []


async def test_a_decoder_that_fails_in_mid_word_is_replaced_by_pcm(house: Theatre, chromium: Browser) -> None:
    house.provider.timings = LIVE
    page = await overlay(house, chromium, FAILING_DECODER)
    heard = await hear_one(house, page)
    review = house.review(heard)
    assert codings(heard) == ["opus", "pcm_s16le"]
    assert_whole(review)
    assert heard.acks()[-1] == "ended"


async def test_a_browser_without_the_decoder_gets_pcm(house: Theatre, chromium: Browser) -> None:
    page = await overlay(house, chromium, NO_DECODER)
    heard = await hear_one(house, page)
    assert codings(heard) == ["pcm_s16le"]
    assert_whole(house.review(heard))
