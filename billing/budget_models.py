"""What may still be spent: counters beside the ledger, and what turns under way hold of them.

The ledger is the truth. The counters are its sums within the present hour, day and period, so that one UPDATE can ask
and take at once; `billing.budget` alone writes them.
"""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models

from channels_app.models import Channel

LONGEST_FAREWELL = 200
"""Characters."""


class Budget(models.Model):
    """One channel's counters, its owner's ceilings, and how she saves just now. Money is millionths of a US dollar."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="budget")

    hour = models.DateTimeField()
    """When the hour began that is counted; so are the next two."""
    hour_micros = models.PositiveBigIntegerField(default=0)
    hour_own_micros = models.PositiveBigIntegerField(default=0)
    """Of it, what the channel pays to providers of its own."""
    day = models.DateTimeField()
    day_micros = models.PositiveBigIntegerField(default=0)
    day_own_micros = models.PositiveBigIntegerField(default=0)
    period = models.DateTimeField()
    period_replies = models.PositiveIntegerField(default=0)
    period_characters = models.PositiveIntegerField(default=0)
    period_live_seconds = models.PositiveIntegerField(default=0)

    held_micros = models.PositiveBigIntegerField(default=0)
    """What turns under way may yet cost; so are the next three."""
    held_own_micros = models.PositiveBigIntegerField(default=0)
    held_replies = models.PositiveIntegerField(default=0)
    held_characters = models.PositiveIntegerField(default=0)

    hourly_ceiling_micros = models.PositiveBigIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    """The owner's own, on all that is spent; None: no more than the site's."""
    daily_ceiling_micros = models.PositiveBigIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    farewell = models.CharField(max_length=LONGEST_FAREWELL, blank=True)
    """What she says when the plan's live time is used up; empty: a line of ours."""

    step = models.CharField(max_length=10, blank=True)
    """How she saves now, a name of `workers.pipeline.thrift`; empty: not at all."""
    step_why = models.CharField(max_length=20, blank=True)
    step_ends = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"budget of {self.channel}"


class HouseDay(models.Model):
    """What all channels together spent of the platform's money on one day (UTC)."""

    day = models.DateTimeField(unique=True)
    micros = models.PositiveBigIntegerField(default=0)
    held_micros = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.micros} µUSD"


class Reservation(models.Model):
    """What one turn may yet cost, taken off the budget before it begins and given back when it is settled.

    A worker that is killed gives nothing back: `expires_at` does.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="reservations")
    key = models.CharField(max_length=80)
    """That of the usage record it will become."""
    micros = models.PositiveBigIntegerField(default=0)
    own_micros = models.PositiveBigIntegerField(default=0)
    replies = models.PositiveSmallIntegerField(default=0)
    characters = models.PositiveIntegerField(default=0)
    day = models.DateTimeField()
    """Of the `HouseDay` that holds its part."""
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="reservation_once"),
            models.CheckConstraint(
                condition=models.Q(own_micros__lte=models.F("micros")), name="reservation_own_is_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.micros} µUSD held for {self.key}"
