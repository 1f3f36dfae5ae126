"""Mails about a failed payment: the right day, the right language, once each, and only where there is a way to send."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend

from billing import dunning
from billing.models import Customer, DunningMail, Subscription
from channels_app.models import Channel, User
from tests.billing.conftest import subscribe
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe_world import FAILING, GOOD

Tell = Callable[[], list[int]]


@pytest.fixture
def overdue(stripe: FakeStripe, channel: Channel, tell: Tell) -> datetime:
    """When the payment failed."""
    there = subscribe(stripe, channel)
    stripe.world.cards[there["customer"]] = FAILING
    stripe.world.advance(7)
    tell()
    since = Subscription.objects.get().past_due_since
    assert since
    return since


def subjects(mailoutbox: list[Any]) -> list[str]:
    return [mail.subject for mail in mailoutbox]


def test_on_day_0_3_and_6_and_no_more(overdue: datetime, mails: None, mailoutbox: list[Any]) -> None:
    for hours in range(0, 24 * 9, 6):
        dunning.remind_all(now=overdue + timedelta(hours=hours))
        dunning.remind_all(now=overdue + timedelta(hours=hours))
    failed, last = "Your payment for AI Girl did not go through", "Tomorrow your channel falls back to the free plan"
    assert subjects(mailoutbox) == [failed, failed, last]
    text = mailoutbox[0].body
    assert "Hello Alice," in text
    assert "Creator" in text
    assert "16 March 2026" in text
    assert "/billing/" in text
    assert mailoutbox[0].to == ["alice@example.com"]
    assert "last reminder" not in text
    assert "last reminder" in mailoutbox[2].body


def test_in_the_language_of_the_broadcaster(overdue: datetime, mails: None, mailoutbox: list[Any]) -> None:
    Customer.objects.update(language="ru")
    dunning.remind_all(now=overdue)
    assert mailoutbox[0].subject == "Оплата AI Girl не прошла"
    assert "Здравствуйте, Alice!" in mailoutbox[0].body
    assert "16 марта 2026" in mailoutbox[0].body


def test_days_that_nobody_swept_are_passed_over(overdue: datetime, mails: None, mailoutbox: list[Any]) -> None:
    dunning.remind_all(now=overdue + timedelta(days=4))
    assert len(mailoutbox) == 1
    assert [(each.day, each.outcome) for each in DunningMail.objects.order_by("day")] == [(0, "passed"), (3, "sent")]


def test_a_mail_that_did_not_leave_is_tried_again(
    overdue: datetime, mails: None, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", refuse)
        assert dunning.remind_all(now=overdue) == 0
    assert dunning.remind_all(now=overdue) == 1
    assert len(mailoutbox) == 1


def test_without_a_mail_server_nothing_counts_as_sent(overdue: datetime, mailoutbox: list[Any]) -> None:
    assert dunning.remind_all(now=overdue) == 0
    assert not DunningMail.objects.exists()
    assert mailoutbox == []


def test_who_has_no_address_is_remembered_as_not_reached(overdue: datetime, mails: None, mailoutbox: list[Any]) -> None:
    User.objects.update(email="")
    assert dunning.remind_all(now=overdue) == 0
    assert [each.outcome for each in DunningMail.objects.all()] == ["no address"]


def test_a_new_failure_has_mails_of_its_own(
    overdue: datetime, stripe: FakeStripe, tell: Tell, mails: None, mailoutbox: list[Any]
) -> None:
    dunning.remind_all(now=overdue)
    who = Customer.objects.get().stripe_id
    assert who
    stripe.world.new_card(who, GOOD)
    stripe.world.cards[who] = FAILING
    stripe.world.advance(31)
    tell()
    dunning.remind_all(now=stripe.world.now)
    assert len(mailoutbox) == 2
