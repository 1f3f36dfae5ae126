"""The main job as a newcomer sees it: the service started without keys, the overlay in a real browser, a typed line."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, async_playwright

from benchmarks.service import Service
from tests.browser.hearing import CAPTURE, heard

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(180)]

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": 800, "height": 800})
        await context.add_init_script(CAPTURE)
        yield await context.new_page()
        await browser.close()


async def test_a_typed_line_is_heard_with_a_moving_mouth(tmp_path: Path, page: Page) -> None:
    complaints: list[str] = []
    # The tap of these tests is an old kind of node, and Chromium says so.
    page.on("console", lambda said: complaints.append(said.text) if "ScriptProcessor" not in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with Service(tmp_path, quiet=True) as service:
        key = service.overlay_url.partition("#k=")[2]
        await page.goto(service.overlay_url)
        root = page.locator("html")
        await page.wait_for_selector('html[data-state="idle"]', state="attached")

        service.manage("chat", "demo", "Viewer", "hello, who are you?")
        await page.wait_for_selector('html[data-state="talking"]', state="attached", timeout=20_000)
        await page.wait_for_selector('html[data-state="idle"]', state="attached", timeout=30_000)
        await page.wait_for_timeout(500)
        sound = await heard(page)
        corners = await page.screenshot(omit_background=True)
        mouth_at_rest = await root.get_attribute("data-mouth")

    assert sound.voiced_seconds > 0.8
    assert 0.05 < sound.loudest <= 1.0
    during = sound.mouths_between(sound.starts_at, sound.ends_at)
    assert len(set(during)) >= 5
    assert set(sound.mouths_between(sound.ends_at + 0.120, sound.ends_at + 0.5)) == {"sil"}
    assert mouth_at_rest == "sil"
    assert complaints == []

    image = Image.open(io.BytesIO(corners)).convert("RGBA")
    right, bottom = image.width - 1, image.height - 1
    assert [image.getpixel(at)[3] for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))] == [0, 0, 0, 0]  # type: ignore[index]

    logs = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*.log*"))
    assert logs
    assert key not in logs
    assert not re.search(r"#k=(?!\[hidden\])", logs)
