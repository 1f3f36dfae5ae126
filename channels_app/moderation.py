"""What moderators take out of the chat: nothing of it is answered any more, and it stands in no history."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from channels_app import forgetting, paid
from channels_app.models import Channel, SafetyCase, Turn
from channels_app.retention import CHAT_LIFE

REACH = CHAT_LIFE + timedelta(hours=1)
"""Older turns have no words left: whoever forgets them comes hourly."""


@transaction.atomic
def take_back(channel: Channel, reason: str, *, event_id: str = "", chatter_id: str = "") -> None:
    """A message, or all of a chatter, is out of the chat; with neither, all there is but what was paid for.

    Names stay: moderators may look for them. What she learned from it is gone. Repeatable.
    """
    forgetting.forget_learned(channel, event_id=event_id, chatter_id=chatter_id)
    turns = Turn.objects.filter(channel=channel, taken_back=False, created_at__gt=timezone.now() - REACH)
    if some_id := event_id or chatter_id:
        turns = turns.filter(answered__contains=Turn.barred(some_id))
    # Before the turns are changed: afterwards they are not found any more.
    SafetyCase.objects.filter(channel=channel, turn__in=turns).delete()
    turns.update(asked="", evidence="", judged="", taken_back=True)
    if event_id:
        paid.refuse_message(channel, event_id, reason)
    elif chatter_id:
        paid.refuse_chatter(channel, chatter_id, reason)
