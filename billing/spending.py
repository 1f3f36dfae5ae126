"""What a channel's show costs, read from the ledger: lately, for one reply, and for a day like the usual ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone

from billing.models import UsageRecord
from channels_app.models import Channel, ProviderAccess

LATELY = timedelta(hours=24)
DAY_HOURS, DAY_REPLIES_PER_MINUTE = 6, 4
"""A day of stream, as the projection takes it."""
DAY_REPLIES = DAY_HOURS * 60 * DAY_REPLIES_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Spending:
    """US dollars. `replies` is how many the figures rest on; 0: nothing was used lately."""

    replies: int
    total: float
    per_reply: float
    exact: bool
    """False where a provider sent no figures, or asks an unknown price."""
    unpriced: bool
    """A model was used of which nobody here knows the price."""
    own_model: bool
    """The channel's own provider answers, whose prices nobody can set here."""

    @property
    def per_day(self) -> float:
        return self.per_reply * DAY_REPLIES


def spending_of(channel: Channel, *, now: datetime | None = None) -> Spending:
    """Over the last 24 hours."""
    is_reply = Q(kind=UsageRecord.Kind.REPLY)
    found = UsageRecord.objects.filter(channel=channel, at__gt=(now or timezone.now()) - LATELY).aggregate(
        replies=Count("pk", filter=is_reply),
        total=Sum("cost_micros", default=0),
        of_replies=Sum("cost_micros", filter=is_reply, default=0),
        guessed=Count("pk", filter=Q(exact=False)),
        unpriced=Count("pk", filter=Q(priced=False, completion_tokens__gt=0)),
    )
    replies = found["replies"]
    return Spending(
        replies=replies,
        total=found["total"] / 1e6,
        per_reply=found["of_replies"] / 1e6 / replies if replies else 0.0,
        exact=not found["guessed"],
        unpriced=bool(found["unpriced"]),
        own_model=ProviderAccess.objects.filter(channel=channel, kind=ProviderAccess.Kind.LLM).exists(),
    )
