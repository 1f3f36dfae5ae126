"""The provider on loopback, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.provider import ProviderServer


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server
