"""On what terms a provider serves: what it costs, and until when the model can be had."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from channels_app.outbound import is_near
from channels_app.words import translated
from workers import wiring
from workers.brain import catalogue as models
from workers.checks.finding import Finding, fault, warn
from workers.pipeline.values import Usage
from workers.records import Provider, providers_of
from workers.voice import catalogue as voices
from workers.voice import prices
from workers.voice.openai_speech import SpeechConfig

Served = Provider | SpeechConfig
SOON = timedelta(days=60)
"""Before a model's last day: time enough to choose another and to hear what it makes of her."""


def cost_of_answer(provider: Provider, usage: Usage) -> str:
    if is_near(provider.base_url):
        return _("free: your own server")
    if not usage.cost_micros:
        return _unknown(provider)
    about = "" if usage.exact else "≈ "
    return about + _("${cost} for this answer").format(cost=_dollars(usage.cost_micros / 1_000_000, 5))


def cost_of_speech(speech: SpeechConfig, text: str) -> str:
    """What this text cost, and a thousand characters."""
    cost = voices.cost_of(speech)
    if cost is voices.FREE:
        return _("free: your own server")
    if cost is None:
        return _unknown(speech)
    about = "" if cost.exact else "≈ "
    return about + _("${cost} for this sentence, ${thousand} for 1,000 characters ({source})").format(
        cost=_dollars(cost.per_1000_chars * len(text) / 1000, 5),
        thousand=_dollars(cost.per_1000_chars, 3),
        source=", ".join(filter(None, (translated(cost.source), cost.seen))),
    )


def ending_of_model(provider: Provider, now: float) -> Finding | None:
    """Whether the language model is or will soon be switched off; `now` is unix seconds."""
    host, today = _host(provider), _day(now)
    other = models.lasting(host, today + SOON)
    mend = (
        _("Choose another model, such as {model}, with LLM_MODEL or in the channel's own provider settings.")
        if other
        else _("Choose another model with LLM_MODEL or in the channel's own provider settings.")
    ).format(model=other)
    return _ending("llm", provider, models.last_day(host, provider.model), today, mend)


def ending_of_voice(provider: Served, now: float) -> Finding | None:
    """Whether the speech model is or will soon be switched off; `now` is unix seconds."""
    mend = _("Choose another voice server (docs/setup.md); without one a built-in voice speaks from that day on.")
    return _ending("speech", provider, prices.last_day(_host(provider), provider.model), _day(now), mend)


def endings(channel_pk: int, now: float) -> list[Finding]:
    """What is or will soon be switched off of what this channel thinks and speaks with; `now` is unix seconds."""
    own = providers_of(channel_pk)
    kinds = (("llm", ending_of_model), ("speech", ending_of_voice))
    found = (ending(provider, now) for kind, ending in kinds if (provider := wiring.provider_for(kind, own)))
    return [finding for finding in found if finding is not None]


def _ending(subject: str, provider: Served, last: date | None, today: date, mend: str) -> Finding | None:
    if last is None or last - today > SOON:
        return None
    told = {"host": _host(provider), "model": provider.model, "date": date_format(last)}
    if last <= today:
        return fault(subject, _("{host} switched {model} off on {date}.").format(**told), mend)
    return warn(subject, _("{host} will switch {model} off on {date}.").format(**told), mend)


def _dollars(amount: float, places: int) -> str:
    return number_format(round(amount, places), places)  # which by itself cuts off


def _unknown(provider: Served) -> str:
    return _("price unknown: see the price page of {host}").format(host=_host(provider))


def _host(provider: Served) -> str:
    return urlsplit(provider.base_url).hostname or ""


def _day(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()
