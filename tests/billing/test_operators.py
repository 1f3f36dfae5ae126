"""What operators give, are told of, and leave to the sweep; and that nobody pays for a channel that is gone."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import actions, catalogue, closing, granting, plans, reconcile, tasks, telling
from billing.entitlements import Credit
from billing.models import (
    ClosedCustomer,
    Customer,
    PlanOverride,
    Reconciliation,
    Reversal,
    StripeEvent,
    StripeRequest,
    Subscription,
)
from channels_app.actions import Refused
from channels_app.entitlements import entitlements_of
from channels_app.limits import alone
from channels_app.models import AuditEvent, Channel, User
from tests import factories
from tests.billing.conftest import customer_of, subscribe
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe_world import GOOD

Tell = Callable[[], list[int]]


@pytest.fixture
def olga(db: None) -> User:
    """An operator."""
    return factories.user("Olga", is_staff=True)


def granted(channel: Channel) -> Any:
    channel.refresh_from_db()
    return entitlements_of(channel)


# Overrides


def test_a_plan_is_given_until_a_day_and_its_end_comes_by_itself(keys: None, channel: Channel, olga: User) -> None:
    now = timezone.now()
    end = now + timedelta(days=3)
    actions.override_plan(channel, acting_user=olga, plan="studio", until=end, reason="a contest", now=now)
    assert granted(channel).plan == "studio"
    assert granting.grant_all(now=end) == 1
    assert granted(channel).plan == "free"
    told = AuditEvent.objects.get(channel=channel, action="plan.overridden")
    assert (told.actor, told.detail["reason"]) == (olga, "a contest")


def test_credit_is_added_and_taken_back(keys: None, channel: Channel, olga: User) -> None:
    made = actions.override_plan(channel, acting_user=olga, reason="an outage", credit=Credit(replies=500))
    assert (granted(channel).plan, granted(channel).replies) == ("free", 1100)
    for _twice in range(2):
        actions.end_override(made, acting_user=olga)
    assert granted(channel).replies == 600
    assert PlanOverride.objects.get().until is not None
    assert AuditEvent.objects.filter(action="plan.override_ended").count() == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"plan": "gold"}, "no plan of this name"),
        ({}, "something to add"),
        ({"plan": "studio", "until": timezone.now() - timedelta(days=1)}, "in the past"),
    ],
)
def test_what_gives_nothing_is_refused(channel: Channel, olga: User, wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        actions.override_plan(channel, acting_user=olga, reason="", **wrong)


# Granting


def test_a_site_without_keys_gives_every_channel_everything_again(keys: None, channel: Channel, settings: Any) -> None:
    granting.grant_all(now=timezone.now())
    assert granted(channel).plan == "free"
    settings.ENV = settings.ENV.model_copy(update={"STRIPE_SECRET_KEY": type(settings.ENV.STRIPE_SECRET_KEY)("")})
    tasks.sweep_billing()
    channel.refresh_from_db()
    assert channel.entitlements == {}


def test_a_grant_that_changes_nothing_writes_nothing(keys: None, channel: Channel) -> None:
    now = timezone.now()
    assert granting.grant(channel, now=now)
    assert not granting.grant(channel, now=now)
    assert granting.grant_all(now=now) == 0
    assert AuditEvent.objects.filter(channel=channel, action="plan.changed").count() == 1


# Being told


def test_operators_are_told_of_a_dispute_once(
    stripe: FakeStripe, channel: Channel, tell: Tell, olga: User, mails: None, mailoutbox: list[Any]
) -> None:
    subscribe(stripe, channel)
    stripe.world.advance(8)
    stripe.world.dispute(stripe.world.all("charge")[0])
    tell()
    telling.tell_untold()
    telling.tell_untold()
    telling.reversal_is_here(Reversal.objects.get().pk)
    assert [(mail.subject, mail.to) for mail in mailoutbox] == [
        (f"AI Girl: Dispute of 12.00 USD on the channel {channel.login}", ["olga@example.com"])
    ]


def test_operators_are_told_when_the_mail_server_is_back(
    stripe: FakeStripe,
    channel: Channel,
    tell: Tell,
    olga: User,
    mails: None,
    mailoutbox: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_args: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    subscribe(stripe, channel)
    stripe.world.advance(8)
    stripe.world.refund(stripe.world.all("charge")[0], 100)
    tell()
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", refuse)
        telling.tell_untold()
    assert Reversal.objects.get().told_at is None
    telling.tell_untold()
    assert len(mailoutbox) == 1


def test_a_dispute_is_told_when_it_stands_in_the_database(
    stripe: FakeStripe,
    channel: Channel,
    tell: Tell,
    olga: User,
    mails: None,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    subscribe(stripe, channel)
    stripe.world.advance(8)
    stripe.world.dispute(stripe.world.all("charge")[0])
    with django_capture_on_commit_callbacks(execute=True):
        tell()
    assert len(mailoutbox) == 1


def test_a_night_with_differences_is_told_and_a_quiet_one_is_not(
    stripe: FakeStripe, channel: Channel, olga: User, mails: None, mailoutbox: list[Any]
) -> None:
    subscribe(stripe, channel)
    reconcile.reconcile(now=stripe.world.now)
    reconcile.reconcile(now=stripe.world.now)
    assert [mail.subject for mail in mailoutbox] == ["AI Girl: Stripe and this site differed in 1 places"]


def test_without_operators_with_an_address_the_log_tells(
    stripe: FakeStripe, channel: Channel, mails: None, mailoutbox: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    subscribe(stripe, channel)
    reconcile.reconcile(now=stripe.world.now)
    assert mailoutbox == []
    assert "differed in 1 places" in caplog.text


# The sweep


def test_the_sweep_takes_up_what_is_left_and_compares_once_a_day(stripe: FakeStripe, channel: Channel) -> None:
    subscribe(stripe, channel)
    Reconciliation.objects.create(begun_at=timezone.now() - timedelta(days=91))
    old = {"customer": customer_of(channel), "kind": StripeRequest.Kind.PORTAL, "subject": ""}
    StripeRequest.objects.create(**old, asked_at=timezone.now() - timedelta(days=91))
    moment = {"type": "invoice.paid", "made_at": timezone.now(), "received_at": timezone.now() - timedelta(days=91)}
    for state in (StripeEvent.State.DONE, StripeEvent.State.FAILED):
        StripeEvent.objects.create(stripe_id=f"evt_{state}", state=state, **moment)
    tasks.sweep()
    tasks.sweep()
    assert Subscription.objects.get().status == "trialing"
    assert [row.healed for row in Reconciliation.objects.all()] == [1]
    assert list(StripeEvent.objects.values_list("state", flat=True)) == ["failed"]
    assert not StripeRequest.objects.filter(kind=StripeRequest.Kind.PORTAL).exists()


def test_a_part_that_fails_holds_up_no_other(
    stripe: FakeStripe, channel: Channel, mails: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_args: Any) -> int:
        raise RuntimeError("nobody thought of this")

    subscribe(stripe, channel)
    times = dict.fromkeys(("begun_at", "period_start", "period_end", "past_due_since"), timezone.now())
    Subscription.objects.create(
        customer=customer_of(channel), stripe_id="sub_late", item_id="si_late", status="past_due", **times
    )
    monkeypatch.setattr(EmailBackend, "send_messages", break_down)
    tasks.sweep()
    assert "the sweep of billing failed in remind_all" in caplog.text
    assert Reconciliation.objects.count() == 1


# A channel that goes


def test_a_channel_that_goes_is_paid_for_no_more(
    stripe: FakeStripe,
    channel: Channel,
    tell: Tell,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    from celery import current_app

    sent: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **options: sent.append((name, args)))
    there = subscribe(stripe, channel)
    tell()
    with django_capture_on_commit_callbacks(execute=True):
        channel.delete()
    closed = ClosedCustomer.objects.get()
    assert sent == [("close_stripe_customer", (closed.pk,))]
    stripe.api.faults.statuses = [500] * 3
    tasks.close_stripe_customer(closed.pk)
    assert ClosedCustomer.objects.get().problem.startswith("APIError")
    closing.close_all()
    assert there["status"] == "canceled"
    assert not ClosedCustomer.objects.exists()
    closing.close(closed.pk)


def test_a_customer_who_is_gone_at_stripe_already_is_closed(stripe: FakeStripe, channel: Channel) -> None:
    ClosedCustomer.objects.create(stripe_id="cus_nobody", asked_at=timezone.now())
    closing.close_all()
    assert not ClosedCustomer.objects.exists()


def test_a_channel_that_never_paid_leaves_nothing_to_close(channel: Channel) -> None:
    Customer.objects.create(channel=channel)
    channel.delete()
    assert not ClosedCustomer.objects.exists()


# The catalogue


def command(*options: str) -> str:
    out = StringIO()
    call_command("stripe_catalogue", *options, stdout=out)
    return out.getvalue()


def test_the_catalogue_is_made_once(stripe: FakeStripe) -> None:
    assert command() == "Stripe (test mode) sells what the catalogue says.\n"
    assert command("--check") == "Stripe (test mode) sells what the catalogue says.\n"
    assert len(stripe.world.all("product")) == 2
    assert len(stripe.world.all("price")) == 4
    offered = stripe.world.all("billing_portal.configuration")[0]["features"]["subscription_update"]["products"]
    assert [len(each["prices"]) for each in offered.values()] == [2, 2]


def test_what_is_missing_is_said_and_not_made_by_a_check(stripe: FakeStripe) -> None:
    stripe.world.objects["price"].clear()
    stripe.world.objects["product"].clear()
    with pytest.raises(SystemExit):
        command("--check")
    assert not stripe.world.objects["product"]


def test_a_stripe_that_is_down_ends_the_command_with_a_word(stripe: FakeStripe) -> None:
    stripe.api.faults.statuses = [500] * 3
    with pytest.raises(CommandError, match="Stripe could not be asked"):
        command()


def test_without_a_key_the_command_says_so(db: None) -> None:
    with pytest.raises(CommandError, match="no key for Stripe"):
        command()


def test_a_price_that_changed_is_made_anew_and_who_pays_the_old_one_keeps_the_plan(
    stripe: FakeStripe, channel: Channel, tell: Tell
) -> None:
    there = subscribe(stripe, channel)
    there["items"]["data"][0]["price"]["unit_amount"] = 900
    assert "price aigirl_creator_month: 12.00 usd a month" in command()
    assert there["items"]["data"][0]["price"]["lookup_key"] is None
    tell()
    assert granted(channel).plan == "creator"
    assert catalogue.publish() == []
    assert plans.price_of("aigirl_creator_month")
    assert stripe.world.cards[there["customer"]] == GOOD


# The admin


def test_operators_can_read_all_of_it_and_change_nothing(
    stripe: FakeStripe, channel: Channel, tell: Tell, client: Client
) -> None:
    subscribe(stripe, channel)
    stripe.world.advance(8)
    stripe.world.refund(stripe.world.all("charge")[0], 100)
    tell()
    client.force_login(factories.user("Root", is_staff=True, is_superuser=True))
    actions.override_plan(channel, acting_user=channel.broadcaster, plan="studio", reason="a contest")
    reconcile.reconcile(now=stripe.world.now)
    ClosedCustomer.objects.create(stripe_id="cus_gone", asked_at=timezone.now())
    for model in (Customer, Subscription, Reversal, PlanOverride, StripeEvent, ClosedCustomer, Reconciliation):
        name = model._meta.model_name
        row = model._default_manager.first()
        assert row
        assert client.get(reverse(f"admin:billing_{name}_changelist")).status_code == 200
        page = client.get(reverse(f"admin:billing_{name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert str(row).split(" ")[0] in page.content.decode()
        assert 'name="_save"' not in page.content.decode()


def test_one_sweep_at_a_time(stripe: FakeStripe, channel: Channel) -> None:
    with alone("sweep_billing", 60) as mine:
        assert mine
        tasks.sweep_billing()
    assert not Reconciliation.objects.exists()
    tasks.sweep_billing()
    assert Reconciliation.objects.count() == 1
