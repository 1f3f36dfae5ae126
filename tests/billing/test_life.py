"""A customer's whole life, told by signed events from a Stripe on loopback that the real client asks back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from billing import dunning, granting, portal
from billing.models import Subscription
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel
from tests.billing.conftest import customer_of, go_to_checkout, subscribe
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe_world import FAILING, GOOD

Tell = Callable[[], list[int]]


def plan_of(channel: Channel) -> str:
    channel.refresh_from_db()
    return entitlements_of(channel).plan


def state(channel: Channel) -> Subscription:
    return customer_of(channel).subscriptions.latest("begun_at")


def pass_days(stripe: FakeStripe, tell: Tell, days: float) -> None:
    """Time goes by, at Stripe and here: what it tells is heard, and the sweep comes round."""
    stripe.world.advance(days)
    tell()
    granting.grant_all(now=stripe.world.now)


def test_trial_paid_failed_grace_recovered_upgraded_yearly_cancelled_and_back(
    stripe: FakeStripe, tell: Tell, channel: Channel, mails: None, mailoutbox: list[Any]
) -> None:
    # Without a subscription: the free plan.
    granting.grant(channel, now=stripe.world.now)
    assert plan_of(channel) == "free"

    # Trial.
    there = subscribe(stripe, channel)
    assert tell() == [200] * 4
    assert (plan_of(channel), state(channel).status) == ("creator", "trialing")

    # Paid.
    pass_days(stripe, tell, 8)
    assert (plan_of(channel), state(channel).status) == ("creator", "active")

    # The card fails a month later: grace.
    stripe.world.cards[there["customer"]] = FAILING
    pass_days(stripe, tell, 30)
    assert (plan_of(channel), state(channel).status) == ("creator", "past_due")
    dunning.remind_all(now=stripe.world.now)
    assert [mail.subject for mail in mailoutbox] == ["Your payment for AI Girl did not go through"]

    # Grace is over: the free plan, and nothing else is lost.
    pass_days(stripe, tell, 7)
    assert (plan_of(channel), state(channel).status) == ("free", "past_due")

    # Recovered with another card.
    url = portal.enter(channel, acting_user=channel.broadcaster, wish=portal.CARD, now=stripe.world.now)
    assert url.startswith(f"{stripe.url}/portal/")
    stripe.world.new_card(there["customer"], GOOD)
    tell()
    assert (plan_of(channel), state(channel).status) == ("creator", "active")

    # Upgraded with proration: what is left of the month is set off.
    portal.enter(channel, acting_user=channel.broadcaster, wish="aigirl_studio_month", now=stripe.world.now)
    asked = next(call for call in reversed(stripe.calls) if call.path == "billing_portal/sessions")
    assert asked.values["flow_data"]["subscription_update_confirm"]["subscription"] == there["id"]
    due = stripe.world.change(there, stripe.world.price_at("aigirl_studio_month"))
    assert 0 < due < 2900 - 1200
    tell()
    assert plan_of(channel) == "studio"

    # By the year.
    stripe.world.change(there, stripe.world.price_at("aigirl_studio_year"))
    tell()
    assert (plan_of(channel), state(channel).lookup_key) == ("studio", "aigirl_studio_year")
    assert (state(channel).period_end - state(channel).period_start).days == 365

    # Cancelled: until the end of what is paid, then free.
    stripe.world.cancel(there)
    tell()
    assert (plan_of(channel), state(channel).cancel_at) == ("studio", state(channel).period_end)
    pass_days(stripe, tell, 366)
    assert (plan_of(channel), state(channel).status) == ("free", "canceled")

    # And back, without a second trial.
    session = go_to_checkout(stripe, channel, "aigirl_creator_month")
    assert "trial_period_days" not in session["_data"]
    stripe.world.complete(session, GOOD)
    tell()
    assert (plan_of(channel), state(channel).status) == ("creator", "active")


def test_a_trial_without_a_card_ends_by_itself(stripe: FakeStripe, tell: Tell, channel: Channel) -> None:
    subscribe(stripe, channel, card="")
    tell()
    assert plan_of(channel) == "creator"
    pass_days(stripe, tell, 8)
    assert (plan_of(channel), state(channel).status) == ("free", "canceled")


def test_a_card_that_never_pays_ends_the_subscription_at_stripe_and_here(
    stripe: FakeStripe, tell: Tell, channel: Channel
) -> None:
    there = subscribe(stripe, channel)
    stripe.world.cards[there["customer"]] = FAILING
    pass_days(stripe, tell, 24)
    assert (plan_of(channel), state(channel).status) == ("free", "canceled")


def test_a_second_failed_month_begins_no_new_grace(stripe: FakeStripe, tell: Tell, channel: Channel) -> None:
    there = subscribe(stripe, channel)
    pass_days(stripe, tell, 8)
    stripe.world.cards[there["customer"]] = FAILING
    pass_days(stripe, tell, 30)
    first = state(channel).past_due_since
    there["items"]["data"][0]["current_period_end"] = stripe.world.stamp + 86_400
    pass_days(stripe, tell, 2)
    assert state(channel).past_due_since == first


def test_a_pause_takes_the_plan_away_only_where_the_service_pauses_too(
    stripe: FakeStripe, tell: Tell, channel: Channel
) -> None:
    there = subscribe(stripe, channel)
    for behavior, plan in (("void", "free"), ("keep_as_draft", "creator"), (None, "creator")):
        stripe.world.pause(there, behavior)
        tell()
        assert plan_of(channel) == plan


def test_a_dispute_takes_the_plan_until_it_is_won(
    stripe: FakeStripe, tell: Tell, channel: Channel, mails: None, mailoutbox: list[Any]
) -> None:
    from tests import factories

    factories.user("Olga", is_staff=True)
    subscribe(stripe, channel)
    pass_days(stripe, tell, 8)
    charge = stripe.world.all("charge")[0]
    inquiry = stripe.world.dispute(charge, "warning_needs_response")
    tell()
    assert plan_of(channel) == "creator"
    stripe.world.decide(inquiry, "warning_closed")
    dispute = stripe.world.dispute(charge)
    tell()
    assert plan_of(channel) == "free"
    stripe.world.decide(dispute, "won")
    tell()
    assert plan_of(channel) == "creator"


def test_a_lost_dispute_holds_until_the_next_period_is_paid(stripe: FakeStripe, tell: Tell, channel: Channel) -> None:
    subscribe(stripe, channel)
    pass_days(stripe, tell, 8)
    stripe.world.decide(stripe.world.dispute(stripe.world.all("charge")[0]), "lost")
    tell()
    assert plan_of(channel) == "free"
    pass_days(stripe, tell, 30)
    assert plan_of(channel) == "creator"


def test_a_refund_is_marked_and_takes_nothing_away(stripe: FakeStripe, tell: Tell, channel: Channel) -> None:
    subscribe(stripe, channel)
    pass_days(stripe, tell, 8)
    stripe.world.refund(stripe.world.all("charge")[0], 500)
    tell()
    found = customer_of(channel).reversals.get()
    assert (found.kind, found.amount, found.status) == ("refund", 500, "succeeded")
    assert plan_of(channel) == "creator"


def test_a_customer_who_was_deleted_at_stripe_can_come_back(stripe: FakeStripe, tell: Tell, channel: Channel) -> None:
    there = subscribe(stripe, channel)
    tell()
    stripe.world.forget(there["customer"])
    tell()
    assert (plan_of(channel), state(channel).status) == ("free", "canceled")
    assert customer_of(channel).stripe_id is None
    stripe.world.complete(go_to_checkout(stripe, channel, "aigirl_creator_month"), GOOD)
    tell()
    assert plan_of(channel) == "creator"
