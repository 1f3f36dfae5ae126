"""What a rehearsal cost, in the ledger: nobody heard it, the provider was asked all the same."""

from __future__ import annotations

from billing.ledger import record_usage
from billing.models import UsageRecord
from channels_app.models import Channel
from workers.pipeline.values import Usage


def record_rehearsal(channel: Channel, key: str, usage: Usage) -> None:
    """Once for each `key`; nothing where nothing was used."""
    if usage == Usage():
        return
    record_usage(
        channel,
        key=key,
        kind=UsageRecord.Kind.REHEARSAL,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cost_micros=usage.cost_micros,
        exact=usage.exact,
        priced=usage.priced,
    )
