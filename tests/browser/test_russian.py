"""A Russian in a real browser, on a phone: changes the language, is remembered, is answered in Russian."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, ViewportSize

from benchmarks.service import Service
from tests.browser.hearing import Engine
from tests.reading import has_english
from workers.voice.espeak import VARIANTS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
]

PHONE: ViewportSize = {"width": 360, "height": 740}
BETWEEN = (740, 1000, 1130)
"""Widths of windows between a phone and a desk, where the seven words of the navigation hardly fit."""
NAMES = ("Demo", "espeak-ng", "hibari", "Heart", "sqlite", *(name.capitalize() for name in VARIANTS))
"""Of people, engines, voices and databases."""
STICKS_OUT = """() => Array.from(document.querySelectorAll('body *'))
  .filter((each) => !each.closest('svg, .nav, .skip, .hero-stage, iframe'))
  .filter((each) => each.getBoundingClientRect().width > 0 && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => `${each.tagName} ${each.textContent.trim().slice(0, 40)}`)"""
CUT_OFF = """() => Array.from(document.querySelectorAll('button, a.button, .nav a, .pick span, h1, h2, label'))
  .filter((each) => each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.textContent.trim())"""


@pytest.fixture
def site(newcomers: Service) -> str:
    # What was said in English stays English on a Russian page.
    newcomers.shell("from channels_app.models import Turn\nTurn.objects.all().delete()")
    return f"http://127.0.0.1:{newcomers.port}"


@pytest_asyncio.fixture(loop_scope="session")
async def context(engine: Engine, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    """A phone with these settings."""
    made = await engine.chromium.new_context(viewport=PHONE, **request.param)
    yield made
    await made.close()


async def read(page: Page) -> None:
    """The page as it stands is Russian, and nothing of it is wider than the phone."""
    assert await page.locator("html").get_attribute("lang") == "ru"
    # Codes, such as the end of a key, are of no language.
    lines = (await page.locator("body").inner_text()).splitlines()
    lines = [line for line in lines if not line.startswith("…")]
    assert [line for line in lines if has_english(line, *NAMES)] == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert await page.evaluate(STICKS_OUT) == []
    assert await page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("context", [{"locale": "en-GB"}], indirect=True, ids=["english"])
async def test_a_russian_finds_reads_and_keeps_the_language(site: str, context: BrowserContext) -> None:
    complaints: list[str] = []
    page = await context.new_page()
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(site)
    assert await page.locator("html").get_attribute("lang") == "en"
    await page.get_by_role("button", name="Русский").click()
    await page.wait_for_selector('html[lang="ru"]')
    await read(page)

    await page.goto(f"{site}/sign-in/")
    await read(page)
    await page.get_by_role("button", name="Войти в демо-канал").click()
    await page.wait_for_url("**/c/**")
    channel = page.url
    await page.frame_locator("[data-preview]").locator('html[data-state="idle"]').wait_for(state="attached")
    await read(page)
    for width in BETWEEN:
        await page.set_viewport_size({"width": width, "height": 740})
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, width
        assert await page.evaluate(STICKS_OUT) == [], width
    await page.set_viewport_size(PHONE)

    await page.locator("[data-talk] input[name=text]").fill("привет, как тебя зовут?")
    await page.get_by_role("button", name="Отправить").click()
    captions = page.frame_locator("[data-preview]").locator(".captions.is-shown")
    await captions.wait_for(timeout=30_000)
    said = await captions.inner_text()
    turn = page.locator(".turn .said").first
    await turn.wait_for(timeout=60_000)
    assert re.search("[а-я]{3}", said, re.IGNORECASE)
    assert not has_english(said + await turn.inner_text(), "Demo")

    for path in ("obs/", "persona/", "settings/", "check/"):
        await page.goto(channel + path)
        await read(page)
    await page.get_by_role("button", name="Проверить").click()
    await page.locator(".checks").first.wait_for()
    await read(page)
    assert complaints == []


@pytest.mark.parametrize(
    "context", [{"locale": "ru-RU", "java_script_enabled": False}], indirect=True, ids=["without scripts"]
)
async def test_the_language_changes_without_scripts(site: str, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto(f"{site}/sign-in/?again=1")
    assert await page.locator("html").get_attribute("lang") == "ru"
    await page.get_by_role("button", name="English").click()
    assert page.url.endswith("/sign-in/?again=1")
    assert await page.locator("html").get_attribute("lang") == "en"
    await page.goto(site)
    assert await page.locator("html").get_attribute("lang") == "en"
