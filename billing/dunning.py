"""Mails about a failed payment: on day 0, 3 and 6 after it was due, each sent once; on day 7 the grace ends."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.checkout import address
from billing.entitlements import GRACE
from billing.models import DunningMail, Subscription
from billing.plans import plan_named

log = logging.getLogger(__name__)

DAYS = (0, 3, 6)


def remind_all(*, now: datetime) -> int:
    """Sends what is due. Returns how many mails left."""
    overdue = Subscription.objects.filter(
        status=Subscription.Status.PAST_DUE, past_due_since__gt=now - GRACE, past_due_since__lte=now
    )
    return sum(remind(each, now=now) for each in overdue.select_related("customer__channel__broadcaster"))


def remind(subscription: Subscription, *, now: datetime) -> bool:
    """Sends the latest mail that is due, if it was not sent. Earlier ones that nobody sent are passed over."""
    since = subscription.past_due_since
    assert since is not None
    due = [day for day in DAYS if now >= since + timedelta(days=day)]
    for day in due[:-1]:
        DunningMail.objects.get_or_create(
            subscription=subscription, since=since, day=day, defaults={"outcome": "passed"}
        )
    to = subscription.customer.channel.broadcaster.email
    if to and not settings.ENV.has_mail:
        return False
    # The row comes first: two sweeps at once send one mail, and one that did not leave takes its row with it.
    mail, is_new = DunningMail.objects.get_or_create(
        subscription=subscription, since=since, day=due[-1], defaults={"outcome": "sent" if to else "no address"}
    )
    if not is_new or not to:
        return False
    try:
        _send(subscription, to, due[-1], since + GRACE)
    except OSError as error:
        mail.delete()
        log.warning("a dunning mail did not leave (%s)", type(error).__name__)
        return False
    return True


def _send(subscription: Subscription, to: str, day: int, grace_end: datetime) -> None:
    channel = subscription.customer.channel
    plan = plan_named(subscription.plan)
    with override(subscription.customer.language):
        title = plan.title if plan else ""
        if day == DAYS[-1]:
            subject = _("Tomorrow your channel falls back to the free plan")
        else:
            subject = _("Your payment for AI Girl did not go through")
        about = {
            "name": channel.broadcaster.display_name,
            "plan": title,
            "end": grace_end,
            "address": address("billing", channel),
            "is_last": day == DAYS[-1],
        }
        send_mail(subject, render_to_string("billing/mails/past_due.txt", about), None, [to])
