"""The operators' pages move under a policy that evaluates nothing and takes no style from a page."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from channels_app.middleware import POLICY
from tests.browser.examined import AXE, BROKEN, WIDER
from tests.browser.hearing import Engine
from tests.browser.theatre import HOUSE, Theatre

pytestmark = HOUSE

OPERATOR = """
from channels_app.models import User
User.objects.filter(username="operator").delete()
User.objects.create_superuser("operator", password="a long pass phrase of theirs")
"""
SHOWN_COLOUR = "element => getComputedStyle(element).getPropertyValue('--color-primary-600')"


class Desk:
    """An operator's browser. `complaints`: what the pages wrote to the console, refusals of the policy among them."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(f"{said.text} ({page.url})"))
        page.on("pageerror", lambda error: self.complaints.append(f"{error} ({page.url})"))

    async def open(self, path: str) -> None:
        answer = await self.page.goto(f"{self.site}/admin/{path}")
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert policy.startswith(POLICY.partition(" {forms}")[0])
        assert "unsafe" not in policy
        # What Alpine has read is no longer cloaked.
        await expect(self.page.locator("html")).not_to_have_attribute("x-cloak", re.compile(".*"))

    async def sign_in(self) -> None:
        await self.open("login/")
        await self.page.get_by_label("Username").fill("operator")
        await self.page.locator("input[name=password]").fill("a long pass phrase of theirs")
        await self.page.get_by_role("button", name="Log in").click()
        await expect(self.page).not_to_have_url(re.compile("login"))


async def test_menus_tabs_and_filters_move_and_nothing_is_refused(house: Theatre, engine: Engine) -> None:
    house.shell(OPERATOR)
    async with engine.window(width=1400, height=900, ear=False) as window:
        opened = await window.open(f"{house.site}/admin/login/")
        desk = Desk(opened.page, house.site)
        page = desk.page
        await desk.sign_in()
        await desk.open("")
        assert await page.locator("html").evaluate(SHOWN_COLOUR) != ""

        await desk.open("channels_app/channel/")
        await expect(page.locator("#result_list")).to_be_visible()
        panel = page.locator("#changelist-filter")
        await expect(panel).to_be_hidden()
        await page.locator("a").filter(has_text="Filters").click()
        await expect(panel).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(panel).to_be_hidden()
        await page.keyboard.press("/")
        await expect(page.locator("#searchbar")).to_be_focused()

        await page.locator("[x-on\\:click='openUserLinks = !openUserLinks']").click()
        leave = page.get_by_text("Log out").first
        await expect(leave).to_be_visible()
        await page.locator("#page").click(position={"x": 700, "y": 500})
        await expect(leave).to_be_hidden()

        for kind in ("user", "channel"):
            await desk.open(f"channels_app/{kind}/")
            link = page.locator("#result_list tbody a").first
            await link.click()
            await page.wait_for_url(f"**/{kind}/*/change/**")
            await expect(page.get_by_text("Save", exact=True).last).to_be_visible()
    assert desk.complaints == []


RUN = """
from workers.models import Run
Run.objects.filter(channel=channel).update(restarts=41)
"""


async def test_the_fleet_is_drawn_anew_by_itself_on_a_phone_too(house: Theatre, engine: Engine) -> None:
    house.shell(OPERATOR)
    async with engine.window(width=390, height=844, ear=False) as window:
        opened = await window.open(f"{house.site}/admin/login/")
        desk = Desk(opened.page, house.site)
        await desk.sign_in()
        await desk.open("")
        fleet = desk.page.locator("#part-fleet")
        await expect(fleet.locator("tbody tr").filter(has_text="live1@").first).to_contain_text("lives")
        await desk.page.evaluate(AXE.read_text())
        assert await desk.page.evaluate(BROKEN) == []
        assert await desk.page.evaluate(WIDER) <= 0
        house.shell(RUN)
        await expect(fleet.get_by_text("41", exact=True)).to_be_visible(timeout=15_000)
    assert desk.complaints == []
