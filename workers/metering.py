"""What asking models and voices cost, in the ledger."""

from __future__ import annotations

from dataclasses import asdict

from billing.ledger import record_usage, release
from billing.models import UsageRecord
from channels_app.models import Channel
from workers.pipeline.values import Usage


def charge(channel_pk: int, kind: UsageRecord.Kind, key: str, usage: Usage, *, replies: int = 0) -> None:
    """Once for each `key`, and what was reserved for it is given back; nothing more where nothing was used."""
    channel = Channel(pk=channel_pk)
    if usage == Usage():
        release(channel, key)
        return
    record_usage(
        channel,
        key=key,
        kind=kind,
        prompt_tokens=usage.prompt_tokens,
        cached_tokens=usage.cached_tokens,
        completion_tokens=usage.completion_tokens,
        characters=usage.characters,
        provider_characters=usage.provider_characters,
        speech_ms=usage.speech_ms,
        replies=replies,
        cost_micros=usage.cost_micros,
        own_micros=usage.own_micros,
        rates=[asdict(rate) for rate in usage.rates],
        exact=usage.exact,
        priced=usage.priced,
    )
