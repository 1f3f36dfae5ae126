"""The queue on the channel's page: it moves by itself, and a keyboard is enough to put one first or drop one."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.hearing import Browser, Engine
from tests.browser.theatre import HOUSE, Theatre
from tests.fakes.provider import reply

pytestmark = HOUSE

STORY = "Story {} is about a miller, a donkey and the weather. It ends well for all three of number {}."
"""Of her own: what is heard here she would leave out where another test in the house has her say it."""


async def test_those_who_wait_are_put_first_and_dropped_with_the_keyboard(
    house: Theatre, engine: Engine, chromium: Browser
) -> None:
    overlay = await chromium.open(house.url)
    await overlay.state("idle")
    async with engine.window(width=1280, height=800, ear=False, thirty=True) as desk:
        seen = await desk.open(f"{house.site}/sign-in/")
        page = seen.page
        await page.get_by_role("button", name="Enter as the demo broadcaster").click()
        await page.wait_for_url("**/c/**")
        queue = page.locator("[data-queue]")
        await expect(queue).to_contain_text("Nobody waits.")

        # She talks for longer than anybody takes to press keys, however busy the machine is.
        house.provider.chat.queue(reply(" ".join(STORY.format(n, n) for n in range(101, 113))))
        await house.ask()
        await overlay.state("talking")
        for name in ("Ann", "Ben", "Cleo"):
            await house.service.say(name, f"!ai hello from {name}")
        rows = page.locator("[data-queue-waiting] [data-name]")
        await expect(rows).to_have_count(3)
        await expect(page.locator("[data-queue-now] li").first).to_be_visible()

        last = str(await rows.last.text_content())
        await page.get_by_role("button", name=f"Answer next: {last}").focus()
        await page.keyboard.press("Enter")
        await expect(rows.first).to_have_text(last)
        await expect(page.get_by_role("button", name=f"Drop what {last} sent")).to_be_focused()

        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(2)
        assert last not in await rows.all_text_contents()
        await expect(page.locator("[data-queue-waiting] button").first).to_be_focused()
        for name in await rows.all_text_contents():
            await page.get_by_role("button", name=f"Drop what {name} sent").click()
            await expect(rows.filter(has_text=name)).to_have_count(0)
        await house.skip()
        await overlay.state("idle")
        await expect(queue).to_contain_text("Nobody waits.")
        assert seen.complaints == []
