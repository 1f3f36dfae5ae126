"""The door for Stripe: what is let in, what is not, and what becomes of what was kept."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pydantic import SecretStr

from aigirl_site.env import ROOT
from billing import actions, events, sync, tasks, webhooks
from billing.models import Customer, StripeEvent, Subscription
from channels_app.models import Channel
from tests.billing.conftest import customer_of, subscribe
from tests.fakes.stripe import FakeStripe

State = StripeEvent.State
Before = Callable[..., None]


@pytest.fixture
def event(stripe: FakeStripe, channel: Channel) -> dict[str, Any]:
    """Somebody subscribed, and Stripe tells."""
    subscribe(stripe, channel)
    told = stripe.outbox[0]
    stripe.outbox.clear()
    return told


def post(client: Client, body: str, headers: dict[str, str]) -> int:
    return client.post("/stripe/webhook/", body, content_type="application/json", headers=headers).status_code


def test_the_same_event_is_kept_once(stripe: FakeStripe, client: Client, event: dict[str, Any]) -> None:
    assert [post(client, *stripe.signed(event)) for _ in range(3)] == [200] * 3
    kept = StripeEvent.objects.get()
    assert (kept.stripe_id, kept.type, kept.state) == (event["id"], "customer.subscription.created", State.RECEIVED)


def test_what_stripe_did_not_sign_is_refused(stripe: FakeStripe, client: Client, event: dict[str, Any]) -> None:
    body, headers = stripe.signed(event)
    refused = [
        (body.replace("trialing", "active"), headers),
        (body, {}),
        (body, {"Stripe-Signature": "nonsense"}),
        stripe.signed(event, secret="whsec_of_somebody_else"),
        stripe.signed(event, at=time.time() - 400),
        stripe.signed({"object": "event"}),
        stripe.signed([]),  # type: ignore[arg-type]
    ]
    assert [post(client, *each) for each in refused] == [400] * len(refused)
    assert not StripeEvent.objects.exists()


def test_bytes_that_are_no_text_are_refused(stripe: FakeStripe, client: Client) -> None:
    answer = client.post(
        "/stripe/webhook/", b"\xff\xfe", content_type="application/json", headers={"Stripe-Signature": "t=1,v1=a"}
    )
    assert answer.status_code == 400


def test_without_a_webhook_secret_nothing_is_let_in(
    stripe: FakeStripe, client: Client, event: dict[str, Any], settings: Any
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"STRIPE_WEBHOOK_SECRET": SecretStr("")})
    assert post(client, *stripe.signed(event)) == 400


@pytest.mark.parametrize(
    "other", [{"livemode": True}, {"api_version": "2017-08-15"}, {"api_version": None}, {"account": "acct_1"}]
)
def test_what_cannot_be_for_this_site_is_refused(
    stripe: FakeStripe, client: Client, event: dict[str, Any], other: dict[str, Any]
) -> None:
    assert post(client, *stripe.signed(event | other)) == 400
    assert not StripeEvent.objects.exists()


def test_what_is_too_long_is_refused_before_it_is_read(stripe: FakeStripe, client: Client) -> None:
    assert post(client, *stripe.signed({"id": "x" * webhooks.MOST_BYTES})) == 413


def test_other_events_are_answered_and_not_kept(stripe: FakeStripe, client: Client, event: dict[str, Any]) -> None:
    assert post(client, *stripe.signed(event | {"type": "payout.paid"})) == 200
    assert not StripeEvent.objects.exists()


def test_only_a_webhook_is_let_in(client: Client, db: None) -> None:
    assert client.get("/stripe/webhook/").status_code == 405


def test_a_worker_is_sent_to_look_when_the_event_stands_in_the_database(
    stripe: FakeStripe,
    client: Client,
    event: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sent: list[Any] = []
    from celery import current_app

    monkeypatch.setattr(current_app, "send_task", lambda name, args, **options: sent.append((name, args, options)))
    with django_capture_on_commit_callbacks(execute=True):
        assert post(client, *stripe.signed(event)) == 200
        assert not sent
        post(client, *stripe.signed(event))
    kept = StripeEvent.objects.get()
    assert sent == [("apply_stripe_event", (kept.pk,), {"queue": "live", "expires": webhooks.TASK_LIFE})]
    tasks.apply_stripe_event(kept.pk)
    kept.refresh_from_db()
    assert kept.state == State.DONE


def test_an_event_about_nobody_here_is_put_aside(stripe: FakeStripe, client: Client, event: dict[str, Any]) -> None:
    Customer.objects.all().delete()
    post(client, *stripe.signed(event))
    events.look_into(StripeEvent.objects.get().pk)
    assert StripeEvent.objects.get().state == State.IGNORED


def kept(stripe: FakeStripe, client: Client, event: dict[str, Any]) -> StripeEvent:
    """The event an hour later, when no worker took it."""
    post(client, *stripe.signed(event))
    StripeEvent.objects.update(received_at=timezone.now() - timedelta(hours=1))
    return StripeEvent.objects.get()


def test_what_stripe_could_not_answer_the_sweep_asks_again(
    stripe: FakeStripe, client: Client, event: dict[str, Any]
) -> None:
    waiting = kept(stripe, client, event)
    stripe.api.faults.statuses = [500] * 3
    events.look_into(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (State.RECEIVED, 1)
    assert waiting.problem.startswith("APIError")
    assert events.look_into_all(now=timezone.now()) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == (State.DONE, "")
    assert Subscription.objects.get().status == "trialing"


def test_a_connection_that_breaks_is_tried_again_at_once(
    stripe: FakeStripe, client: Client, event: dict[str, Any]
) -> None:
    waiting = kept(stripe, client, event)
    stripe.api.faults.hang_up = True
    events.look_into(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == (State.RECEIVED, "APIConnectionError")
    assert len([call for call in stripe.calls if call.path.startswith("customers/")]) == 3


def test_what_stripe_refuses_is_over_until_an_operator_has_it_looked_into_again(
    stripe: FakeStripe, client: Client, event: dict[str, Any]
) -> None:
    waiting = kept(stripe, client, event)
    stripe.api.faults.statuses = [403]
    events.look_into(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    actions.replay_event(waiting)
    events.look_into(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == State.DONE


def test_after_a_day_of_trying_an_event_is_over(stripe: FakeStripe, client: Client, event: dict[str, Any]) -> None:
    waiting = kept(stripe, client, event)
    StripeEvent.objects.update(attempts=events.MOST_ATTEMPTS - 1)
    stripe.api.faults.statuses = [500] * 3
    events.look_into(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED


# One at a time


def test_while_somebody_asks_stripe_another_only_says_that_it_must_be_asked_again(
    stripe: FakeStripe, client: Client, channel: Channel, event: dict[str, Any]
) -> None:
    waiting = kept(stripe, client, event)
    customer = customer_of(channel)
    Customer.objects.update(syncing_until=timezone.now() + sync.CLAIM)
    events.look_into(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, stripe.calls[-1].method) == (State.RECEIVED, "POST")
    assert customer_of(channel).wanted == customer.wanted + 1
    # Who held it died: after a while another may.
    Customer.objects.update(syncing_until=timezone.now() - timedelta(seconds=1))
    events.look_into(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == State.DONE


def test_what_happens_while_stripe_is_asked_is_asked_for_in_the_same_go(
    stripe: FakeStripe, channel: Channel, event: dict[str, Any], before: Before
) -> None:
    """Its subscriptions are listed before its payments: what happens between is not in the first answer."""
    told: list[bool] = []

    def cancelled() -> None:
        stripe.world.cancel(stripe.world.all("subscription")[0])
        told.append(sync.sync_customer(customer_of(channel).pk))

    before("/v1/charges", cancelled)
    assert sync.sync_customer(customer_of(channel).pk)
    assert told == [False]
    assert Subscription.objects.get().cancel_at is not None
    assert customer_of(channel).syncing_until is None


def test_who_lost_the_claim_writes_nothing(
    stripe: FakeStripe, channel: Channel, event: dict[str, Any], before: Before
) -> None:
    later = timezone.now() + timedelta(hours=1)
    before("/v1/charges", lambda: Customer.objects.update(syncing_until=later))
    sync.sync_customer(customer_of(channel).pk)
    assert not Subscription.objects.exists()
    assert customer_of(channel).syncing_until == later


def test_who_lost_the_claim_between_two_rounds_asks_no_more(
    stripe: FakeStripe, channel: Channel, event: dict[str, Any], before: Before
) -> None:
    Customer.objects.update(syncing_until=timezone.now() + sync.CLAIM)
    assert sync._once(customer_of(channel).pk, timezone.now(), timezone.now())
    assert not Subscription.objects.exists()


def test_a_customer_that_is_always_wanted_is_let_go_of(
    stripe: FakeStripe, channel: Channel, event: dict[str, Any], before: Before
) -> None:
    before("/v1/charges", lambda: sync.sync_customer(customer_of(channel).pk), times=50)
    assert sync.sync_customer(customer_of(channel).pk)
    assert customer_of(channel).syncing_until is None
    assert len([call for call in stripe.calls if call.path == "charges"]) == sync.ROUNDS


def test_a_customer_that_was_never_at_stripe_needs_no_asking(stripe: FakeStripe, channel: Channel) -> None:
    assert sync.sync_customer(Customer.objects.create(channel=channel).pk)
    assert stripe.calls == []


def test_the_page_for_operators_names_every_event_and_no_other() -> None:
    section = (ROOT / "docs" / "billing.md").read_text().split("### Events\n", 1)[1].split("\n## ", 1)[0]
    assert set(re.findall(r"`([a-z_.]+)`", section)) == set(webhooks.EVENTS)
