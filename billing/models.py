"""The ledger of what was used. Append-only: a correction is a new row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.customers import (
    ClosedCustomer,
    Customer,
    DunningMail,
    PlanOverride,
    Reconciliation,
    Reversal,
    StripeEvent,
    StripeRequest,
    Subscription,
    TrialUsed,
)
from channels_app.models import Channel

__all__ = [
    "ClosedCustomer",
    "Customer",
    "DunningMail",
    "PlanOverride",
    "Reconciliation",
    "Reversal",
    "StripeEvent",
    "StripeRequest",
    "Subscription",
    "TrialUsed",
    "UsageRecord",
]


class UsageRecord(models.Model):
    """One thing that cost something, with the price as it was then."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("reply")
        LISTEN = "listen", _("voice sample")
        MEMORY = "memory", _("memory")
        REHEARSAL = "rehearsal", _("rehearsal")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="usage_records")
    key = models.CharField(max_length=80)
    """What it is for, such as a turn's id: the same thing is never recorded twice."""
    kind = models.CharField(max_length=10, choices=Kind.choices)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    characters = models.PositiveIntegerField(default=0)
    cost_micros = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="USD")
    exact = models.BooleanField(default=False)
    """The provider's own figures at a known price; otherwise some of it is estimated or counts as nothing."""
    priced = models.BooleanField(default=True, db_default=True)
    """False: nobody here knows the price of some of it."""
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "key"], name="usage_once")]
        indexes = [models.Index(fields=["channel", "at"], name="usage_channel_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.cost_micros} µ{self.currency}"
