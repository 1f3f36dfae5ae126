"""What operators are told of by mail: money that went back, and a night on which Stripe and this site did not agree."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend

from billing import reconcile, telling
from billing.models import Reversal
from channels_app.models import Channel
from tests import factories
from tests.billing.conftest import subscribe
from tests.fakes.stripe import FakeStripe

Tell = Callable[[], list[int]]


@pytest.fixture
def operator(channel: Channel) -> str:
    return factories.user("Olga", is_staff=True).email


@pytest.fixture
def disputed(stripe: FakeStripe, channel: Channel, tell: Tell, operator: str) -> Reversal:
    """A payment that the bank wants back; nobody could be told of it yet."""
    subscribe(stripe, channel)
    stripe.world.advance(8)
    stripe.world.dispute(stripe.world.all("charge")[0])
    tell()
    return Reversal.objects.get()


def test_a_dispute_is_told_once(disputed: Reversal, mails: None, mailoutbox: list[Any], operator: str) -> None:
    for _ in range(2):
        telling.reversal_is_here(disputed.pk)
    (mail,) = mailoutbox
    assert mail.to == [operator]
    assert mail.subject == f"AI Girl: Dispute of 12.00 USD on the channel {disputed.customer.channel.login}"
    assert f"/admin/billing/customer/{disputed.customer_id}/change/" in mail.body


def test_without_a_way_to_send_the_sweep_tells_it_later(
    disputed: Reversal, mails: None, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", refuse)
        telling.tell_untold()
    assert mailoutbox == []
    telling.tell_untold()
    assert len(mailoutbox) == 1


def test_a_night_with_differences_is_told_and_a_quiet_one_is_not(
    stripe: FakeStripe, channel: Channel, operator: str, mails: None, mailoutbox: list[Any]
) -> None:
    subscribe(stripe, channel)
    stripe.outbox.clear()
    for _night in range(2):
        reconcile.reconcile(now=stripe.world.now)
    (mail,) = mailoutbox
    assert mail.subject == "AI Girl: Stripe and this site differed in 1 places"
    assert "Healed: 1." in mail.body
