"""Takes the pictures of these pages: starts the demo, talks to her, and photographs what Chromium shows.

    python docs/screenshots.py [--out docs/images]

It needs the development packages (requirements-dev.txt) and Chromium, and leaves nothing behind but the pictures. They
show the running product; nothing is drawn over it, and only the bare overlay gets a background, since it has none.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

try:
    from PIL import Image
    from playwright.async_api import Browser, BrowserContext, Frame, Page, async_playwright, expect
    from playwright.async_api import TimeoutError as PlaywrightTimeout
except ImportError:
    sys.exit("The pictures need the development packages: run `.venv/bin/pip install -r requirements-dev.txt` first.")

from aigirl_site.env import ROOT
from benchmarks.service import Service

Ask = Callable[[str, str], Awaitable[None]]
"""Lets somebody of this name write this line."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
)
MOST_BYTES = 250_000
SPEAKING_MS = 60_000
REPLY_MS = 20_000
PAINT_MS = 400
AWAKE_MS = 3_500
"""After this her preview has woken up and looks at whoever looks at her."""
OPEN_MOUTHS = ["aa", "E", "O"]
CAN_STAND_STILL = """
(() => {
  const draw = window.requestAnimationFrame.bind(window);
  const held = [];
  let waited = null;
  window.__still = false;
  window.requestAnimationFrame = (frame) => draw((now) => {
    if (window.__still) return held.push(frame);
    frame(now);
    const caption = document.querySelector('.captions.is-shown');
    const read = caption?.textContent && getComputedStyle(caption).opacity > 0.9;
    if (read && waited?.(document.documentElement.dataset)) {
      window.__still = true;
      waited = null;
    }
  });
  window.__stopAt = (moment) => { waited = moment; };
  window.__moveOn = () => {
    window.__still = false;
    for (const frame of held.splice(0)) window.requestAnimationFrame(frame);
  };
})();
"""
"""A word is shorter than a picture takes, so a page can be held still at the frame that shows it."""
STOP_IN_MID_WORD = """(mouths) => {
  // When she laughs her eyes are shut, and a stranger would not see how she looks.
  window.__stopAt(({ mouth, mood }) => mouths.includes(mouth) && mood !== 'happy');
}"""
EVENING = """
html { background:
  radial-gradient(circle at 76% 22%, #ffe3d3 0 9%, #ffd0c2 9.2% 12%, transparent 12.2%),
  radial-gradient(120% 60% at 12% 118%, #2c2257 0 60%, transparent 60.2%),
  radial-gradient(110% 52% at 92% 116%, #3d2f73 0 60%, transparent 60.2%),
  radial-gradient(140% 70% at 60% 124%, #53408f 0 60%, transparent 60.2%),
  linear-gradient(#f6a5b5 0 22%, #ef8fae 22% 42%, #d97fb0 42% 58%, #b672b4 58% 74%, #8f63ae 74%) !important; }
"""
"""A sky in flat bands behind the bare overlay: it has no background of its own."""
CONVERSATION = (
    ("lumen", "hello Mika!"),
    ("kaz_", "Mika, are you real?"),
    ("Dora", "Mika, tell me a joke."),
)
MORE = (
    ("pixel_ann", "Mika, who are you?"),
    ("lumen", "Mika, tell us a strange fact."),
    ("kaz_", "Mika, what do you think of cats?"),
)
"""Asked where none of the others found her with her eyes open."""


