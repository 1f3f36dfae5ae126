"""An overlay page's life in OBS: hidden, doubled, sent away, cut off by a restart. It stays calm and comes back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.async_api import Page

from benchmarks.service import public_id
from tests.browser.course import course
from tests.browser.hearing import Browser, Engine, Hearer
from tests.browser.theatre import HOUSE, Theatre, hear_one, runs_of
from tests.clock import until
from tests.fakes.provider import reply
from tests.fakes.speech_sound import RATE

pytestmark = HOUSE

HIDEABLE = """
(() => {
  const next = window.requestAnimationFrame.bind(window);
  const held = [];
  let hidden = false;
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  window.requestAnimationFrame = (run) => (hidden ? held.push(run) : next(run));
  window.__hide = (value) => {
    hidden = value;
    document.dispatchEvent(new Event('visibilitychange'));
    if (!hidden) held.splice(0).forEach((run) => next(run));
  };
})();
"""
"""OBS hides a source so: no more frames, while scripts, sockets and sound go on."""


@pytest.fixture
def fresh_key(house: Theatre) -> Iterator[str]:
    """A personal URL that may be revoked: the house gets another one afterwards."""
    yield house.url
    house.service.overlay_url = house.shell("print(actions.new_overlay_url(channel, acting_user=None))")


async def opacity(page: Page) -> npt.NDArray[np.uint8]:
    """Of each point of the page, [y, x]."""
    assert not await page.evaluate("window.__unpainted"), "a page that nobody paints shows nothing in any case"
    image = Image.open(io.BytesIO(await page.screenshot(omit_background=True))).convert("RGBA")
    return np.asarray(image)[..., 3]


async def corners(page: Page) -> set[int]:
    """Opacity of the page's corners and of the middle of its upper edge."""
    seen = await opacity(page)
    right, bottom = seen.shape[1] - 1, seen.shape[0] - 1
    places = [(0, 0), (right, 0), (0, bottom), (right, bottom), (right // 2, 0)]
    return {int(seen[y, x]) for x, y in places}


async def opaque(page: Page) -> int:
    """How many points of the page are not wholly transparent."""
    return int((await opacity(page) > 0).sum())


async def test_two_pages_are_one_voice_and_the_other_takes_over(house: Theatre, chromium: Browser) -> None:
    one = await chromium.open(house.url)
    await one.state("idle")
    two = await chromium.open(house.url)
    await two.state("idle")
    await one.page.wait_for_timeout(1000)
    house.provider.chat.queue(
        # Long enough that a busy machine still has some of it before it when the first page goes.
        reply(
            "Once there was a lighthouse that counted ships. It never slept, and nobody knew why. "
            "One night it counted a ship twice, and the sea has been asking for the other one ever since."
        )
    )
    await house.ask()
    for page in (one, two):
        await page.state("talking")
    await one.page.wait_for_timeout(2000)
    first, second = await one.heard(), await two.heard()
    assert first.voiced_seconds > 1
    assert second.loudest < 0.001
    assert len({frame.mouth for frame in second.frames}) > 3, "the silent page shows the same show"

    await one.page.close()
    await two.state("idle", seconds=60)
    taken_over = await two.heard()
    rest = course(taken_over.samples, taken_over.rate, house.utterance)
    assert 0 < rest.positions[0] < len(house.utterance) / RATE - 1
    assert rest.last > len(house.utterance) / RATE - 0.4
    assert taken_over.acks()[-1] == "ended"


async def test_what_was_said_to_a_hidden_page_is_not_shown_later(house: Theatre, chromium: Browser) -> None:
    page = await chromium.open(house.url, HIDEABLE)
    await page.state("idle")
    await page.page.evaluate("__hide(true)")
    heard = await hear_one(house, page)
    run = course(heard.samples, heard.rate, house.utterance)
    assert run.last > len(house.utterance) / RATE - 0.4, "a hidden page is still heard"
    await page.forget()
    await page.page.evaluate("__hide(false)")
    await page.page.wait_for_timeout(1500)
    shown = await page.heard()
    assert shown.loudest < 0.001
    assert shown.frames
    assert {frame.mouth for frame in shown.frames} == {"sil"}
    assert {frame.state for frame in shown.frames} == {"idle"}
    assert await page.page.locator(".captions.is-shown").count() == 0


async def test_a_wrong_key_shows_nothing_and_says_nothing(house: Theatre, visible: Browser) -> None:
    page = await visible.open(house.url[:-4] + "abcd")
    await page.page.wait_for_timeout(1500)
    assert await corners(page.page) == {0}
    assert await page.page.locator("html").get_attribute("data-state") == "offline"
    assert (await page.page.locator("body").inner_text()).strip() == ""
    assert page.complaints == []
    tries = len((await page.heard()).said)
    await page.page.wait_for_timeout(3000)
    assert len((await page.heard()).said) == tries, "it does not knock again and again"

    await page.page.evaluate("hash => { location.hash = hash; }", house.url.partition("#")[2])
    await page.state("idle")


async def test_a_revoked_page_falls_silent_at_once_and_returns_with_the_new_address(
    house: Theatre, visible: Browser, fresh_key: str
) -> None:
    page = await visible.open(fresh_key)
    await page.state("idle")
    await house.ask()
    await page.state("talking")
    await page.page.wait_for_timeout(1000)
    new = house.shell(
        "actions.revoke_overlay_keys(channel, acting_user=None)\n"
        "print(actions.new_overlay_url(channel, acting_user=None))"
    )
    await page.state("offline", seconds=60)
    await page.page.wait_for_timeout(1000)
    await page.forget()
    await page.page.wait_for_timeout(1500)
    gone = await page.heard()
    assert gone.loudest < 0.001
    assert {frame.mouth for frame in gone.frames} == {"sil"}
    assert await opaque(page.page) == 0, "she is not even seen asleep"

    await page.page.evaluate("hash => { location.hash = hash; }", new.partition("#")[2])
    await page.state("idle", seconds=60)
    review = house.review(await hear_one(house, page))
    assert review.course.last > review.seconds - 0.4
    assert page.complaints == []


async def test_a_restart_in_mid_speech_brings_the_page_back_by_itself(house: Theatre, chromium: Browser) -> None:
    page = await chromium.open(house.url)
    await page.state("idle")
    await house.ask()
    await page.state("talking")
    await page.page.wait_for_timeout(1000)
    before = runs_of(house.service)
    house.service.restart()
    await page.state("idle", seconds=120)
    await until(lambda: runs_of(house.service) > before)
    house.service.lift_limits()
    review = house.review(await hear_one(house, page))
    assert review.course.positions[0] < 0.1
    assert review.lost == 0
    # Browsers report a refused connection themselves; the page has nothing to add.
    assert [said for said in page.complaints if "WebSocket connection to" not in said] == []
    key = house.url.partition("#k=")[2]
    assert key not in "".join(page.complaints)


@pytest.mark.parametrize(("width", "height"), [(300, 300), (800, 800), (1920, 300)])
async def test_every_size_shows_her_and_readable_words_without_scrolling(
    house: Theatre, engine: Engine, width: int, height: int
) -> None:
    async with engine.window(width=width, height=height) as chromium:
        page = await chromium.open(house.url)
        await page.state("idle")
        await house.ask()
        await page.page.wait_for_selector(".captions.is-shown", timeout=30_000)
        seen = await page.page.evaluate(
            """() => {
              const box = document.querySelector('.captions').getBoundingClientRect();
              const words = document.querySelector('.captions span');
              const lines = [...words.getClientRects()];
              const root = document.documentElement;
              return {
                scrolls: root.scrollHeight > root.clientHeight || root.scrollWidth > root.clientWidth,
                top: Math.min(...lines.map((line) => line.top)), bottom: Math.max(...lines.map((line) => line.bottom)),
                left: Math.min(...lines.map((line) => line.left)), right: Math.max(...lines.map((line) => line.right)),
                size: parseFloat(getComputedStyle(words).fontSize), text: words.textContent, box: box.height,
              };
            }"""
        )
        corner, seen_points = await corners(page.page), await opaque(page.page)
        # The next test is not to hear the rest.
        await house.skip()
        await page.state("idle")
    assert not seen["scrolls"]
    assert seen["text"]
    assert seen["size"] >= 11
    assert 0 <= seen["left"] < seen["right"] <= width
    assert 0 <= seen["top"] < seen["bottom"] <= height
    assert 0 in corner
    assert seen_points > 10_000, "she is there, and not her words alone"


async def test_two_hundred_utterances_leave_nothing_behind(house: Theatre, chromium: Browser) -> None:
    # Another overlay has the sound: a page that need not answer may be told as much as it can play.
    async with house.service.overlay():
        page = await chromium.open(house.url)
        await page.state("idle")
        await play_two_hundred(house, page)


async def play_two_hundred(house: Theatre, page: Hearer) -> None:
    fence = 1_000_000
    devtools = await page.page.context.new_cdp_session(page.page)

    async def speak(number: int) -> None:
        # The one that is waited for is long enough to be in a picture of the busiest machine.
        count = 7200 if number % 20 == 0 else 720
        sound = (np.sin(np.arange(count) / 8) * 6000).astype("<i2").tobytes()
        head = np.array([fence, number, 0, 0], "<u4").tobytes()
        begun = {"t": "speech.begin", "utt": number, "turn": "t", "rate": RATE, "enc": "pcm_s16le", "from": 0}
        frames = [
            begun,
            {"t": "sentence", "utt": number, "at": 0, "text": f"Sentence number {number}.", "mood": "happy"},
            {"t": "mouth", "utt": number, "v": [[0, "aa", 1], [15, "PP", 1]]},
            head + sound,
            {"t": "speech.end", "utt": number, "samples": count},
        ]
        message = {"type": "overlay.frames", "fence": fence, "frames": frames}
        await house.service.send(f"overlay.{public_id(house.service.overlay_url)}", message)

    async def speak_all(first: int, last: int) -> dict[str, Any]:
        for number in range(first, last):
            await speak(number)
            await page.page.wait_for_timeout(40)
            if number % 20 == 0:
                await page.page.wait_for_function(f"aigirl.stats().utterance === {number}", timeout=60_000)
        await page.page.wait_for_timeout(2500)
        await page.forget()
        await devtools.send("HeapProfiler.collectGarbage")
        return await devtools.send("Memory.getDOMCounters") | await devtools.send("Runtime.getHeapUsage")

    before = await speak_all(1, 21)
    after = await speak_all(21, 221)
    for counter in ("nodes", "jsEventListeners"):
        assert after[counter] <= before[counter] + 5
    assert after["usedSize"] < before["usedSize"] + 600_000, "bytes of the heap after a collection"


async def test_the_key_is_in_no_log(house: Theatre, chromium: Browser) -> None:
    page = await chromium.open(house.url)
    await page.state("idle")
    key = house.url.partition("#k=")[2]
    logs = "".join(path.read_text(errors="replace") for path in house.service.logs)
    assert logs
    assert key not in logs
    assert not re.search(r"#k=(?!\[hidden\])", logs)
