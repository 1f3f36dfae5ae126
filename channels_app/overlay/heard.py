"""The overlay's word that a turn is heard, kept by the web process: a worker that dies right after cannot lose it."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from channels_app.models import Channel, PaidEvent, Turn


@transaction.atomic
def mark_heard(channel: Channel, turn_id: str) -> bool:
    """Marks the turn heard and what was paid for it as spoken. False for a turn that is not this channel's."""
    try:
        key = uuid.UUID(turn_id)
    except ValueError:
        return False
    now = timezone.now()
    if not Turn.objects.filter(pk=key, channel=channel).exists():
        return False
    Turn.objects.filter(pk=key, channel=channel, heard_at__isnull=True).update(heard_at=now)
    # Only while it is open: the run may have told the outcome before the page told us.
    Turn.objects.filter(pk=key, channel=channel, outcome=Turn.Outcome.THINKING).update(outcome=Turn.Outcome.SPEAKING)
    PaidEvent.objects.filter(channel=channel, turn_id=key, state=PaidEvent.State.CLAIMED).update(
        state=PaidEvent.State.SPOKEN, done_at=now
    )
    return True
