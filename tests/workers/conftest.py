"""A channel ready to run, with the platform's model and voice on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr

from channels_app.models import Channel
from tests import factories
from tests.fakes.provider import ProviderServer
from workers import wiring
from workers.brain import catalogue


@pytest.fixture
def provider(settings: Any) -> Iterator[ProviderServer]:
    """The platform's model and voice, on loopback."""
    with ProviderServer() as server:
        settings.ENV = settings.ENV.model_copy(
            update={
                "LLM_BASE_URL": server.base_url,
                "LLM_API_KEY": SecretStr("llm-key"),
                "LLM_MODEL": "gpt-6-luna",
                "SPEECH_BASE_URL": server.base_url,
                "SPEECH_API_KEY": SecretStr("speech-key"),
                "SPEECH_MODEL": "local-voice",
            }
        )
        yield server


@pytest.fixture
def stage(channel: Channel) -> Channel:
    """A channel whose persona answers quickly and often."""
    factories.version(channel.personas.get(), chatter_cooldown=0, replies_per_minute=60)
    return channel


@pytest.fixture
def hosted() -> Iterator[Callable[[str], None]]:
    """`hosted(model)`: servers on loopback are somebody's who asks money for this model, at a price we know.

    One's own would be free.
    """

    with pytest.MonkeyPatch.context() as patch:

        def at_a_price(model: str) -> None:
            patch.setattr(wiring, "is_near", lambda url: False)
            known = {"host": "127.0.0.1", "name": model, "since": date(2026, 1, 1), "source": "its price list"}
            prices = dict.fromkeys(("input", "cached", "write", "output"), 50.0)
            patch.setitem(catalogue._table(), "model", [known | prices])
            catalogue._prices.cache_clear()

        yield at_a_price
    catalogue._prices.cache_clear()
