"""What operators are told of by mail, in English as their admin is: money that went back, and a night on which Stripe
and this site did not agree."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from billing.models import Reconciliation, Reversal
from channels_app.models import User

log = logging.getLogger(__name__)


def reversal_is_here(reversal_pk: int) -> None:
    """Once for each refund or dispute; what could not be sent, the sweep tries again."""
    reversal = Reversal.objects.select_related("customer__channel").filter(pk=reversal_pk, told_at=None).first()
    if reversal is None:
        return
    channel = reversal.customer.channel
    amount = f"{reversal.amount / 100:.2f} {reversal.currency.upper()}"
    kind = Reversal.Kind(reversal.kind).name.capitalize()
    page = f"{settings.SITE_URL}/admin/billing/customer/{reversal.customer_id}/change/"
    subject = f"{kind} of {amount} on the channel {channel.login}"
    text = f"{subject}: {reversal.status}. While a dispute stands the channel has the free plan. Its page: {page}"
    if _send(subject, text):
        Reversal.objects.filter(pk=reversal_pk).update(told_at=timezone.now())


def tell_untold(**_when: Any) -> None:
    """What the first try did not reach anybody with."""
    for reversal_pk in Reversal.objects.filter(told_at=None).values_list("pk", flat=True)[:50]:
        reversal_is_here(reversal_pk)


def reconciliation_is_here(row: Reconciliation) -> None:
    """Only where there is something to say."""
    if not row.differences and not row.problem:
        return
    page = f"{settings.SITE_URL}/admin/billing/reconciliation/{row.pk}/change/"
    subject = f"Stripe and this site differed in {len(row.differences)} places"
    text = f"Healed: {row.healed}. {row.problem} All of them: {page}"
    _send(subject, text)


def _send(subject: str, text: str) -> bool:
    """Whether it went out. Without a mail server, or an operator with an address, the log is all there is."""
    log.warning("%s", subject)
    operators = list(
        User.objects.filter(is_staff=True, is_active=True).exclude(email="").values_list("email", flat=True)
    )
    if not settings.ENV.has_mail or not operators:
        return False
    try:
        send_mail(f"AI Girl: {subject}", text, None, operators)
    except OSError as error:
        log.warning("the mail to operators did not leave (%s)", type(error).__name__)
        return False
    return True
