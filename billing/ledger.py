"""Writing to the ledger."""

from __future__ import annotations

from billing.models import UsageRecord
from channels_app.models import Channel


def record_usage(
    channel: Channel,
    *,
    key: str,
    kind: UsageRecord.Kind,
    prompt_tokens: int = 0,
    completion_tokens: int = 0,
    characters: int = 0,
    cost_micros: int = 0,
    exact: bool = False,
    priced: bool = True,
) -> UsageRecord:
    """The record for `key`: made once, however often it is reported."""
    record, _created = UsageRecord.objects.get_or_create(
        channel=channel,
        key=key,
        defaults={
            "kind": kind,
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "characters": characters,
            "cost_micros": cost_micros,
            "exact": exact,
            "priced": priced,
        },
    )
    return record
