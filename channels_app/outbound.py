"""The ways out of the house. The only door to addresses that members typed in is checked when the socket opens: public
ones and, where the site itself is only reached on its own machine, those of the house."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Whom this machine trusts, read once in a process: it takes some 40 ms, in which a loop would stand still."""
    return httpx2.create_ssl_context()


class ForbiddenAddressError(httpx2.ConnectError):
    """The address leads into a private network."""


def is_public(text: str) -> bool:
    """Whether an IP address is reachable from the open internet, seen through every way of writing IPv4 inside IPv6."""
    address: Address = ipaddress.ip_address(text.split("%", 1)[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is None and address.teredo:
            return False
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


def is_of_the_house(text: str) -> bool:
    """Whether an IP address is this machine's or a private network's. Link-local ones are neither: clouds answer there
    with the secrets of the machine."""
    address: Address = ipaddress.ip_address(text.split("%", 1)[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_loopback or (address.is_private and not address.is_reserved)


def is_near(url: str) -> bool:
    """Whether this URL leads to this machine or its private network: a server of one's own."""
    host = urlsplit(url).hostname or ""
    try:
        return not is_public(host)
    except ValueError:
        # A bare name is a container or a machine of the same network; no host is a unix socket.
        return "." not in host or host.endswith((".local", ".internal", ".lan"))


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedTransport(httpx2.AsyncHTTPTransport):
    """Connects to the very address it has checked, so that a name cannot change its mind in between."""

    def __init__(self, resolver: Resolve = resolve, *, at_home: bool = False) -> None:
        """`at_home`: whoever types an address sits at this machine, and may mean a server on it or beside it."""
        super().__init__(verify=tls_context(), retries=0)
        self._resolve = resolver
        self._at_home = at_home

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises ForbiddenAddressError; its message names the host and not the address behind it."""
        url = request.url
        if url.userinfo:
            raise ForbiddenAddressError("An address with a user name in it is not used.", request=request)
        try:
            addresses = await self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        except OSError:
            raise httpx2.ConnectError(f"The host {url.host} is not known.", request=request) from None
        if not addresses or not all(self._may_go_to(address) for address in addresses):
            raise ForbiddenAddressError(
                f"The host {url.host} leads into a private network, where this service does not go.", request=request
            )
        request.extensions = {**request.extensions, "sni_hostname": url.host}
        request.url = url.copy_with(host=addresses[0])
        return await super().handle_async_request(request)

    def _may_go_to(self, address: str) -> bool:
        return is_public(address) or (self._at_home and is_of_the_house(address))
