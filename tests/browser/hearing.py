"""What a page really sends to the loudspeaker, and what its mouth shows at that moment."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import playwright.async_api
from playwright.async_api import BrowserContext, ConsoleMessage, Error, Page, async_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--disable-background-networking",
)
CAPTURE = Path(__file__).with_name("capture.js")
THIRTY = """
(() => {
  // One frame for all who wait for it, in the order in which they asked.
  let waiting = new Map();
  let number = 0;
  const frame = () => {
    const called = waiting;
    waiting = new Map();
    for (const run of called.values()) {
      try {
        run(performance.now());
      } catch (error) {
        reportError(error);
      }
    }
  };
  window.requestAnimationFrame = (run) => {
    if (waiting.size === 0) setTimeout(frame, 1000 / 30);
    waiting.set(++number, run);
    return number;
  };
  window.cancelAnimationFrame = (which) => void waiting.delete(which);
})();
"""
"""Frames at the pace of OBS, of a timer."""
UNPAINTED = """
window.__unpainted = true;
document.addEventListener('DOMContentLoaded', () => {
  const style = document.createElement('style');
  style.textContent = 'svg { display: none !important }';
  document.head.append(style);
});
"""
QUIET = 0.003
"""Level below which nothing is heard (-50 dB)."""
SLIP_FRAMES = 256
"""Chromium numbers the frames of an audio worklet up to two quanta wrong for a while; no sound is missing then."""
LEVEL_SECONDS = 0.010

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """One animation frame when it was drawn: page time (s), audio clock (s), its latency (s), and what was shown."""

    at: float
    clock: float
    latency: float
    mouth: str
    state: str
    flash: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of the server at a page time (s): a JSON object, or the head of a binary frame (no `t`)."""

    at: float
    body: dict[str, Any]


