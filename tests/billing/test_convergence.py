"""Whatever happens at Stripe, and whatever becomes of what it tells: after a comparison both sides say the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import checkout, events, reconcile
from billing.models import Customer, Reconciliation, Reversal, StripeEvent, StripeRequest, Subscription
from billing.plans import CREATOR
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel
from tests.billing.conftest import BEGINNING, customer_of, new_world, subscribe
from tests.fakes.stripe import FakeStripe, World
from tests.fakes.stripe_world import FAILING, GOOD, Declined, Object

Deed = Callable[[World, str, random.Random], None]


def living(world: World, customer: str) -> list[Object]:
    return [each for each in world.subscriptions_of(customer) if each["ended_at"] is None]


def buy(world: World, customer: str, chance: random.Random) -> None:
    """From the checkout that Stripe was asked for, as often as somebody likes: also what must not happen twice."""
    session = world.all("checkout.session")[-1]
    world.complete(session, GOOD)


def change(world: World, customer: str, chance: random.Random) -> None:
    for each in living(world, customer):
        world.change(each, chance.choice(world.all("price")))


def cancel(world: World, customer: str, chance: random.Random) -> None:
    for each in living(world, customer):
        world.cancel(each, at_once=chance.random() < 0.3)


def keep(world: World, customer: str, chance: random.Random) -> None:
    for each in living(world, customer):
        world.keep(each)


def pause(world: World, customer: str, chance: random.Random) -> None:
    for each in living(world, customer):
        world.pause(each, chance.choice(["void", "keep_as_draft", None]))


def fail(world: World, customer: str, chance: random.Random) -> None:
    world.cards[customer] = FAILING


def recover(world: World, customer: str, chance: random.Random) -> None:
    world.new_card(customer, GOOD)


def refund(world: World, customer: str, chance: random.Random) -> None:
    for charge in world.all("charge")[:1]:
        world.refund(charge, chance.randint(1, charge["amount"]))


def dispute(world: World, customer: str, chance: random.Random) -> None:
    for charge in world.all("charge")[:1]:
        world.dispute(charge)


def decide(world: World, customer: str, chance: random.Random) -> None:
    for each in world.all("dispute")[:1]:
        world.decide(each, chance.choice(["won", "lost"]))


def wait(world: World, customer: str, chance: random.Random) -> None:
    world.advance(chance.choice([0.5, 2, 8, 31]))


DEEDS: dict[str, Deed] = {
    each.__name__: each for each in (buy, change, cancel, keep, pause, fail, recover, refund, dispute, decide, wait)
}


def there(world: World) -> tuple[set[Any], set[Any]]:
    """Subscriptions and reversals as they stand at Stripe."""
    return (
        {
            (
                each["id"],
                each["status"],
                each["items"]["data"][0]["price"]["lookup_key"],
                each["items"]["data"][0]["current_period_end"],
                (each["pause_collection"] or {}).get("behavior") == "void",
                each["cancel_at_period_end"],
                each["ended_at"],
            )
            for each in world.all("subscription")
        },
        {(each["id"], each["status"], each["amount"]) for each in world.all("refund") + world.all("dispute")},
    )


def here() -> tuple[set[Any], set[Any]]:
    return (
        {
            (
                each.stripe_id,
                each.status,
                each.lookup_key,
                int(each.period_end.timestamp()),
                each.paused,
                each.cancel_at is not None,
                int(each.ended_at.timestamp()) if each.ended_at else None,
            )
            for each in Subscription.objects.all()
        },
        {(each.stripe_id, each.status, each.amount) for each in Reversal.objects.all()},
    )


@pytest.mark.django_db
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    deeds=st.lists(st.sampled_from(sorted(DEEDS)), max_size=7),
    seed=st.integers(0, 10_000),
    lost=st.sampled_from([0.0, 0.3, 1.0]),
    twice=st.sampled_from([0.0, 0.5]),
)
def test_events_may_come_twice_in_any_order_or_never(
    stripe: FakeStripe, client: Client, channel: Channel, deeds: list[str], seed: int, lost: float, twice: float
) -> None:
    for model in (Customer, StripeEvent, Reconciliation):
        model.objects.all().delete()
    world, chance = new_world(stripe), random.Random(seed)
    checkout.begin(
        channel, CREATOR, CREATOR.price("month"), acting_user=channel.broadcaster, language="en", now=BEGINNING
    )
    who = str(customer_of(channel).stripe_id)
    stripe.chance, stripe.lost, stripe.twice, stripe.shuffled = chance, lost, twice, True
    try:
        for deed in ["buy", *deeds]:
            try:
                DEEDS[deed](world, who, chance)
            except Declined:
                continue
            # Some of it is told at once, some much later.
            if chance.random() < 0.5:
                deliver(stripe, client)
        deliver(stripe, client)
    finally:
        stripe.lost, stripe.twice, stripe.shuffled = 0.0, 0.0, False

    row = reconcile.reconcile(now=world.now)

    assert here() == there(world)
    assert not row.problem
    if not lost and len(living(world, who)) < 2:
        assert row.differences == []
    paid = [each for each in living(world, who) if each["status"] in ("active", "trialing")]
    channel.refresh_from_db()
    if not paid and not any(each["status"] == "past_due" for each in world.all("subscription")):
        assert entitlements_of(channel).plan == "free"
    again = reconcile.reconcile(now=world.now)
    assert [each for each in again.differences if each["field"] != "a second one"] == []


def deliver(stripe: FakeStripe, client: Client) -> None:
    for body, headers in stripe.deliveries():
        answer = client.post("/stripe/webhook/", body, content_type="application/json", headers=headers)
        assert answer.status_code == 200
    for event in StripeEvent.objects.filter(state=StripeEvent.State.RECEIVED):
        events.look_into(event.pk, now=stripe.world.now)


def test_a_night_reports_and_heals_what_was_lost(stripe: FakeStripe, channel: Channel) -> None:
    subscribe(stripe, channel)
    stripe.outbox.clear()
    row = reconcile.reconcile(now=stripe.world.now)
    assert row.differences == [
        {
            "what": "subscription",
            "id": stripe.world.all("subscription")[0]["id"],
            "field": "all of it",
            "here": "",
            "stripe": "trialing",
        }
    ]
    assert (row.healed, row.compared) == (1, 1)
    channel.refresh_from_db()
    assert entitlements_of(channel).plan == "creator"


def test_a_second_subscription_is_reported_for_operators_to_end(stripe: FakeStripe, channel: Channel) -> None:
    subscribe(stripe, channel)
    stripe.world.complete(stripe.world.all("checkout.session")[0], GOOD)
    fields = [each["field"] for each in reconcile.reconcile(now=stripe.world.now).differences]
    assert "a second one" in fields
    assert StripeRequest.objects.filter(closed_at__isnull=True).count() == 0


def test_what_else_is_sold_from_the_account_is_nobodys_business_here(stripe: FakeStripe, channel: Channel) -> None:
    price = stripe.world.make(
        "price", "price", product="prod_mugs", lookup_key="mug", active=True, currency="usd", unit_amount=500,
        recurring={"interval": "month"}, metadata={},
    )  # fmt: skip
    session = {"_data": {}, "_price": price["id"], "customer": "cus_mugs", "success_url": ""}
    stripe.world.complete(session, GOOD)
    row = reconcile.reconcile(now=stripe.world.now)
    assert (row.compared, row.differences) == (0, [])


def test_who_pays_for_a_plan_of_nobody_is_reported(stripe: FakeStripe, channel: Channel) -> None:
    price = stripe.world.price_at("aigirl_studio_month")
    stripe.world.complete({"_data": {}, "_price": price["id"], "customer": "cus_lost", "success_url": ""}, GOOD)
    row = reconcile.reconcile(now=stripe.world.now)
    assert [each["field"] for each in row.differences] == ["all of it"]
    assert row.healed == 0


def test_a_stripe_that_is_down_breaks_the_night_off_and_says_so(stripe: FakeStripe, channel: Channel) -> None:
    stripe.api.faults.statuses = [500] * 3
    row = reconcile.reconcile(now=stripe.world.now)
    assert "APIError" in row.problem
    assert row.ended_at is not None


def test_refunds_of_what_else_is_sold_are_passed_over(stripe: FakeStripe, channel: Channel) -> None:
    charge = stripe.world.make(
        "charge", "ch", customer="cus_mugs", amount=500, amount_refunded=0, refunded=False, disputed=False,
        currency="usd",
    )  # fmt: skip
    stripe.world.refund(charge, 500)
    row = reconcile.reconcile(now=stripe.world.now)
    assert (row.compared, row.differences) == (0, [])


def test_what_stands_here_and_nowhere_at_stripe_goes(stripe: FakeStripe, channel: Channel) -> None:
    subscribe(stripe, channel)
    reconcile.reconcile(now=stripe.world.now)
    Subscription.objects.update(stripe_id="sub_of_another_account")
    row = reconcile.reconcile(now=stripe.world.now)
    assert {each["stripe"] for each in row.differences} == {"trialing", "ended"}
    assert here() == there(stripe.world)


def test_what_began_and_ended_while_nobody_listened_is_found(stripe: FakeStripe, channel: Channel) -> None:
    stripe.world.cancel(subscribe(stripe, channel), at_once=True)
    stripe.outbox.clear()
    row = reconcile.reconcile(now=stripe.world.now)
    assert [each["stripe"] for each in row.differences] == ["canceled"]
    assert here() == there(stripe.world)
