"""One trial for each broadcaster, also for one who left and came back: of the person only a keyed hash is kept."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from billing.models import TrialUsed
from channels_app.models import Channel


def digest(channel: Channel) -> str:
    """Stands for the broadcaster's Twitch id; on a site without Twitch for the channel."""
    who = channel.twitch_id or channel.broadcaster.twitch_id or f"channel:{channel.public_id}"
    return hmac.new(f"trial:{settings.SECRET_KEY}".encode(), who.encode(), hashlib.sha256).hexdigest()


def was_used(channel: Channel) -> bool:
    return TrialUsed.objects.filter(digest=digest(channel)).exists()


def use(channel: Channel, *, now: datetime) -> None:
    """The trial is spent, whatever becomes of it."""
    TrialUsed.objects.get_or_create(digest=digest(channel), defaults={"at": now})
