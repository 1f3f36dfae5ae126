"""What asking models and voices cost, in the ledger."""

from __future__ import annotations

from billing.ledger import record_usage
from billing.models import UsageRecord
from channels_app.models import Channel
from workers.pipeline.values import Usage


def charge(channel_pk: int, kind: UsageRecord.Kind, key: str, usage: Usage) -> None:
    """Once for each `key`; nothing where nothing was used."""
    if usage == Usage():
        return
    record_usage(
        Channel(pk=channel_pk),
        key=key,
        kind=kind,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        characters=usage.characters,
        cost_micros=usage.cost_micros,
        exact=usage.exact,
        priced=usage.priced,
    )
