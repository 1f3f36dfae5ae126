"""The provider on loopback and the real client, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import httpx2
import pytest
import pytest_asyncio

from channels_app.outbound import tls_context
from tests.fakes.provider import ProviderServer
from workers.brain.capabilities import CapabilityBook
from workers.brain.catalogue import Price
from workers.brain.endpoint import API, ChatEndpoint, Deadlines
from workers.brain.http_client import shared_http_client
from workers.brain.meter import Experience
from workers.brain.openai_chat import TRIES, OpenAIBrain

CALM = Deadlines(first_token=10, between_tokens=10, total=20)
"""For answers that come: a busy machine is no fault of theirs."""
QUICK = Deadlines(first_token=0.5, between_tokens=0.3, total=2.0)
"""For answers that do not."""
MakeBrain = Callable[..., OpenAIBrain]


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with shared_http_client(trusted=tls_context()) as client:
        yield client


@pytest.fixture
def make_brain(provider: ProviderServer, http: httpx2.AsyncClient) -> MakeBrain:
    """A brain at the loopback provider; pauses before a retry take no time."""

    async def no_pause(seconds: float) -> None:
        return None

    def make(
        *, key: str = "sk-tenant-secret", model: str = "any-model", url: str = "", book: CapabilityBook | None = None,
        deadlines: Deadlines = CALM, api: API = "chat", price: Price | None = None, tries: int = TRIES,
        experience: Experience | None = None,
    ) -> OpenAIBrain:  # fmt: skip
        endpoint = ChatEndpoint(base_url=url or provider.base_url, key=key, model=model, api=api, price=price)
        return OpenAIBrain(
            endpoint, http, book=book, experience=experience, deadlines=deadlines, tries=tries, sleep=no_pause
        )

    return make