@dataclass
class Heard:
    """Sound (mono, -1..1) with the audio time of its first sample, and everything that went along with it."""

    rate: int
    begin: float
    samples: Samples
    frames: list[Frame]
    wire: list[Arrival]
    said: list[Arrival]

    def _levels(self) -> Samples:
        block = round(self.rate * LEVEL_SECONDS)
        blocks = self.samples[: len(self.samples) // block * block].reshape(-1, block)
        return np.asarray(np.sqrt((blocks**2).mean(axis=1)))

    @property
    def voiced_seconds(self) -> float:
        return float((self._levels() > QUIET).sum() * LEVEL_SECONDS)

    @property
    def loudest(self) -> float:
        return float(np.abs(self.samples).max(initial=0))

    @property
    def starts_at(self) -> float:
        """Audio time of the first audible sound."""
        return self.begin + float(np.flatnonzero(self._levels() > QUIET)[0] * LEVEL_SECONDS)

    @property
    def ends_at(self) -> float:
        """Audio time of the last audible sound."""
        return self.begin + float((np.flatnonzero(self._levels() > QUIET)[-1] + 1) * LEVEL_SECONDS)

    @property
    def ahead(self) -> float:
        """Seconds by which the clock of what is heard is ahead of the page's. It moves in steps; the median
        tells the true distance."""
        return float(np.median([frame.clock - frame.latency - frame.at for frame in self.frames]))

    def mouths_between(self, begin: float, end: float) -> list[str]:
        """The mouths of the frames seen while the sound between two audio times was heard."""
        return [frame.mouth for frame in self.frames if begin <= frame.clock - frame.latency <= end]

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The server's messages of a kind."""
        return [arrival.body for arrival in self.wire if arrival.body.get("t") == kind]

    def acks(self) -> list[str]:
        """The page's words on what is heard, in order."""
        return [arrival.body["event"] for arrival in self.said if arrival.body["t"] == "ack"]


class Hearer:
    """A page with an ear at its loudspeaker."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        """Whatever the page wrote to its console, and uncaught errors."""
        self._sound: list[tuple[int, Samples]] = []
        self._rest: dict[str, list[Any]] = {"frames": [], "wire": [], "said": []}
        self._rate = 0
        page.on("console", self._complain)
        page.on("pageerror", self._fail)

    def turn_away(self) -> None:
        """What the page says from now on is somebody else's."""
        self.page.remove_listener("console", self._complain)
        self.page.remove_listener("pageerror", self._fail)

    def _complain(self, said: ConsoleMessage) -> None:
        self.complaints.append(f"{said.text} ({said.location['url']})")

    def _fail(self, error: Error) -> None:
        self.complaints.append(str(error))

    async def state(self, name: str, *, seconds: float = 30) -> None:
        """Waits until the page shows this state."""
        await self.page.wait_for_selector(f'html[data-state="{name}"]', state="attached", timeout=seconds * 1000)

    async def mouth(self) -> str | None:
        return await self.page.locator("html").get_attribute("data-mouth")

    async def heard(self) -> Heard:
        """Everything since the page was loaded."""
        taken = await self.page.evaluate("window.__take()")
        self._rate = int(taken["rate"]) or self._rate
        for first, packed in taken["sound"]:
            self._sound.append((self._follows(int(first)), np.frombuffer(base64.b64decode(packed), "<i2") / 32767))
        for name, entries in self._rest.items():
            entries += taken[name]
        begin = self._sound[0][0] if self._sound else 0
        length = max((first + len(block) for first, block in self._sound), default=begin) - begin
        samples = np.zeros(length)
        for first, block in self._sound:
            samples[first - begin : first - begin + len(block)] = block
        return Heard(
            rate=self._rate,
            begin=begin / max(1, self._rate),
            samples=samples,
            frames=[
                Frame(at / 1000, clock, lag, mouth or "", state or "", flash)
                for at, clock, lag, mouth, state, flash in self._rest["frames"]
            ],
            wire=[
                Arrival(at / 1000, json.loads(body) if isinstance(body, str) else body)
                for at, body in self._rest["wire"]
            ],
            said=[Arrival(at / 1000, json.loads(body)) for at, body in self._rest["said"]],
        )

    def _follows(self, first: int) -> int:
        """The number of a block's first frame, freed of the slips of Chromium's own count."""
        if not self._sound:
            return first
        before, block = self._sound[-1]
        return before + len(block) if abs(first - before - len(block)) <= SLIP_FRAMES else first

    async def forget(self) -> None:
        """From now on only what is yet to come counts."""
        await self.heard()
        self._sound.clear()
        for entries in self._rest.values():
            entries.clear()


class Browser:
    """One window of Chromium; each page has an ear."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._plain: list[Hearer] = []
        """Pages that have no script of a test's own."""
        self._blank: Page | None = None

    async def open(self, url: str, *scripts: str) -> Hearer:
        """A page at this address; the scripts run before its own."""
        if scripts or self._blank is None:
            page = await self._context.new_page()
        else:
            page, self._blank = self._blank, None
        for script in scripts:
            await page.add_init_script(script)
        hearer = Hearer(page)
        if not scripts:
            self._plain.append(hearer)
        await page.goto(url)
        return hearer

    async def close_pages(self) -> None:
        """Leaves nothing but a blank page: an address that is loaded into one takes a third of a new page's time."""
        left = next((each for each in self._plain if not each.page.is_closed()), None)
        self._plain.clear()
        if left is not None:
            left.turn_away()
            # A page that died in its test is closed like the others.
            with contextlib.suppress(Error):
                await left.page.evaluate("sessionStorage.clear()")
                await left.page.goto("about:blank")
                self._blank = left.page
        for page in self._context.pages:
            if page is not self._blank:
                await page.close()


class Engine:
    """A running Chromium."""

    def __init__(self, chromium: playwright.async_api.Browser) -> None:
        self.chromium = chromium

    @contextlib.asynccontextmanager
    async def window(
        self,
        *,
        width: int = 240,
        height: int = 240,
        ear: bool = True,
        painted: bool = True,
        thirty: bool = False,
        phone: bool = False,
    ) -> AsyncIterator[Browser]:
        """A window that remembers nothing of the others; what it shows is drawn at full pace.

        Without a graphics card the processor draws each picture, at 800x800 half a core: too dear for what is not about
        pictures. Not `painted` she moves and is not seen; with `thirty` she moves at the pace of OBS. Both together
        take a sixth of what a small page costs.
        """
        # The ear on the audio thread is a script of its own, which the page's policy rightly forbids.
        context = await self.chromium.new_context(
            viewport={"width": width, "height": height}, bypass_csp=ear, is_mobile=phone, has_touch=phone
        )
        if ear:
            await context.add_init_script(path=CAPTURE)
        if thirty:
            await context.add_init_script(THIRTY)
        if not painted:
            await context.add_init_script(UNPAINTED)
        yield Browser(context)
        await context.close()


@contextlib.asynccontextmanager
async def chromium_engine() -> AsyncIterator[Engine]:
    """Chromium as OBS runs it: sound without a click, no graphics card."""
    async with async_playwright() as started:
        chromium = await started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield Engine(chromium)
        await chromium.close()
