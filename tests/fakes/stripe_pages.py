"""The pages of the Stripe on loopback that a browser meets: a checkout where a card is chosen, and a portal."""

from __future__ import annotations

import html
from typing import Any

from aiohttp import web

from tests.fakes.stripe_world import ASKS, FAILING, GOOD, Declined, Object, World

CARDS = {GOOD: "Card that pays", FAILING: "Card that is declined", ASKS: "Card whose bank asks first", "": "No card"}


def page(title: str, body: str) -> web.Response:
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="data:,">'
        f"<title>{html.escape(title)}</title><h1>{html.escape(title)}</h1>{body}"
    )
    return web.Response(text=text, content_type="text/html")


def form(buttons: dict[str, str], name: str = "card") -> str:
    inner = "".join(
        f'<p><button name="{name}" value="{html.escape(value)}">{html.escape(label)}</button></p>'
        for value, label in buttons.items()
    )
    return f'<form method="post">{inner}</form>'


class Pages:
    """/pay/<session> and /portal/<session>."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/pay/{id}", self.checkout),
            web.post("/pay/{id}", self.pay),
            web.get("/portal/{id}", self.portal),
            web.post("/portal/{id}", self.obey),
        ]

    def _session(self, request: web.Request, kind: str) -> Object:
        found = self.world.objects[kind].get(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        return found

    async def checkout(self, request: web.Request) -> web.Response:
        session = self._session(request, "checkout.session")
        if session["status"] != "open":
            return page("This page is closed", f'<a href="{html.escape(session["cancel_url"])}">Back</a>')
        price = self.world.objects["price"][session["_price"]]
        days = session["_data"].get("trial_period_days")
        trial = f"<p>Free for {days} days</p>" if days else ""
        told = f"<p>${price['unit_amount'] / 100:.2f} each {price['recurring']['interval']}</p>"
        cards = {value: label for value, label in CARDS.items() if value or days}
        back = f'<a href="{html.escape(session["cancel_url"])}">Back</a>'
        wrong = '<p role="alert">Your card was declined.</p>' if "declined" in request.query else ""
        return page("Subscribe", trial + told + wrong + form(cards) + back)

    async def pay(self, request: web.Request) -> web.Response:
        session = self._session(request, "checkout.session")
        given: Any = await request.post()
        if given["card"] == ASKS and "sure" not in given:
            hidden = f'<input type="hidden" name="card" value="{ASKS}">'
            asks = f'<form method="post">{hidden}<button name="sure" value="1">Yes, it is me</button></form>'
            return page("Your bank asks: is it you?", asks)
        try:
            self.world.complete(session, str(given["card"]))
        except Declined:
            raise web.HTTPSeeOther(f"{request.path}?declined=1") from None
        raise web.HTTPSeeOther(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))

    async def portal(self, request: web.Request) -> web.Response:
        session = self._session(request, "billing_portal.session")
        flow = session["_flow"]
        if flow.get("type") == "payment_method_update":
            return page("Another card", form({GOOD: CARDS[GOOD], FAILING: CARDS[FAILING]}))
        if flow.get("type") == "subscription_cancel":
            return page("Cancel", form({"cancel": "Cancel the subscription"}, "do"))
        if flow.get("type") == "subscription_update_confirm":
            return page("Confirm the change", form({"change": "Confirm"}, "do"))
        invoices = "".join(
            f"<li>{each['id']} ${each['amount_due'] / 100:.2f} {each['status']}</li>"
            for each in self.world.all("invoice")
            if each["customer"] == session["customer"]
        )
        back = f'<a href="{html.escape(session["return_url"])}">Back</a>'
        return page("Your subscription", f"<ul>{invoices}</ul>{form({'keep': 'Do not cancel'}, 'do')}{back}")

    async def obey(self, request: web.Request) -> web.Response:
        session = self._session(request, "billing_portal.session")
        given: Any = await request.post()
        flow, customer = session["_flow"], session["customer"]
        living = [each for each in self.world.subscriptions_of(customer) if each["ended_at"] is None]
        if "card" in given:
            self.world.new_card(customer, str(given["card"]))
        elif given["do"] == "cancel":
            self.world.cancel(living[0])
        elif given["do"] == "keep":
            self.world.keep(living[0])
        else:
            asked = flow["subscription_update_confirm"]["items"]["0"]
            try:
                self.world.change(living[0], self.world.objects["price"][asked["price"]])
            except Declined:
                return page("Your card was declined", "")
        raise web.HTTPSeeOther(session["return_url"])
