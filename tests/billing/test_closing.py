"""Who deletes a channel pays for it no longer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import TestCase
from django.utils import timezone

from billing import closing, tasks
from billing.models import ClosedCustomer, Customer, HouseDay, Reservation, StripeRequest, Subscription
from channels_app import erasure
from channels_app.models import Channel
from tests.billing.conftest import customer_of, go_to_checkout, subscribe
from tests.billing.test_budget import ask
from tests.fakes.stripe import FakeStripe

Tell = Callable[[], list[int]]


def delete(channel: Channel) -> None:
    erasure.close(channel, acting_user=channel.broadcaster)


def test_a_subscription_of_a_channel_that_is_deleted_is_not_paid_for_again(
    stripe: FakeStripe, tell: Tell, channel: Channel
) -> None:
    there = subscribe(stripe, channel)
    tell()
    delete(channel)
    closing.end_payments(customer_of(channel).pk)
    assert there["cancel_at_period_end"] is True
    assert customer_of(channel).subscriptions.get().cancel_at is not None
    asked = len(stripe.calls)
    closing.end_all_payments()
    assert len(stripe.calls) == asked, "once is enough"


def test_a_page_for_paying_that_is_still_open_is_closed(stripe: FakeStripe, channel: Channel) -> None:
    page = go_to_checkout(stripe, channel, "aigirl_creator_month")
    delete(channel)
    closing.end_payments(customer_of(channel).pk)
    assert page["status"] == "expired"
    assert StripeRequest.objects.get(kind="checkout").closed_at is not None


def test_a_stripe_that_does_not_answer_is_asked_again_by_the_sweep(
    stripe: FakeStripe, tell: Tell, channel: Channel
) -> None:
    there = subscribe(stripe, channel)
    tell()
    delete(channel)
    stripe.api.faults.hang_up = True
    closing.end_all_payments()
    assert there["cancel_at_period_end"] is False
    stripe.api.faults.hang_up = False
    closing.end_all_payments()
    assert there["cancel_at_period_end"] is True


def test_who_keeps_the_channel_keeps_the_subscription(stripe: FakeStripe, tell: Tell, channel: Channel) -> None:
    there = subscribe(stripe, channel)
    tell()
    delete(channel)
    erasure.reopen(channel, acting_user=channel.broadcaster)
    closing.end_payments(customer_of(channel).pk)
    assert there["cancel_at_period_end"] is False


@pytest.mark.django_db
def test_what_replies_of_the_channel_held_of_the_sites_ceiling_is_free_again(channel: Channel) -> None:
    ask(channel, micros=500, now=timezone.now())
    assert HouseDay.objects.get().held_micros == 500
    with TestCase.captureOnCommitCallbacks():
        delete(channel)
    assert HouseDay.objects.get().held_micros == 0
    assert not Reservation.objects.exists()


# Gone for good


@pytest.fixture
def gone(stripe: FakeStripe, tell: Tell, channel: Channel) -> str:
    """Stripe's id of a customer whose channel was just erased."""
    there = subscribe(stripe, channel)
    tell()
    channel.delete()
    return str(there["customer"])


def test_with_the_channel_goes_its_customer_at_stripe(stripe: FakeStripe, gone: str) -> None:
    tasks.close_stripe_customer(ClosedCustomer.objects.get(stripe_id=gone).pk)
    assert [each for each in stripe.world.subscriptions_of(gone) if each["ended_at"] is None] == []
    assert not ClosedCustomer.objects.exists()


def test_until_stripe_has_said_yes_it_is_asked_again(stripe: FakeStripe, gone: str) -> None:
    stripe.api.faults.hang_up = True
    closing.close_all()
    assert "APIConnectionError" in ClosedCustomer.objects.get().problem
    stripe.api.faults.hang_up = False
    closing.close_all()
    assert not ClosedCustomer.objects.exists()


def test_a_customer_who_is_gone_at_stripe_already_is_done_with(stripe: FakeStripe, gone: str) -> None:
    number = ClosedCustomer.objects.get().pk
    stripe.world.forget(gone)
    stripe.world.objects["customer"].pop(gone, None)
    for _ in range(2):
        closing.close(number)
    assert not ClosedCustomer.objects.exists()


def test_a_channel_that_never_paid_leaves_nothing_to_close(keys: None, channel: Channel) -> None:
    Customer.objects.create(channel=channel)
    channel.delete()
    assert not ClosedCustomer.objects.exists()


def test_a_subscription_that_ended_at_stripe_meanwhile_is_no_trouble(
    stripe: FakeStripe, tell: Tell, channel: Channel, before: Callable[..., None]
) -> None:
    there = subscribe(stripe, channel)
    tell()
    delete(channel)
    before("/v1/subscriptions/sub", lambda: stripe.world.cancel(there, at_once=True))
    closing.end_payments(customer_of(channel).pk)
    assert not customer_of(channel).subscriptions.filter(status__in=Subscription.LIVING).exists()
