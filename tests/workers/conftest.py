"""A channel ready to run, with the platform's model and voice on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from channels_app.models import Channel
from tests import factories
from tests.fakes.provider import ProviderServer


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
