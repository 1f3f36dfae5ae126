"""The API of the Stripe on loopback: what the real client asks for, answered from the world as Stripe would."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.fakes.stripe_world import Object, World


@dataclass
class Call:
    """One request as it came, and how it was answered."""

    method: str
    path: str
    values: Object
    key: str
    """Idempotency key; empty for a GET."""
    status: int = 0
    replayed: bool = False


@dataclass
class Faults:
    """`statuses` are answered to the next requests whose path ends with `path`, in place of what was asked; `hang_up`
    ends connections unheard."""

    statuses: list[int] = field(default_factory=list)
    path: str = ""
    hang_up: bool = False


def problem(status: int, kind: str, message: str, code: str = "") -> web.Response:
    return web.json_response({"error": {"type": kind, "message": message, "code": code}}, status=status)


def nested(pairs: list[tuple[str, str]]) -> Object:
    """`a[b][0]=c` as Stripe's client writes it; lists stay dicts with numbers for keys until `rows` is asked."""
    found: Object = {}
    for name, value in pairs:
        place = found
        *way, last = re.findall(r"[^\[\]]+", name) if "[]" not in name else [name.replace("[]", "")]
        for part in way:
            place = place.setdefault(part, {})
        place[last] = value
    return found


def rows(found: Any) -> list[Any]:
    return [found[key] for key in sorted(found, key=int)] if isinstance(found, dict) else []


