"""The ledger of what was used. Append-only: a correction is a new row."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.budget_models import Budget, HouseDay, Reservation
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
    "Budget",
    "ClosedCustomer",
    "Customer",
    "DunningMail",
    "HouseDay",
    "PlanOverride",
    "Reconciliation",
    "Reservation",
    "Reversal",
    "StripeEvent",
    "StripeRequest",
    "Subscription",
    "TrialUsed",
    "UsageRecord",
]


class WrittenInInkError(TypeError):
    """Somebody tried to change or delete what stands in the ledger."""

    def __init__(self) -> None:
        super().__init__("The ledger is append-only: record a correction as a new row.")


class LedgerRows(models.QuerySet["UsageRecord"]):
    """Rows that are read and added. They go with their channel, and no other way."""

    def update(self, **_values: Any) -> int:
        raise WrittenInInkError

    def delete(self) -> tuple[int, dict[str, int]]:
        raise WrittenInInkError


class UsageRecord(models.Model):
    """One thing that cost something, with the price as it was then. The database refuses changes too."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("reply")
        LISTEN = "listen", _("voice sample")
        MEMORY = "memory", _("memory")
        REHEARSAL = "rehearsal", _("rehearsal")
        LIVE = "live", _("live time")

    class Confidence(models.TextChoices):
        """How well the cost is known."""

        EXACT = "exact", _("exact")
        ESTIMATED = "estimated", _("estimated")
        UNPRICED = "unpriced", _("price unknown")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="usage_records")
    key = models.CharField(max_length=80)
    """What it is for, such as a turn's id: the same thing is never recorded twice."""
    kind = models.CharField(max_length=10, choices=Kind.choices)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0, db_default=0)
    """Of the prompt's, those that were read from the provider's cache."""
    characters = models.PositiveIntegerField(default=0)
    provider_characters = models.PositiveIntegerField(default=0, db_default=0)
    """Of the characters, those that a voice spoke which the platform pays for: these count against the plan."""
    speech_ms = models.PositiveIntegerField(default=0, db_default=0)
    live_seconds = models.PositiveIntegerField(default=0, db_default=0)
    replies = models.PositiveSmallIntegerField(default=0, db_default=0)
    """1 for a reply that was heard: these count against the plan."""
    cost_micros = models.PositiveBigIntegerField(default=0)
    """All of it, whoever pays."""
    own_micros = models.PositiveBigIntegerField(default=0, db_default=0)
    """Of the cost, what the channel pays to a provider of its own."""
    rates = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), blank=True)
    """The entries of the price lists it was reckoned with: what, dated, micros."""
    currency = models.CharField(max_length=3, default="USD")
    exact = models.BooleanField(default=False)
    """The provider's own figures at a known price; otherwise some of it is estimated or counts as nothing."""
    priced = models.BooleanField(default=True, db_default=True)
    """False: nobody here knows the price of some of it."""
    confidence = models.GeneratedField(
        expression=models.Case(
            models.When(priced=False, then=models.Value("unpriced")),
            models.When(exact=True, then=models.Value("exact")),
            default=models.Value("estimated"),
        ),
        output_field=models.CharField(max_length=10, choices=Confidence.choices),
        db_persist=True,
    )
    at = models.DateTimeField(default=timezone.now)

    objects = LedgerRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="usage_once"),
            models.CheckConstraint(
                condition=models.Q(own_micros__lte=models.F("cost_micros")), name="usage_own_is_part_of_cost"
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "at"], name="usage_channel_at"),
            models.Index(fields=["at"], name="usage_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.cost_micros} µ{self.currency}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WrittenInInkError
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        raise WrittenInInkError
