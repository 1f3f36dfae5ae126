"""A streamer becomes a customer without talking to anyone: from the landing page to her voice and the bill for it.

Once at a desk and once on a phone. Twitch, Stripe and the provider stand on loopback; everything else is the service.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from benchmarks.service import Service, public_id
from tests.browser import examined
from tests.browser.hearing import Engine
from tests.browser.theatre import runs_of
from tests.clock import until
from tests.fakes.provider import ProviderServer, Timings
from tests.fakes.stripe import FakeStripe
from tests.fakes.twitch import FakeTwitch
from workers.twitch.subscriptions import KINDS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]
WAIT_MS = 90_000
SHARDS = 4
"""Two of each gateway."""
ROOMS = (
    "history/", "analytics/", "settings/", "settings/api/", "settings/reward/", "ceilings/", "members/", "log/",
    "privacy/", "memory/", "check/", "obs/", "persona/expert/", "persona/lore/", "persona/sees/", "persona/bench/",
    "persona/card/", "persona/versions/",
)  # fmt: skip
PROMPT = Timings(first_token=0.02, tokens_per_second=1000, first_audio=0.05, audio_speed=4.0)
"""Dozens of answers are looked at before she goes live."""
WORDS = {
    "en": (
        "[happy] I am Nova. Today I {deed} {number} {thing} behind one old {place}.",
        ("found", "painted", "borrowed", "washed", "hid", "counted", "carried", "dropped", "polished"),
        ("kettles", "lanterns", "trumpets", "acorns", "puddles", "teacups", "comets", "pebbles", "ladders", "drums"),
        ("garden", "harbour", "attic", "meadow", "cellar", "orchard", "bakery"),
    ),
    "ru": (
        "[happy] Я Nova. Сегодня я {deed} {number} {thing} за местом под названием {place}.",
        ("нашла", "красила", "просила", "мыла", "прятала", "считала", "носила", "роняла", "чистила"),
        ("чайников", "фонарей", "труб", "желудей", "луж", "чашек", "комет", "камешков", "лестниц", "барабанов"),
        ("сад", "гавань", "чердак", "луг", "погреб", "роща", "пекарня"),
    ),
}
"""Language -> a sentence and the words for its gaps."""


class Model:
    """Answers in the language it was asked in, knows her name, and never says the same twice."""

    def __init__(self) -> None:
        self._numbers = itertools.count(2)

    def __call__(self, body: dict[str, Any]) -> str:
        number = next(self._numbers)
        language = "ru" if re.search(r"[а-яё]", str(body["messages"][-1]["content"]).lower()) else "en"
        sentence, *words = WORDS[language]
        deed, thing, place = (choice[number % len(choice)] for choice in words)
        return str(sentence).format(number=number, deed=deed, thing=thing, place=place)


@dataclass(frozen=True)
class Site:
    """The service and the world around it."""

    service: Service
    twitch: FakeTwitch
    stripe: FakeStripe

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.service.port}"

    def last_words(self) -> str:
        """The end of each log."""
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in self.service.logs)

    def listens_to(self, who: str) -> bool:
        """Whether everything that happens in this person's chat is told to the service."""
        watched = [each.channel_id for each in self.twitch.subscriptions]
        return watched.count(self.twitch.account(who).id) == len(KINDS) and self.twitch.shards_enabled == SHARDS


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as stack:
        twitch = stack.enter_context(FakeTwitch(keepalive=0.5, grace=5.0))
        stripe = stack.enter_context(FakeStripe())
        provider = stack.enter_context(ProviderServer(timings=PROMPT, answer=Model()))
        extra = twitch.environment() | stripe.environment() | {"GATEWAYS": "2"}
        service = Service(tmp_path_factory.mktemp("site"), provider=provider.base_url, quiet=True, extra=extra)
        stripe.webhook_url = f"http://127.0.0.1:{service.port}/stripe/webhook/"
        stack.enter_context(service)
        service.manage("stripe_catalogue")
        yield Site(service, twitch, stripe)


