"""Scripts and styles travel packed, as every browser asks for them, from the one process that also serves the pages."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest
from django.test import Client

from channels_app.models import Channel
from tests.guards.test_bundle import DIST, files_of

MOST_BYTES = 150 * 1024
"""All that a page of the dashboard loads before it is usable."""
AS_BROWSERS_ASK = "gzip, deflate, br, zstd"


def body(client: Client, address: str, accepted: str) -> tuple[bytes, dict[str, str]]:
    response = client.get(address, headers={"accept-encoding": accepted})
    assert response.status_code == 200, address
    return b"".join(response), dict(response.headers)


@pytest.fixture(autouse=True)
def _served(settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = True


@pytest.fixture
def addresses(client: Client, channel: Channel) -> list[str]:
    """Scripts and styles that the page of a channel names, and what those load in their turn."""
    client.force_login(channel.broadcaster)
    page = client.get("/home/", follow=True).content.decode()
    named = set(re.findall(r'"/static/(assets/[^"]+)"', page))
    found = files_of(json.loads((DIST / ".vite" / "manifest.json").read_text()), "src/dashboard/main.ts")
    assert {name.rpartition(".")[2] for name in named} == {"js", "css"}
    return [f"/static/{name}" for name in sorted(found | named)]


def test_the_dashboard_travels_packed_and_is_light(addresses: list[str], client: Client) -> None:
    weight = 0
    for address in addresses:
        packed, headers = body(client, address, AS_BROWSERS_ASK)
        plain, _ = body(client, address, "identity")
        assert headers["Content-Encoding"] == "gzip", address
        assert headers["Vary"] == "Accept-Encoding"
        assert int(headers["Content-Length"]) == len(packed)
        assert "immutable" in headers["Cache-Control"]
        assert gzip.decompress(packed) == plain
        weight += len(packed)
    assert weight <= MOST_BYTES


def test_who_cannot_unpack_gets_the_file_itself_and_caches_know(addresses: list[str], client: Client) -> None:
    _, headers = body(client, addresses[0], "")
    assert "Content-Encoding" not in headers
    assert headers["Vary"] == "Accept-Encoding"
