"""The Stripe on loopback behaves as the real one where the product relies on it, and as a browser meets it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx2
import pytest
import stripe as sdk

from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe_world import Object


@pytest.fixture(scope="module")
def server() -> Iterator[FakeStripe]:
    with FakeStripe() as made:
        yield made


@pytest.fixture
def client(server: FakeStripe) -> sdk.StripeClient:
    return sdk.StripeClient(server.key, base_addresses={"api": server.url})


@pytest.fixture
def session(server: FakeStripe, client: sdk.StripeClient) -> Object:
    """A checkout without a trial."""
    product = client.v1.products.create({"name": "Plan"})
    key = f"plan_{product.id}"
    price = client.v1.prices.create(
        {
            "product": product.id,
            "lookup_key": key,
            "unit_amount": 1000,
            "currency": "usd",
            "recurring": {"interval": "month"},
        }
    )
    customer = client.v1.customers.create({"name": "Alice"})
    made = client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.id,
            "line_items": [{"price": price.id, "quantity": 1}],
            "success_url": "http://127.0.0.1/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1/back",
        }
    )
    return server.world.objects["checkout.session"][made.id]


def press(url: str, **fields: str) -> httpx2.Response:
    return httpx2.post(url, data=fields)


def test_a_card_is_declined_and_another_pays(session: Object) -> None:
    page = str(session["url"])
    assert "$10.00 each month" in httpx2.get(page).text
    assert "No card" not in httpx2.get(page).text
    declined = press(page, card="failing")
    assert declined.status_code == 303
    assert "declined" in declined.headers["location"]
    paid = press(page, card="good")
    assert paid.headers["location"] == f"http://127.0.0.1/done?session={session['id']}"
    assert "This page is closed" in httpx2.get(page).text


def test_a_bank_asks_first(session: Object) -> None:
    asked = press(str(session["url"]), card="3ds")
    assert "is it you?" in asked.text
    assert session["status"] == "open"
    assert press(str(session["url"]), card="3ds", sure="1").status_code == 303
    assert session["status"] == "complete"


def test_the_portal_does_what_its_buttons_say(server: FakeStripe, client: sdk.StripeClient, session: Object) -> None:
    world = server.world
    there = world.complete(session, "good")
    dearer = world.make(
        "price", "price", product="prod_1", lookup_key="dearer", active=True, currency="usd", unit_amount=5000,
        recurring={"interval": "month"}, metadata={},
    )  # fmt: skip

    def portal(**flow: Any) -> str:
        about: Any = {"customer": session["customer"], "return_url": "http://127.0.0.1/back"}
        return client.v1.billing_portal.sessions.create(about | ({"flow_data": flow} if flow else {})).url

    assert "$10.00 paid" in httpx2.get(portal()).text
    cancel = portal(type="subscription_cancel", subscription_cancel={"subscription": there["id"]})
    assert "Cancel the subscription" in httpx2.get(cancel).text
    assert press(cancel, do="cancel").headers["location"] == "http://127.0.0.1/back"
    assert there["cancel_at_period_end"]
    press(portal(), do="keep")
    assert not there["cancel_at_period_end"]
    item = {"id": there["items"]["data"][0]["id"], "price": dearer["id"], "quantity": 1}
    change = portal(
        type="subscription_update_confirm",
        subscription_update_confirm={"subscription": there["id"], "items": [item]},
    )
    assert "Confirm" in httpx2.get(change).text
    card = portal(type="payment_method_update")
    assert "Another card" in httpx2.get(card).text
    press(card, card="failing")
    assert "declined" in press(change, do="change").text
    press(card, card="good")
    press(change, do="change")
    assert there["items"]["data"][0]["price"] is dearer


def test_lists_come_page_by_page(server: FakeStripe, client: sdk.StripeClient) -> None:
    for number in range(7):
        server.world.make("charge", "ch", customer="cus_many", amount=number, amount_refunded=0)
    found = client.v1.charges.list({"customer": "cus_many", "limit": 3}).auto_paging_iter()
    assert sorted(charge.amount for charge in found) == list(range(7))


def test_a_key_means_one_thing(client: sdk.StripeClient) -> None:
    first = client.v1.customers.create({"name": "Alice"}, {"idempotency_key": "once"})
    assert client.v1.customers.create({"name": "Alice"}, {"idempotency_key": "once"}).id == first.id
    with pytest.raises(sdk.IdempotencyError):
        client.v1.customers.create({"name": "Bob"}, {"idempotency_key": "once"})


def test_the_wrong_key_is_refused(server: FakeStripe) -> None:
    stranger = sdk.StripeClient("sk_test_wrong", base_addresses={"api": server.url})
    with pytest.raises(sdk.AuthenticationError):
        stranger.v1.products.list()


def test_events_are_delivered_by_themselves_and_signed(session: Object, server: FakeStripe) -> None:
    heard: queue.Queue[tuple[bytes, str]] = queue.Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            heard.put((self.rfile.read(length), self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    hook = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    server.outbox.clear()
    server.webhook_url = f"http://127.0.0.1:{hook.server_port}/"
    try:
        server.world.complete(session, "good")
        body, signature = heard.get(timeout=10)
        assert sdk.WebhookSignature.verify_header(body, signature, server.secret, 300)
    finally:
        server.webhook_url = ""
        hook.shutdown()
        hook.server_close()
