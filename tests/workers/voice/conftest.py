"""The provider on loopback and espeak-ng processes, fresh for each test that asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from channels_app.outbound import tls_context
from tests.fakes.provider import ProviderServer
from workers.brain.http_client import shared_http_client
from workers.voice.espeak_pool import EspeakPool


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server


@pytest.fixture
async def http_client() -> AsyncIterator[httpx2.AsyncClient]:
    async with shared_http_client(trusted=tls_context()) as client:
        yield client


@pytest.fixture
def pool() -> Iterator[EspeakPool]:
    pool = EspeakPool(1)
    yield pool
    pool.close()
