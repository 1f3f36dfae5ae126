"""Writing to the ledger: each thing once, counted in the budget in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from billing import counters
from billing.counters import Spent
from billing.models import UsageRecord
from channels_app.models import Channel


class Amounts(TypedDict, total=False):
    """What was used; the fields of `UsageRecord`."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    characters: int
    provider_characters: int
    speech_ms: int
    live_seconds: int
    replies: int
    cost_micros: int
    own_micros: int
    rates: list[dict[str, Any]]
    exact: bool
    priced: bool


@transaction.atomic
def record_usage(
    channel: Channel, *, key: str, kind: UsageRecord.Kind, at: datetime | None = None, **amounts: Unpack[Amounts]
) -> UsageRecord:
    """The record for `key`: made once, however often it is reported. What a reservation of this key held is given back
    with it."""
    at = at or timezone.now()
    held = counters.take_back(channel, key)
    values: dict[str, Any] = {"kind": kind, "at": at, **amounts}
    record, is_new = UsageRecord.objects.get_or_create(channel=channel, key=key, defaults=values)
    counters.count(channel, spent=Spent.of(record) if is_new else None, held=held)
    return record


@transaction.atomic
def release(channel: Channel, key: str) -> bool:
    """Gives back what was reserved for something that came to nothing. False where nothing is held for it."""
    held = counters.take_back(channel, key)
    if held is None:
        return False
    counters.count(channel, held=held)
    return True


def release_expired(now: datetime | None = None, *, most: int = 500) -> int:
    """Gives back what was reserved by workers that died. Returns how many reservations."""
    late = counters.expired(now or timezone.now(), most)
    return sum(release(channel, key) for channel, key in late)


def release_all(channel: Channel) -> int:
    """Gives back everything a channel has reserved: no turn of it is under way. Returns how many reservations."""
    return sum(release(channel, key) for key in counters.held_keys(channel))
