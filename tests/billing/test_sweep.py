"""Each five minutes billing takes up what was left over; one part that fails holds up no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.test import Client
from django.utils import timezone

from billing import dunning, events, granting, tasks
from billing.models import Reconciliation, StripeEvent
from channels_app.entitlements import entitlements_of
from channels_app.limits import alone
from channels_app.models import Channel
from tests.billing.conftest import customer_of, new_world, subscribe
from tests.fakes.stripe import FakeStripe


@pytest.fixture
def lost(stripe: FakeStripe, channel: Channel) -> Channel:
    """A channel whose subscription Stripe told of, and no word of it came."""
    new_world(stripe, now=timezone.now())
    subscribe(stripe, channel)
    stripe.outbox.clear()
    return channel


def plan_of(channel: Channel) -> str:
    return entitlements_of(Channel.objects.get(pk=channel.pk)).plan


def test_what_was_lost_on_its_way_is_found_once_a_day(lost: Channel) -> None:
    tasks.sweep_billing()
    assert plan_of(lost) == "creator"
    assert Reconciliation.objects.count() == 1
    tasks.sweep_billing()
    assert Reconciliation.objects.count() == 1


def test_what_nobody_asks_for_any_more_is_forgotten_with_it(lost: Channel) -> None:
    old = timezone.now() - timedelta(days=91)
    told = StripeEvent.objects.create(
        stripe_id="evt_1", type="invoice.paid", made_at=old, received_at=old, state="done"
    )
    tasks.sweep_billing()
    assert not StripeEvent.objects.filter(pk=told.pk).exists()


def test_a_part_that_fails_holds_up_no_other(lost: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*, now: object) -> None:
        raise RuntimeError

    broken.__name__ = "remind_all"
    monkeypatch.setattr(dunning, "remind_all", broken)
    tasks.sweep_billing()
    assert plan_of(lost) == "creator"


def test_two_workers_do_not_sweep_at_once(lost: Channel) -> None:
    with alone("sweep_billing", 60):
        tasks.sweep_billing()
    assert plan_of(lost) != "creator"


def test_a_site_that_sells_nothing_asks_no_stripe(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(granting, "grant_all", lambda now: asked.append("plans"))
    monkeypatch.setattr(events, "look_into_all", lambda now: asked.append("Stripe"))
    monkeypatch.setattr(granting.grant_all, "__name__", "grant_all", raising=False)
    tasks.sweep_billing()
    assert asked == ["plans"]


def test_the_web_process_reaches_each_deed_by_its_name(stripe: FakeStripe, channel: Channel, client: Client) -> None:
    there = subscribe(stripe, channel)
    for body, headers in stripe.deliveries():
        client.post("/stripe/webhook/", body, content_type="application/json", headers=headers)
    for event in StripeEvent.objects.all():
        current_app.tasks["apply_stripe_event"](event.pk)
    assert plan_of(channel) == "creator"
    Channel.objects.filter(pk=channel.pk).update(erase_after=timezone.now())
    current_app.tasks["end_payments"](customer_of(channel).pk)
    assert there["cancel_at_period_end"] is True
