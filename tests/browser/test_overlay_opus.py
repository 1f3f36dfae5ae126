"""What is heard from a page far away, to which the sound comes as Opus; test_overlay_sound.py disturbs both codings."""

from __future__ import annotations

from tests.browser.hearing import Browser, Heard, Hearer
from tests.browser.theatre import HOUSE, LIVE, Review, Theatre, assert_all_heard, assert_whole, codings, hear_one

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


async def overlay(house: Theatre, chromium: Browser, *scripts: str) -> Hearer:
    page = await chromium.open(house.address("opus"), *scripts)
    await page.state("idle")
    return page


def kilobits(heard: Heard, review: Review) -> float:
    """Of sound on the wire, for each second of speech."""
    frames = [arrival.body for arrival in heard.wire if "offset" in arrival.body]
    return float(sum(frame["samples"] * 2 + 16 for frame in frames) * 8 / 1000 / review.seconds)


async def test_one_answer_after_the_other_is_heard_with_its_mouth_and_weighs_little(
    house: Theatre, chromium: Browser
) -> None:
    page = await overlay(house, chromium)
    for _ in range(2):
        heard = await hear_one(house, page)
        review = house.review(heard)
        assert codings(heard) == ["opus"]
        assert kilobits(heard, review) < 45
        assert_all_heard(review)
        assert "missing" not in [said.body["t"] for said in heard.said], "nothing that only waits is asked for"
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
