"""Nobody reaches into our own network through an address typed into the dashboard."""

from __future__ import annotations

import ipaddress
import ssl

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.outbound import (
    ForbiddenAddressError,
    GuardedTransport,
    is_near,
    is_of_the_house,
    is_public,
    tls_context,
)
from channels_app.twitch.helix import Helix
from tests.fakes.provider import ProviderServer
from workers.brain.http_client import shared_http_client

PRIVATE = (
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "0.0.0.0/8",
)


def ways_to_write(address: ipaddress.IPv4Address) -> list[str]:
    """The address itself, and hidden inside IPv6."""
    number = int(address)
    return [
        str(address),
        f"::ffff:{address}",
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),
        str(ipaddress.IPv6Address((0x64FF9B << 96) | number)),
    ]


@given(st.sampled_from(PRIVATE), st.integers(0, 2**32 - 1))
def test_a_private_address_is_recognised_however_it_is_written(network: str, offset: int) -> None:
    block = ipaddress.IPv4Network(network)
    address = block[offset % block.num_addresses]
    assert not any(is_public(text) for text in ways_to_write(address))


@pytest.mark.parametrize("address", ["::1", "fe80::1%eth0", "fc00::1", "224.0.0.1", "2001:0:1::1", "::"])
def test_other_addresses_of_the_house_are_recognised(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_the_open_internet_is_reachable(address: str) -> None:
    assert is_public(address)


async def test_a_server_on_this_machine_is_not_asked() -> None:
    with ProviderServer() as server:
        async with httpx2.AsyncClient(transport=GuardedTransport()) as client:
            with pytest.raises(ForbiddenAddressError, match="private network"):
                await client.get(f"{server.base_url}/models")
        assert server.requests == []


async def test_at_home_the_own_machine_is_asked() -> None:
    with ProviderServer() as server:
        async with httpx2.AsyncClient(transport=GuardedTransport(at_home=True)) as client:
            answer = await client.get(f"{server.base_url}/models")
        assert len(server.requests) == 1
        assert answer.request.headers["host"] == server.base_url.split("/")[2]


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.20", "10.0.0.7", "::1", "fd00::7"])
def test_servers_at_home_are_of_the_house(address: str) -> None:
    assert is_of_the_house(address)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1%eth0", "0.0.0.0", "224.0.0.1", "8.8.8.8"]
)
def test_where_clouds_keep_a_machines_secrets_is_of_no_house(address: str) -> None:
    assert not is_of_the_house(address)


async def test_even_at_home_link_local_addresses_are_not_asked() -> None:
    async with httpx2.AsyncClient(transport=GuardedTransport(at_home=True)) as client:
        with pytest.raises(ForbiddenAddressError):
            await client.get("http://169.254.169.254/v1/models")


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def both(host: str, port: int) -> list[str]:
        return ["1.1.1.1", "127.0.0.1"]

    async with httpx2.AsyncClient(transport=GuardedTransport(both)) as client:
        with pytest.raises(ForbiddenAddressError):
            await client.get("http://model.example/v1/models")


async def test_an_unknown_host_is_named() -> None:
    async def nobody(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    async with httpx2.AsyncClient(transport=GuardedTransport(nobody)) as client:
        with pytest.raises(httpx2.ConnectError, match=r"model\.example is not known"):
            await client.get("http://model.example/v1/models")


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://localhost:1234", True),
        ("http://kokoro:8880/v1", True),
        ("http://host.docker.internal:8880/v1", True),
        ("http://192.168.1.20:8080", True),
        ("http://[::1]:8080", True),
        ("unix:///run/valkey.sock", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False),
        ("http://[2606:4700::1111]/v1", False),
    ],
)
def test_servers_of_ones_own_are_told_from_providers(url: str, near: bool) -> None:
    assert is_near(url) is near


async def test_whom_to_trust_is_read_once_and_not_for_every_client(monkeypatch: pytest.MonkeyPatch) -> None:
    tls_context()
    read: list[object] = []
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *given: read.append(given))
    GuardedTransport()
    await shared_http_client(trusted=tls_context()).aclose()
    Helix("id", "secret", api_url="https://api.invalid", auth_url="https://id.invalid")
    assert read == []