class Studio:
    """One running demo, one browser, one directory for the pictures."""

    def __init__(self, service: Service, browser: Browser, out: Path) -> None:
        self.service = service
        self.site = f"http://127.0.0.1:{service.port}"
        self._browser = browser
        self._out = out

    async def context(self, width: int, height: int, *, scale: float = 1.5, mobile: bool = False) -> BrowserContext:
        """Fresh cookies, dark as the house is at home, in English. Styles may be added to a page."""
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            is_mobile=mobile,
            has_touch=mobile,
            color_scheme="dark",
            locale="en-GB",
            bypass_csp=True,
        )
        await context.add_init_script(CAN_STAND_STILL)
        return context

    async def keep(self, page: Page, name: str) -> None:
        """Writes what the window shows now."""
        self.write(await page.screenshot(), name)

    def write(self, png: bytes, name: str) -> None:
        """In full colour where that stays below the limit, else with a palette that keeps small accents."""
        image = Image.open(io.BytesIO(png)).convert("RGB")
        target = self._out / f"{name}.png"
        image.save(target, optimize=True)
        if target.stat().st_size > MOST_BYTES:
            palette = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=1)
            image = image.quantize(256, palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
            image.save(target, optimize=True)
        print(f"{target}: {target.stat().st_size // 1000} KB")


async def state(page: Page, name: str) -> None:
    """Waits until the overlay is in this state."""
    await page.wait_for_selector(f'html[data-state="{name}"]', state="attached", timeout=SPEAKING_MS)


async def enter(page: Page, site: str) -> None:
    """Signs in as the demo broadcaster, as a newcomer does."""
    await page.goto(site)
    await page.get_by_role("button", name="Try the local demo").click()
    await page.wait_for_url("**/c/**")


async def catch_in_mid_word(frame: Page | Frame, ask: Ask, lines: Iterable[tuple[str, str]]) -> None:
    """Asks one thing after the other until the page stands still with her mouth and her eyes open."""
    await frame.evaluate(STOP_IN_MID_WORD, OPEN_MOUTHS)
    for name, text in lines:
        await ask(name, text)
        with contextlib.suppress(PlaywrightTimeout):
            await frame.wait_for_function("window.__still", polling=100, timeout=REPLY_MS)
            await frame.wait_for_timeout(PAINT_MS)
            return
    sys.exit("She was never seen in mid-word with her eyes open. Is this machine very busy? Try again.")


async def landing(studio: Studio) -> None:
    context = await studio.context(1280, 1000)
    page = await context.new_page()
    await page.goto(studio.site)
    await page.wait_for_selector("[data-avatar] svg")
    await page.wait_for_timeout(1200)
    await studio.keep(page, "landing")
    await context.close()


async def overlay(studio: Studio) -> None:
    """She speaks in the overlay as OBS shows it, 800 x 800, with a caption."""
    context = await studio.context(800, 800, scale=1)
    page = await context.new_page()
    await page.goto(studio.service.overlay_url)
    await page.add_style_tag(content=EVENING)
    await state(page, "idle")

    async def ask(name: str, text: str) -> None:
        studio.service.manage("chat", "demo", name, text)

    await catch_in_mid_word(page, ask, (*CONVERSATION, *MORE))
    await studio.keep(page, "overlay")
    await context.close()


async def pages(studio: Studio) -> None:
    """The pages of a channel, whose home shows a conversation that was typed into its talk box."""
    context = await studio.context(1280, 1000)
    show = await context.new_page()
    await show.goto(studio.service.overlay_url)
    await state(show, "idle")
    page = await context.new_page()
    await enter(page, studio.site)
    for picture in (channel, overlay_url, obs, persona, check):
        await picture(studio, page)
    await context.close()


async def channel(studio: Studio, page: Page) -> None:
    pill = page.locator("[data-pill]")

    async def ask(name: str, text: str) -> None:
        await expect(pill).to_have_attribute("data-state", "idle", timeout=SPEAKING_MS)
        turns = await page.locator(".turn").count()
        await page.fill("[data-talk] input[name=name]", name)
        await page.fill("[data-talk] input[name=text]", text)
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator(".turn")).to_have_count(turns + 1, timeout=SPEAKING_MS)
        await expect(pill).to_have_attribute("data-state", "talking", timeout=SPEAKING_MS)

    for name, text in CONVERSATION[:-1]:
        await ask(name, text)
    preview = next(frame for frame in page.frames if "preview=1" in frame.url)
    await catch_in_mid_word(preview, ask, (CONVERSATION[-1], *MORE))
    await page.locator(".timing").first.evaluate("(timing) => { timing.open = true; }")
    await studio.keep(page, "channel")
    await preview.evaluate("window.__moveOn()")
    await expect(pill).to_have_attribute("data-state", "idle", timeout=SPEAKING_MS)


async def overlay_url(studio: Studio, page: Page) -> None:
    """The card with the URL for OBS. The key in the picture died with the data directory it was made in."""
    await page.get_by_role("button", name="Make a new one").click()
    await page.wait_for_selector(".once.shown")
    studio.write(await page.locator("#overlay-url").screenshot(), "overlay-url")


async def obs(studio: Studio, page: Page) -> None:
    """The page that sets up OBS, while the bare overlay stands in a browser."""
    await page.get_by_role("link", name="Set up OBS step by step").click()
    await page.get_by_role("slider").wait_for()
    await studio.keep(page, "obs")


async def persona(studio: Studio, page: Page) -> None:
    await page.get_by_role("link", name="Persona").click()
    await page.frame_locator("iframe").locator("svg").first.wait_for()
    await page.wait_for_timeout(AWAKE_MS)
    await studio.keep(page, "persona")
    studio.write(await page.locator("[data-look]").screenshot(), "look")


async def check(studio: Studio, page: Page) -> None:
    await page.get_by_role("link", name="Check").click()
    await page.get_by_role("button", name="Check now").click()
    await page.wait_for_selector(".checks", timeout=SPEAKING_MS)
    await studio.keep(page, "check")


async def mobile(studio: Studio) -> None:
    """The channel's home in the hand of a moderator."""
    context = await studio.context(390, 844, scale=2, mobile=True)
    page = await context.new_page()
    await enter(page, studio.site)
    await page.frame_locator("[data-preview]").locator("svg").first.wait_for()
    await page.wait_for_timeout(AWAKE_MS)
    await studio.keep(page, "mobile")
    await context.close()


async def take_all(service: Service, browser_path: str, out: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        studio = Studio(service, browser, out)
        for picture in (landing, pages, mobile, overlay):
            await picture(studio)
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "docs" / "images", help="where the pictures go (docs/images)"
    )
    options = parser.parse_args()
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        sys.exit("The pictures need Chromium: install it (Debian: sudo apt install chromium) and run this again.")
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, Service(Path(directory), quiet=True) as service:
        service.lift_limits()
        asyncio.run(take_all(service, browser_path, options.out))


if __name__ == "__main__":
    main()
