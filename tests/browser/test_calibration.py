"""The test of sound and mouth, played from the page that sets up OBS: what is heard, what is seen, what ends it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import numpy as np
import pytest_asyncio

from channels_app.overlay import protocol
from tests.browser.hearing import Engine, Heard, Hearer
from tests.browser.theatre import HOUSE, Theatre

pytestmark = HOUSE

LOUD = 0.05
STEP = protocol.TEST_EVERY_MS / 1000
TOLERANCE = 0.050
"""Two frames of a busy machine, and the step of the audio clock."""
FLASHES = """(count) => {
  const lit = window.__heard.frames.map((frame) => frame[5]);
  return lit.filter((each, n) => each && !lit[n - 1]).length >= count && !lit[lit.length - 1];
}"""


def beeps(heard: Heard) -> list[float]:
    """Audio times at which a beep begins."""
    loud = np.flatnonzero(np.abs(heard.samples) > LOUD) / heard.rate
    if not len(loud):
        return []
    begins = loud[np.concatenate([[True], np.diff(loud) > STEP / 2])]
    return [heard.begin + float(begin) for begin in begins]


def flashes(heard: Heard) -> list[float]:
    """Audio times of the sound that is heard when a flash is first seen, half a frame after it was drawn."""
    frames = heard.frames
    first = [now for before, now in itertools.pairwise(frames) if now.flash and not before.flash]
    return [frame.at + heard.ahead + frame_seconds(heard) / 2 for frame in first]


def frame_seconds(heard: Heard) -> float:
    return float(np.median(np.diff([frame.at for frame in heard.frames])))


def lateness(heard: Heard) -> float:
    """Seconds by which the flashes come after their beeps."""
    pairs = zip(flashes(heard), beeps(heard), strict=True)
    return float(np.median([flash - beep for flash, beep in pairs]))


class Desk:
    """The page that sets up OBS, in another browser window."""

    def __init__(self, page: Hearer) -> None:
        self.page = page.page

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).click()

    async def slide(self, milliseconds: int) -> None:
        await self.page.get_by_role("slider").fill(str(milliseconds))


@pytest_asyncio.fixture(loop_scope="session")
async def overlay(house: Theatre, engine: Engine) -> AsyncIterator[Hearer]:
    """At the screen's own pace. That it flashes is told by the page, and need not be painted."""
    async with engine.window(painted=False) as window:
        page = await window.open(house.url)
        await page.state("idle")
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def desk(house: Theatre, engine: Engine, overlay: Hearer) -> AsyncIterator[Desk]:
    # A tab behind another one would draw a picture a second.
    async with engine.window(width=1000, height=800, ear=False, painted=False, thirty=True) as window:
        page = await window.open(house.site)
        await page.page.get_by_role("button", name="Try the local demo").click()
        await page.page.get_by_role("link", name="Set up OBS step by step").click()
        await page.page.get_by_role("slider").wait_for()
        yield Desk(page)
    house.shell("from channels_app.models import OverlayKey\nOverlayKey.objects.update(mouth_offset_ms=None)")


async def played(page: Hearer, count: int = protocol.TEST_BEEPS) -> Heard:
    """Everything since the page was asked to forget, when so many flashes are over."""
    await page.page.wait_for_function(FLASHES, arg=count, timeout=60_000)
    # The offset may let the last beep come after its flash, and what the ear takes down comes later still.
    await page.page.wait_for_timeout(1000 * STEP)
    return await page.heard()


async def told_offset(page: Hearer, milliseconds: int) -> None:
    """Waits until the page was told this offset."""
    await told(page, f'"mouth_offset_ms":{milliseconds}[,}}]')


async def told(page: Hearer, said: str) -> None:
    """Waits until a message to the page has this pattern in it."""
    await page.page.wait_for_function(
        "said => window.__heard.wire.some(([, body]) => typeof body === 'string' && RegExp(said).test(body))", arg=said
    )


async def test_beep_and_flash_come_together_and_the_offset_moves_the_flash(overlay: Hearer, desk: Desk) -> None:
    await overlay.forget()
    await desk.press("Play the test")
    heard = await played(overlay)
    times = beeps(heard)
    assert len(times) == len(flashes(heard)) == protocol.TEST_BEEPS
    assert np.allclose(np.diff(times), STEP, atol=0.002)
    assert abs(lateness(heard)) < TOLERANCE
    assert {frame.mouth for frame in heard.frames if frame.flash} == {"aa"}
    assert {frame.mouth for frame in heard.frames if not frame.flash} == {"sil"}
    assert heard.acks() == [], "the run is not bothered"

    for offset in (200, -300):
        await overlay.forget()
        await desk.slide(offset)
        await told_offset(overlay, offset)
        await overlay.forget()
        await desk.press("Play the test")
        assert abs(lateness(await played(overlay)) - offset / 1000) < TOLERANCE

    await overlay.page.reload()
    await told_offset(overlay, -300)
    assert overlay.complaints == []


async def test_every_overlay_flashes_and_one_is_heard_until_it_is_stopped(
    house: Theatre, engine: Engine, overlay: Hearer, desk: Desk
) -> None:
    async with engine.window(painted=False, thirty=True) as window:
        other = await window.open(house.url)
        await other.state("idle")
        await other.forget()
        await overlay.forget()
        await desk.press("Play the test")
        loud, silent = await played(overlay, 2), await played(other, 2)
        assert beeps(loud)
        assert silent.loudest < 0.001
        await desk.press("Stop")
        await desk.page.get_by_text("The test is over.").wait_for()
        for page in (overlay, other):
            # The desk may know before they do, and what was on its way to the loudspeaker is heard.
            await told(page, r'(?=.*"t": ?"calibrate")(?=.*"count": ?0[,}])')
            await page.page.wait_for_timeout(1000 * STEP)
            await page.forget()
        await overlay.page.wait_for_timeout(2000 * STEP)
        for page in (overlay, other):
            after = await page.heard()
            assert after.loudest < 0.001
            assert not any(frame.flash for frame in after.frames)


async def test_her_voice_goes_before_the_test(house: Theatre, overlay: Hearer, desk: Desk) -> None:
    await overlay.forget()
    await desk.press("Play the test")
    await played(overlay, 1)
    house.forget()
    await overlay.forget()
    await house.ask()
    await overlay.state("talking")
    await desk.press("Play the test")
    await desk.page.get_by_text("She is answering just now.").wait_for()
    await overlay.state("idle", seconds=60)
    heard = await overlay.heard()
    begun = next(arrival.at for arrival in heard.wire if arrival.body.get("t") == "speech.begin")
    assert not any(frame.flash for frame in heard.frames if frame.at > begun + 0.25)
    assert heard.acks()[0] == "playing"
    assert heard.acks()[-1] == "ended"
    assert "calibrate" not in {arrival.body.get("t") for arrival in heard.wire}


async def test_panic_ends_the_test(house: Theatre, overlay: Hearer, desk: Desk) -> None:
    await overlay.forget()
    await desk.press("Play the test")
    await played(overlay, 1)
    house.shell("actions.panic(channel, acting_user=None)")
    await overlay.state("muted")
    await overlay.page.wait_for_timeout(300)
    await overlay.forget()
    await overlay.page.wait_for_timeout(2000 * STEP)
    heard = await overlay.heard()
    assert heard.loudest < 0.001
    assert not any(frame.flash for frame in heard.frames)
    await desk.press("Play the test")
    await desk.page.get_by_text("She is silenced, and so is the test.").wait_for()
    house.shell("actions.calm(channel, acting_user=None)")
    await overlay.state("idle")