class Api:
    """Routes under /v1. Every request is kept in `calls`."""

    def __init__(self, world: World, key: str, url: Callable[[], str]) -> None:
        self.world, self.key, self.url = world, key, url
        self.calls: list[Call] = []
        self.faults = Faults()
        self._answers: dict[str, tuple[str, int, str]] = {}

    def forget(self) -> None:
        """What was asked before another world began."""
        self.calls, self.faults, self._answers = [], Faults(), {}

    def routes(self) -> list[web.RouteDef]:
        made = {
            "customers": self.make_customer, "products": self.make_product, "prices": self.make_price,
            "checkout/sessions": self.make_checkout, "billing_portal/sessions": self.make_portal,
            "billing_portal/configurations": self.make_configuration,
        }  # fmt: skip
        lists = {
            "products": "product", "prices": "price", "subscriptions": "subscription", "invoices": "invoice",
            "charges": "charge", "refunds": "refund", "disputes": "dispute",
            "billing_portal/configurations": "billing_portal.configuration",
        }  # fmt: skip
        single = {"customers": "customer", "subscriptions": "subscription", "charges": "charge"}
        return [
            *(web.post(f"/v1/{path}", self._guarded(handler)) for path, handler in made.items()),
            *(web.get(f"/v1/{path}", self._guarded(self._lister(kind))) for path, kind in lists.items()),
            *(web.get(f"/v1/{path}/{{id}}", self._guarded(self._finder(kind))) for path, kind in single.items()),
            web.delete("/v1/customers/{id}", self._guarded(self.delete_customer)),
            web.post("/v1/subscriptions/{id}", self._guarded(self.end_subscription)),
            web.post("/v1/checkout/sessions/{id}/expire", self._guarded(self.expire_checkout)),
            web.post("/v1/billing_portal/configurations/{id}", self._guarded(self.change_configuration)),
        ]

    def _guarded(self, handler: Callable[[web.Request, Object], web.Response]) -> Any:
        """The key, faults, and what was asked before under the same idempotency key."""

        async def guarded(request: web.Request) -> web.Response:
            body = await request.text()
            pairs = parse_qsl(body, keep_blank_values=True) or list(request.query.items())
            key = request.headers.get("Idempotency-Key", "")
            call = Call(request.method, request.path.removeprefix("/v1/"), nested(pairs), key)
            self.calls.append(call)
            if self.faults.hang_up and request.transport is not None:
                request.transport.abort()
            answer = self._answered(request, call, body, handler)
            call.status = answer.status
            answer.headers["Request-Id"] = f"req_{len(self.calls)}"
            return answer

        return guarded

    def _answered(self, request: web.Request, call: Call, body: str, handler: Any) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return problem(401, "invalid_request_error", "Invalid API Key provided")
        if self.faults.statuses and request.path.endswith(self.faults.path):
            return problem(self.faults.statuses.pop(0), "api_error", "It did not work")
        print_ = hashlib.sha256(f"{request.method} {request.path} {body}".encode()).hexdigest()
        if call.key and call.key in self._answers:
            known, status, text = self._answers[call.key]
            if known != print_:
                return problem(400, "idempotency_error", "Keys for idempotent requests can only be used for the same")
            call.replayed = True
            return web.Response(status=status, text=text, content_type="application/json")
        answer: web.Response = handler(request, call.values)
        if call.key and answer.status < 500:
            self._answers[call.key] = (print_, answer.status, answer.text or "")
        return answer

    # -- reading

    def _finder(self, kind: str) -> Any:
        def find(request: web.Request, _values: Object) -> web.Response:
            found = self.world.objects[kind].get(request.match_info["id"])
            if found is None:
                return problem(404, "invalid_request_error", "No such object", "resource_missing")
            if found.get("deleted"):
                return web.json_response({"id": found["id"], "object": kind, "deleted": True})
            return web.json_response(self.world.shown(found))

        return find

    def _lister(self, kind: str) -> Any:
        def listed(request: web.Request, values: Object) -> web.Response:
            found = [each for each in self.world.all(kind) if self._fits(kind, each, values)]
            after = values.get("starting_after")
            if after:
                found = found[[each["id"] for each in found].index(after) + 1 :]
            most = int(values.get("limit", 10))
            page = [self.world.shown(each) for each in found[:most]]
            body = {"object": "list", "url": request.path, "data": page, "has_more": len(found) > most}
            return web.json_response(body)

        return listed

    def _fits(self, kind: str, each: Object, values: Object) -> bool:
        wanted = {name: values[name] for name in ("customer", "charge") if name in values}
        if any(each.get(name) != value for name, value in wanted.items()):
            return False
        if "created" in values and each["created"] < int(values["created"]["gte"]):
            return False
        if "active" in values and not each["active"]:
            return False
        if "lookup_keys" in values and each["lookup_key"] not in values["lookup_keys"].values():
            return False
        if kind == "invoice":
            return bool(each["_of"] == values["subscription"] and each["status"] == values["status"])
        # Stripe leaves out those that have ended unless all are asked for.
        asked = values.get("status")
        return kind != "subscription" or asked == "all" or (each["status"] == "canceled") == (asked == "ended")

    # -- making

    def make_customer(self, _request: web.Request, values: Object) -> web.Response:
        about = {name: values.get(name) for name in ("name", "email")}
        return web.json_response(self.world.make("customer", "cus", metadata=values.get("metadata", {}), **about))

    def delete_customer(self, request: web.Request, _values: Object) -> web.Response:
        name = request.match_info["id"]
        found = self.world.objects["customer"].get(name)
        if found is None or found.get("deleted"):
            return problem(404, "invalid_request_error", "No such customer", "resource_missing")
        self.world.forget(name)
        return web.json_response({"id": name, "object": "customer", "deleted": True})

    def make_product(self, _request: web.Request, values: Object) -> web.Response:
        return web.json_response(
            self.world.make("product", "prod", name=values["name"], active=True, metadata=values.get("metadata", {}))
        )

    def make_price(self, _request: web.Request, values: Object) -> web.Response:
        lookup_key = values["lookup_key"]
        for other in self.world.objects["price"].values():
            if other["lookup_key"] == lookup_key:
                if values.get("transfer_lookup_key") != "true":
                    return problem(400, "invalid_request_error", "A price already uses that lookup key.")
                other["lookup_key"] = None
        made = self.world.make(
            "price",
            "price",
            product=values["product"],
            lookup_key=lookup_key,
            active=True,
            currency=values["currency"],
            unit_amount=int(values["unit_amount"]),
            recurring=values["recurring"],
            metadata=values.get("metadata", {}),
        )
        return web.json_response(made)

    def make_checkout(self, _request: web.Request, values: Object) -> web.Response:
        line = rows(values["line_items"])[0]
        if line["price"] not in self.world.objects["price"]:
            return problem(400, "invalid_request_error", "No such price", "resource_missing")
        made = self.world.make(
            "checkout.session", "cs_test", customer=values["customer"], mode=values["mode"], status="open",
            payment_status="unpaid", subscription=None, success_url=values["success_url"],
            cancel_url=values["cancel_url"], client_reference_id=values.get("client_reference_id"),
            _price=line["price"], _data=values.get("subscription_data", {}), _asked=values,
        )  # fmt: skip
        made["url"] = f"{self.url()}/pay/{made['id']}"
        return web.json_response(self.world.shown(made))

    def end_subscription(self, request: web.Request, values: Object) -> web.Response:
        if values != {"cancel_at_period_end": "true"}:
            return problem(400, "invalid_request_error", "This server only lets subscriptions be ended.")
        found = self.world.objects["subscription"][request.match_info["id"]]
        if found["ended_at"] is not None:
            return problem(400, "invalid_request_error", "A canceled subscription can only update its metadata.")
        self.world.cancel(found)
        return web.json_response(self.world.shown(found))

    def expire_checkout(self, request: web.Request, _values: Object) -> web.Response:
        found = self.world.objects["checkout.session"][request.match_info["id"]]
        if found["status"] != "open":
            return problem(400, "invalid_request_error", "Only open sessions can be expired.")
        found |= {"status": "expired", "url": None}
        self.world.emit("checkout.session.expired", self.world.shown(found))
        return web.json_response(self.world.shown(found))

    def make_portal(self, _request: web.Request, values: Object) -> web.Response:
        made = self.world.make(
            "billing_portal.session", "bps", customer=values["customer"], return_url=values["return_url"],
            configuration=values.get("configuration", "bpc_default"), _flow=values.get("flow_data", {}),
        )  # fmt: skip
        made["url"] = f"{self.url()}/portal/{made['id']}"
        return web.json_response(self.world.shown(made))

    def make_configuration(self, _request: web.Request, values: Object) -> web.Response:
        made = self.world.make(
            "billing_portal.configuration", "bpc", active=True, features=values["features"],
            metadata=values.get("metadata", {}),
        )  # fmt: skip
        return web.json_response(made)

    def change_configuration(self, request: web.Request, values: Object) -> web.Response:
        found = self.world.objects["billing_portal.configuration"][request.match_info["id"]]
        found["features"] = values["features"]
        return web.Response(text=json.dumps(found), content_type="application/json")
