"""What stands at the Stripe on loopback, and how it changes: paying, failing, renewing, changing, ending."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

API_VERSION = "2026-10-28.endive"
GOOD, FAILING, ASKS = "good", "failing", "3ds"
"""Cards: one that pays, one that never does, and one whose bank asks its owner first."""
RETRIES = (timedelta(days=3), timedelta(days=8), timedelta(days=15))
"""After a failed payment; then the subscription is ended."""
DAY = 86_400
LENGTH = {"month": 30 * DAY, "year": 365 * DAY}
"""Seconds. Months of equal length keep the figures of a test simple."""

Object = dict[str, Any]


class Declined(Exception):
    """The card does not pay."""


@dataclass
class World:
    """Objects as Stripe sends them, by id. `now` is Stripe's clock, which only `advance` moves."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    live: bool = False
    on_event: Callable[[Object], None] | None = None

    def __post_init__(self) -> None:
        names = (
            "customer", "product", "price", "subscription", "invoice", "charge", "refund", "dispute",
            "checkout.session", "billing_portal.session", "billing_portal.configuration", "event",
        )  # fmt: skip
        self.objects: dict[str, dict[str, Object]] = {name: {} for name in names}
        self.cards: dict[str, str] = {}
        self._number = itertools.count(1)

    # -- objects

    @property
    def stamp(self) -> int:
        return int(self.now.timestamp())

    def make(self, kind: str, prefix: str, **values: Any) -> Object:
        made = {
            "id": f"{prefix}_{next(self._number):06d}", "object": kind, "created": self.stamp, "livemode": self.live,
            **values,
        }  # fmt: skip
        self.objects[kind][made["id"]] = made
        return made

    def all(self, kind: str) -> list[Object]:
        """The newest first."""
        return sorted(self.objects[kind].values(), key=lambda each: (each["created"], each["id"]), reverse=True)

    def emit(self, kind: str, about: Object) -> None:
        event = self.make(
            "event", "evt", type=kind, api_version=API_VERSION, data={"object": copy.deepcopy(about)},
            pending_webhooks=1, request=None,
        )  # fmt: skip
        if self.on_event:
            self.on_event(event)

    def price_at(self, lookup_key: str) -> Object:
        return next(each for each in self.objects["price"].values() if each["lookup_key"] == lookup_key)

    def subscriptions_of(self, customer: str) -> list[Object]:
        return [each for each in self.all("subscription") if each["customer"] == customer]

    def stock(self, other: World) -> None:
        """Sells what another world sells."""
        for kind in ("product", "price", "billing_portal.configuration"):
            self.objects[kind] = copy.deepcopy(other.objects[kind])
        self._number = itertools.count(1000)

    # -- the first payment

    def complete(self, session: Object, card: str) -> Object:
        """Somebody pays at the checkout. "" is no card, where a trial needs none. Raises Declined."""
        asked, price = session["_data"], self.objects["price"][session["_price"]]
        days = int(asked.get("trial_period_days", 0))
        if card == FAILING or (not card and not days):
            raise Declined
        customer = session["customer"]
        if card:
            self.cards[customer] = card
        made = self.make(
            "subscription", "sub", customer=customer, status="trialing" if days else "active", metadata={},
            start_date=self.stamp, billing_cycle_anchor=self.stamp, cancel_at=None, cancel_at_period_end=False,
            canceled_at=None, ended_at=None, pause_collection=None, currency=price["currency"],
            trial_start=self.stamp if days else None, trial_end=self.stamp + days * DAY if days else None,
        )  # fmt: skip
        end = self.stamp + (days * DAY if days else LENGTH[price["recurring"]["interval"]])
        made["items"] = {"object": "list", "data": [self._line(price, self.stamp, end)], "has_more": False}
        session |= {"status": "complete", "payment_status": "paid", "subscription": made["id"], "url": None}
        self.emit("customer.subscription.created", made)
        self._pay(made, self._invoice(made, 0 if days else price["unit_amount"]))
        self.emit("checkout.session.completed", self.shown(session))
        return made

    def _line(self, price: Object, start: int, end: int) -> Object:
        return {
            "id": f"si_{next(self._number):06d}", "object": "subscription_item", "price": price, "quantity": 1,
            "current_period_start": start, "current_period_end": end,
        }  # fmt: skip

    @staticmethod
    def shown(about: Object) -> Object:
        """Without what only this world needs to know."""
        return {key: value for key, value in about.items() if not key.startswith("_")}

    # -- invoices

    def _invoice(self, subscription: Object, amount: int) -> Object:
        return self.make(
            "invoice", "in", customer=subscription["customer"], status="open", amount_due=amount,
            status_transitions={"finalized_at": self.stamp}, currency=subscription["currency"], attempts=0,
            parent={"subscription_details": {"subscription": subscription["id"]}}, _of=subscription["id"],
        )  # fmt: skip

    def _pay(self, subscription: Object, invoice: Object) -> bool:
        """Takes the money, or leaves the invoice open and the subscription past due."""
        invoice["attempts"] += 1
        if invoice["amount_due"] > 0 and self.cards.get(subscription["customer"]) not in (GOOD, ASKS):
            subscription["status"] = "past_due"
            self.emit("invoice.payment_failed", self.shown(invoice))
            self.emit("customer.subscription.updated", subscription)
            return False
        invoice["status"] = "paid"
        if invoice["amount_due"] > 0:
            invoice["_charge"] = self.make(
                "charge", "ch", customer=subscription["customer"], amount=invoice["amount_due"], amount_refunded=0,
                refunded=False, disputed=False, currency=invoice["currency"], status="succeeded", paid=True,
            )["id"]  # fmt: skip
        if subscription["status"] == "past_due" and not self._open_invoices(subscription):
            subscription["status"] = "active"
        self.emit("invoice.paid", self.shown(invoice))
        self.emit("customer.subscription.updated", subscription)
        return True

    def _open_invoices(self, subscription: Object) -> list[Object]:
        invoices = self.objects["invoice"].values()
        return [each for each in invoices if each["_of"] == subscription["id"] and each["status"] == "open"]

    def new_card(self, customer: str, card: str) -> None:
        """Another card, with which what is open is tried at once."""
        self.cards[customer] = card
        for subscription in self.subscriptions_of(customer):
            if subscription["status"] == "past_due":
                for invoice in self._open_invoices(subscription):
                    self._pay(subscription, invoice)

    # -- changes

    def change(self, subscription: Object, price: Object) -> int:
        """Another price at once; what was paid is set off. The amount that is due now (negative: credit)."""
        line = subscription["items"]["data"][0]
        old, start, end = line["price"], line["current_period_start"], line["current_period_end"]
        left = max(0.0, (end - self.stamp) / (end - start))
        in_trial = subscription["status"] == "trialing"
        same = old["recurring"]["interval"] == price["recurring"]["interval"]
        amount = 0 if in_trial else round(price["unit_amount"] * (left if same else 1) - old["unit_amount"] * left)
        if amount > 0 and self.cards.get(subscription["customer"]) not in (GOOD, ASKS):
            raise Declined
        line["price"] = price
        if not same and not in_trial:
            line["current_period_start"] = self.stamp
            line["current_period_end"] = self.stamp + LENGTH[price["recurring"]["interval"]]
        if amount:
            self._pay(subscription, self._invoice(subscription, amount))
        self.emit("customer.subscription.updated", subscription)
        return amount

    def cancel(self, subscription: Object, *, at_once: bool = False) -> None:
        if at_once:
            subscription |= {"status": "canceled", "ended_at": self.stamp, "canceled_at": self.stamp}
            self.emit("customer.subscription.deleted", subscription)
            return
        subscription |= {"cancel_at_period_end": True, "canceled_at": self.stamp}
        self.emit("customer.subscription.updated", subscription)

    def keep(self, subscription: Object) -> None:
        """The cancellation is taken back."""
        subscription |= {"cancel_at_period_end": False, "canceled_at": None}
        self.emit("customer.subscription.updated", subscription)

    def pause(self, subscription: Object, behavior: str | None) -> None:
        """Payments are paused (void, keep_as_draft), or go on with None."""
        subscription["pause_collection"] = {"behavior": behavior, "resumes_at": None} if behavior else None
        self.emit("customer.subscription.updated", subscription)

    def forget(self, customer: str) -> None:
        for subscription in self.subscriptions_of(customer):
            if subscription["ended_at"] is None:
                self.cancel(subscription, at_once=True)
        gone = self.objects["customer"][customer]
        gone["deleted"] = True
        self.emit("customer.deleted", gone)

    # -- money that goes back

    def refund(self, charge: Object, amount: int) -> Object:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
        made = self.make(
            "refund", "re", charge=charge["id"], amount=amount, currency=charge["currency"], status="succeeded"
        )
        self.emit("charge.refunded", charge)
        return made

    def dispute(self, charge: Object, status: str = "needs_response") -> Object:
        charge["disputed"] = True
        made = self.make(
            "dispute", "dp", charge=charge["id"], amount=charge["amount"], currency=charge["currency"], status=status
        )
        self.emit("charge.dispute.created", made)
        return made

    def decide(self, dispute: Object, status: str) -> None:
        """won or lost."""
        dispute["status"] = status
        self.emit("charge.dispute.closed", dispute)

    # -- time

    def advance(self, days: float) -> None:
        """Everything that is due meanwhile happens in its order."""
        target = self.now + timedelta(days=days)
        while due := min(self._due(target), key=lambda each: (each[0], each[1]), default=None):
            self.now = datetime.fromtimestamp(due[0], UTC)
            due[2]()
        self.now = target

    def _due(self, target: datetime) -> list[tuple[int, str, Callable[[], None]]]:
        found: list[tuple[int, str, Callable[[], None]]] = []
        for each in self.objects["subscription"].values():
            if each["ended_at"] is not None:
                continue
            end = each["items"]["data"][0]["current_period_end"]
            found.append((end, each["id"], lambda each=each: self._renew(each)))  # type: ignore[misc]
            for invoice in self._open_invoices(each):
                wait = RETRIES[min(invoice["attempts"], len(RETRIES)) - 1]
                at = invoice["created"] + int(wait.total_seconds())
                found.append((at, invoice["id"], lambda each=each, invoice=invoice: self._retry(each, invoice)))  # type: ignore[misc]
        return [each for each in found if each[0] <= target.timestamp()]

    def _renew(self, subscription: Object) -> None:
        if subscription["cancel_at_period_end"] or (
            subscription["status"] == "trialing" and subscription["customer"] not in self.cards
        ):
            subscription |= {"status": "canceled", "ended_at": self.stamp}
            self.emit("customer.subscription.deleted", subscription)
            return
        line = subscription["items"]["data"][0]
        price = line["price"]
        line["current_period_start"] = line["current_period_end"]
        line["current_period_end"] += LENGTH[price["recurring"]["interval"]]
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        if subscription["pause_collection"] is None:
            self._pay(subscription, self._invoice(subscription, price["unit_amount"]))
        else:
            self.emit("customer.subscription.updated", subscription)

    def _retry(self, subscription: Object, invoice: Object) -> None:
        was_last = invoice["attempts"] >= len(RETRIES)
        if not self._pay(subscription, invoice) and was_last:
            invoice["status"] = "void"
            self.emit("invoice.voided", self.shown(invoice))
            self.cancel(subscription, at_once=True)
