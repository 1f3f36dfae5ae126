"""What is lost between her and the page while she speaks is asked for and told again, before anybody hears of it."""

from __future__ import annotations

import os
import signal

import pytest

from tests.browser.hearing import Browser
from tests.browser.theatre import HOUSE, QUICK, Theatre, assert_lips_follow, assert_whole, hear_one
from tests.clock import until

pytestmark = HOUSE

LOSSY = """
(() => {
  // What `__loses` says of a message that came, the page never gets.
  let home = WebSocket.prototype;
  while (!Object.hasOwn(home, 'onmessage')) home = Object.getPrototypeOf(home);
  const plain = Object.getOwnPropertyDescriptor(home, 'onmessage');
  Object.defineProperty(WebSocket.prototype, 'onmessage', {
    ...plain,
    set(handler) {
      plain.set.call(this, (event) => void (window.__loses?.(event.data) || handler(event)));
    },
  });
})();
"""
# A frame is a third of a second at most, and she speaks for more than five: there are sixteen at least.
LOSSES = {
    "the announcement": """
      let lost = false;
      window.__loses = (data) => !lost && typeof data === 'string' && data.includes('"speech.begin"') && (lost = true);
    """,
    "a stretch in the middle": """
      const lost = new Set();
      window.__loses = (data) => {
        const seq = typeof data === 'string' ? null : new DataView(data).getUint32(8, true);
        return seq >= 10 && seq < 20 && !lost.has(seq) && Boolean(lost.add(seq));
      };
    """,
    "the last frames and the end": """
      const lost = new Set();
      window.__loses = (data) => {
        const seq = typeof data === 'string' ? null : new DataView(data).getUint32(8, true);
        const what = seq >= 14 ? seq : data.includes?.('"speech.end"') ? 'end' : null;
        return what !== null && !lost.has(what) && Boolean(lost.add(what));
      };
    """,
    "everything for a while": """
      let until = 0;
      window.__loses = () => {
        const now = performance.now();
        until ||= now + 2500;
        return now < until;
      };
    """,
}

CODINGS = pytest.mark.parametrize("coding", ["pcm_s16le", "opus"])


async def kill(house: Theatre, name: str) -> None:
    """Returns when the supervisor has started another."""
    before = set(house.service.pids(name))
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    await until(lambda: bool(set(house.service.pids(name)) - before), seconds=30)


@CODINGS
async def test_a_redis_that_dies_and_comes_back_empty_is_not_heard(
    house: Theatre, chromium: Browser, coding: str
) -> None:
    house.provider.timings = QUICK
    page = await chromium.open(house.address(coding))
    await page.state("idle")
    await house.ask()
    await page.state("talking")
    await page.page.wait_for_timeout(1500)
    await kill(house, "valkey")
    await page.state("idle", seconds=60)
    heard = await page.heard()
    assert_whole(house.review(heard))
    assert_lips_follow(house.review(heard))
    assert heard.acks()[-1] == "ended"


async def test_a_web_process_that_dies_in_mid_sentence_leaves_nothing_in_the_way_of_the_next(
    house: Theatre, chromium: Browser
) -> None:
    """test_overlay_sound.py cuts a page off for a moment, from which it goes on; how long a process takes to start is
    the machine's."""
    page = await chromium.open(house.url)
    await page.state("idle")
    await house.ask()
    await page.state("talking")
    await page.page.wait_for_timeout(1500)
    await kill(house, "web")
    await page.state("offline")
    await page.state("idle", seconds=120)
    begun = house.review(await page.heard())
    assert (begun.course.positions[1:] > begun.course.positions[:-1]).all(), "nothing is heard twice"
    house.forget()
    await page.forget()
    assert_whole(house.review(await hear_one(house, page)))


@pytest.mark.parametrize("what", LOSSES)
@CODINGS
async def test_what_is_lost_on_the_way_is_told_again(house: Theatre, chromium: Browser, coding: str, what: str) -> None:
    page = await chromium.open(house.address(coding), LOSSY)
    await page.state("idle")
    await page.page.evaluate(f"() => {{ {LOSSES[what]} }}")
    heard = await hear_one(house, page)
    assert_whole(house.review(heard))
    assert "missing" in [said.body["t"] for said in heard.said]
    assert heard.acks()[-1] == "ended"


async def test_a_word_that_she_was_cut_off_may_be_lost_too(house: Theatre, chromium: Browser) -> None:
    page = await chromium.open(house.url, LOSSY)
    await page.state("idle")
    await page.page.evaluate("""() => {
      let lost = false;
      window.__loses = (data) => !lost && typeof data === 'string' && data.includes('"interrupt"') && (lost = true);
    }""")
    await house.ask()
    await page.state("talking")
    await page.page.wait_for_timeout(500)
    await house.skip()
    await page.page.wait_for_timeout(1000)
    house.forget()
    asked_at = await page.page.evaluate("performance.now() / 1000")
    await house.ask()
    await page.page.wait_for_function("aigirl.stats().utterance > 1 && aigirl.stats().position_ms > 500")
    waited = await page.page.evaluate("performance.now() / 1000") - asked_at
    assert waited < 9, "what she had still to say, a second of doubt, and no ten seconds of waiting"
    await house.skip()
    await page.state("idle")
