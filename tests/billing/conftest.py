"""A Stripe on loopback for the tests of billing, which sells what the catalogue says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr

from billing import catalogue, checkout, events
from billing.models import Customer, StripeEvent
from billing.plans import plan_of_price, price_of
from channels_app.models import Channel, User
from tests.fakes.stripe import FakeStripe, World
from tests.fakes.stripe_world import GOOD, Object

BEGINNING = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""When the world of each test begins."""


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[FakeStripe]:
    with FakeStripe() as server:
        yield server


@pytest.fixture
def keys(settings: Any, stripe_server: FakeStripe) -> None:
    """The site has keys for the Stripe on loopback."""
    settings.ENV = settings.ENV.model_copy(
        update={
            "STRIPE_SECRET_KEY": SecretStr(stripe_server.key),
            "STRIPE_WEBHOOK_SECRET": SecretStr(stripe_server.secret),
            "STRIPE_API_URL": stripe_server.url,
        }
    )


SHOP: list[World] = []
"""A world that sells what the catalogue says, made by the first test that needs one."""


def new_world(server: FakeStripe, now: datetime = BEGINNING) -> World:
    """Another world at Stripe, which sells what the catalogue says."""
    if not SHOP:
        server.begin(World())
        catalogue.publish()
        SHOP.append(server.world)
    world = World(now=now)
    world.stock(SHOP[0])
    server.begin(world)
    return world


@pytest.fixture
def stripe(keys: None, stripe_server: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> FakeStripe:
    """A new world at Stripe, with our products and prices."""
    from stripe import HTTPClient

    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0.01)
    new_world(stripe_server)
    return stripe_server


@pytest.fixture
def mails(settings: Any) -> None:
    """The site can send mail; `mailoutbox` holds what it sent."""
    settings.ENV = settings.ENV.model_copy(
        update={"EMAIL_SERVER": "smtp://127.0.0.1", "EMAIL_FROM": "billing@example.com"}
    )


@pytest.fixture
def tell(stripe: FakeStripe, client: Client) -> Callable[[], list[int]]:
    """Delivers what Stripe has told since, and has it looked into at Stripe's time. The answers' status codes."""

    def deliver() -> list[int]:
        statuses = [
            client.post("/stripe/webhook/", body, content_type="application/json", headers=headers).status_code
            for body, headers in stripe.deliveries()
        ]
        for event in StripeEvent.objects.filter(state=StripeEvent.State.RECEIVED).order_by("pk"):
            events.look_into(event.pk, now=stripe.world.now)
        return statuses

    return deliver


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`before(path, deed)`: what happens just before Stripe's client asks for such a path, the first `times` times."""

    def meanwhile(path: str, deed: Callable[[], object], times: int = 1) -> None:
        from stripe import RequestsClient

        request, left = RequestsClient.request, [deed] * times

        def asked(client: RequestsClient, method: str, url: str, *args: Any, **more: Any) -> Any:
            if path in url and left:
                left.pop()()
            return request(client, method, url, *args, **more)

        monkeypatch.setattr(RequestsClient, "request", asked)

    return meanwhile


def go_to_checkout(stripe: FakeStripe, channel: Channel, lookup_key: str, user: User | None = None) -> Object:
    """The broadcaster is sent to Stripe's page for this price; the session it is about."""
    price, plan = price_of(lookup_key), plan_of_price(lookup_key)
    assert price
    assert plan
    url = checkout.begin(
        channel, plan, price, acting_user=user or channel.broadcaster, language="en", now=stripe.world.now
    )
    return stripe.world.objects["checkout.session"][url.rpartition("/")[2]]


def subscribe(
    stripe: FakeStripe, channel: Channel, lookup_key: str = "aigirl_creator_month", card: str = GOOD
) -> Object:
    """A subscription that was just paid for, or tried; its events wait to be delivered."""
    return stripe.world.complete(go_to_checkout(stripe, channel, lookup_key), card)


def customer_of(channel: Channel) -> Customer:
    return Customer.objects.get(channel=channel)
