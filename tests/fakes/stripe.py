"""A whole Stripe on loopback, with a memory and a clock of its own. The real client of Stripe talks to it over HTTP.

    with FakeStripe() as stripe:
        os.environ.update(stripe.environment())     # before the product starts
        stripe.world.advance(days=30)               # trials end, invoices are made, cards fail
        for body, headers in stripe.deliveries():   # what it told since, signed as Stripe signs
            client.post("/stripe/webhook/", body, ...)

With `webhook_url` it delivers by itself. Deliveries can be lost, come twice and in any order.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from typing import Any

import aiohttp
import stripe
from aiohttp import web

from tests.fakes.loopback import Loopback
from tests.fakes.stripe_api import Api, Call
from tests.fakes.stripe_pages import Pages
from tests.fakes.stripe_world import Object, World

__all__ = ["Call", "FakeStripe", "World"]


class FakeStripe(Loopback):
    """The server on a free port of 127.0.0.1, in a thread and loop of its own."""

    def __init__(
        self,
        *,
        key: str = "sk_test_of_the_tests",
        secret: str = "whsec_of_the_tests",
        world: World | None = None,
        webhook_url: str = "",
        lost: float = 0.0,
        twice: float = 0.0,
        shuffled: bool = False,
        chance: random.Random | None = None,
    ) -> None:
        super().__init__("fake-stripe")
        self.key, self.secret, self.port = key, secret, 0
        self.webhook_url, self.lost, self.twice, self.shuffled = webhook_url, lost, twice, shuffled
        self.chance = chance or random.Random(0)
        self.outbox: list[Object] = []
        self.world = world or World()
        self.api = Api(self.world, self.key, lambda: self.url)
        self.pages = Pages(self.world)
        self.begin(self.world)

    def begin(self, world: World) -> None:
        """Another world, as if it had just opened: what stood here is gone."""
        self.world = self.api.world = self.pages.world = world
        world.on_event = self._told
        self.outbox.clear()
        self.api.forget()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def calls(self) -> list[Call]:
        return list(self.api.calls)

    def environment(self) -> dict[str, str]:
        """The settings that make the product talk to this Stripe."""
        return {
            "STRIPE_SECRET_KEY": self.key,
            "STRIPE_WEBHOOK_SECRET": self.secret,
            "STRIPE_API_URL": self.url,
        }

    async def serve(self) -> None:
        app = web.Application()
        app.add_routes([*self.api.routes(), *self.pages.routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self.opened()
        await self.closing.wait()
        await runner.cleanup()

    # -- events

    def _told(self, event: Object) -> None:
        self.outbox.append(event)
        if self.webhook_url:
            asyncio.run_coroutine_threadsafe(self._send_all(), self.loop)

    def signed(self, event: Object, *, secret: str = "", at: float | None = None) -> tuple[str, dict[str, str]]:
        """(body, headers) of the webhook, with a signature that Stripe's own code made."""
        body = json.dumps(event, separators=(",", ":"))
        header = stripe.WebhookSignature.generate_signature_header(
            body, secret or self.secret, int(time.time() if at is None else at)
        )
        return body, {"Stripe-Signature": header}

    def deliveries(self) -> list[tuple[str, dict[str, str]]]:
        """What it has told since the last time, as it arrives: lost, doubled and shuffled as was asked for."""
        waiting = list(self.outbox)
        self.outbox.clear()
        kept = [event for event in waiting if self.chance.random() >= self.lost]
        kept += [event for event in kept if self.chance.random() < self.twice]
        if self.shuffled:
            self.chance.shuffle(kept)
        return [self.signed(event) for event in kept]

    async def _send_all(self) -> None:
        async with aiohttp.ClientSession() as session:
            for body, headers in self.deliveries():
                sent: Any = session.post(
                    self.webhook_url, data=body, headers=headers | {"Content-Type": "application/json"}
                )
                with contextlib.suppress(aiohttp.ClientError):
                    async with sent:
                        pass