class Visit:
    """A streamer at the pages. Every page gone through is examined; `faults` and `complaints` are what was wrong."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.faults: list[str] = []
        self._site = site
        self._home = ""

    async def see(self, heading: str | re.Pattern[str]) -> None:
        """The page with this heading is there, and is looked over."""
        await self.come_back_to(heading)
        self.faults += await examined.faults(self.page)

    async def come_back_to(self, heading: str | re.Pattern[str]) -> None:
        """The page with this heading is there again, as it was looked over before."""
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(heading, timeout=WAIT_MS)

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def follow(self, name: str) -> None:
        await self.page.get_by_role("link", name=name, exact=True).first.click()

    async def sign_in(self) -> str:
        """From the landing page to the channel's home; its address."""
        await self.page.goto(self._site.url)
        await self.see(re.compile(r".+"))
        await self.follow("Sign in")
        await self.see("Sign in")
        await self.press("Continue with Twitch")
        await self.see("Before you begin")
        await self.page.get_by_role("checkbox").check()
        await self.press("Go on")
        await self.page.wait_for_url("**/c/*/")
        self._home = self.page.url
        return self._home

    async def write_a_persona(self) -> None:
        """A name of one's own. She is asked what viewers would ask before it goes live, and there are hints."""
        await self.follow("Make her yours")
        await self.see("Persona")
        for tool in ("[data-palettes]", "[data-skins]", "[data-tries]"):
            await expect(self.page.locator(tool).first).to_be_visible()
        await self.page.get_by_label("Name", exact=True).fill("Nova")
        await self.press("Save and publish")
        await self.see("Report")
        await self.page.get_by_role("button", name="Publish all the same").click(timeout=WAIT_MS)
        await self.come_back_to("Persona")

    async def take_a_character(self) -> None:
        """One of those that are there to begin with."""
        await self.follow("Make her yours")
        await self.see("Persona")
        await self.follow("See the characters")
        await self.see("Characters to begin with")
        await self.page.get_by_role("button", name=re.compile("^Take ")).first.click()
        await self.come_back_to("Persona")

    async def take_a_plan(self) -> None:
        """Pays on Stripe's page and comes back to a plan that is on."""
        await self.follow("Settings")
        await self.see(re.compile(r".+"))
        await self.follow("Plan")
        await self.see("Plan")
        await self.page.get_by_role("button", name=re.compile(r"^Try it for \d+ days$")).first.click()
        await expect(self.page.get_by_role("heading", name="Subscribe")).to_be_visible()
        assert self.page.url.startswith(self._site.stripe.url)
        await self.press("Card that is declined")
        await expect(self.page.get_by_role("alert")).to_have_text("Your card was declined.")
        await self.press("Card that pays")
        await self.page.wait_for_url("**/billing/", timeout=WAIT_MS)
        await self.see("Plan")
        await expect(self.page.get_by_text("Trial until")).to_be_visible()

    async def look_around(self, *rooms: str) -> None:
        """Every other page of the channel."""
        for room in rooms:
            answer = await self.page.goto(f"{self._home}{room}")
            assert answer
            assert answer.ok, (room, answer.status)
            self.faults += await examined.faults(self.page)

    async def overlay_url(self) -> str:
        await self.press("Make my overlay URL")
        field = self.page.locator("[data-url]")
        await expect(field).to_have_value(re.compile(r"#k="))
        return await field.input_value()


@pytest.mark.parametrize(("who", "phone"), [("Alice", False), ("Bella", True)], ids=["desk", "phone"])
async def test_a_streamer_signs_in_pays_and_is_heard(site: Site, engine: Engine, who: str, phone: bool) -> None:
    site.twitch.consent_as(who)
    width, height = (390, 844) if phone else (1280, 900)
    async with (
        engine.window(width=width, height=height, ear=False, thirty=True, phone=phone) as window,
        engine.window(painted=False, thirty=True) as obs,
    ):
        seen = await window.open("about:blank", examined.WATCH.read_text())
        visit = Visit(seen.page, site)
        home = await visit.sign_in()
        await visit.see(who)
        await expect(seen.page.get_by_role("heading", name="To her first line on stream")).to_be_visible()
        await (visit.take_a_character() if phone else visit.write_a_persona())
        await visit.take_a_plan()

        await seen.page.goto(home)
        overlay_url = await visit.overlay_url()
        overlay = await obs.open(overlay_url)
        await visit.press("Start her")
        await overlay.state("idle", seconds=60)
        await until(lambda: site.listens_to(who), seconds=30)
        await until(lambda: runs_of(site.service, public_id(overlay_url)), seconds=30)
        with site.twitch.through(SHARDS - 1):  # a socket of the second gateway
            site.twitch.say(who, "Dora", "!ai how are you today?")
        try:
            await overlay.state("talking")
        except PlaywrightTimeout:
            pytest.fail(f"{await seen.page.locator('.turn').all_text_contents()}\n{site.last_words()}")
        await overlay.state("idle")
        heard = await overlay.heard()
        await overlay.page.close()
        await expect(seen.page.locator(".turn")).to_contain_text("how are you today?")
        await expect(seen.page.locator(".turn")).to_contain_text("Dora")
        await visit.see(who)
        await expect(seen.page.get_by_role("heading", name="Done: she has been heard on stream")).to_be_visible()

        await visit.follow("Settings")
        await visit.follow("Plan")
        await visit.see("Plan")
        replies = seen.page.locator(".quotas li", has_text="Replies")
        await expect(replies).to_contain_text(re.compile(r"\b1 of \d"))
        await visit.look_around(*ROOMS)
    assert heard.voiced_seconds > 0.5
    assert heard.loudest > 0.05
    assert not visit.faults, "\n".join(visit.faults)
    assert [*seen.complaints, *overlay.complaints] == []
    logs = "".join(path.read_text(errors="replace") for path in site.service.logs)
    assert overlay_url.partition("#k=")[2] not in logs
    assert not [token for token in site.twitch.world.tokens if token in logs]
