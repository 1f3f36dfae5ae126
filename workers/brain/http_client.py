"""The HTTP client all providers are asked through: one for each loop of a process, and it follows no redirects."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable

import httpx2
import openai

LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=200, keepalive_expiry=50)
"""An idle connection lives 50 s, a little less than the usual servers allow. The client's own 5 s would make nearly
every message of a quiet chat pay for a new handshake, with the brain and with the voice."""

_OUR_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "connection", "user-agent", "authorization", "content-type"}
    | {"content-length", "transfer-encoding"}
)


def shared_http_client(
    *,
    trusted: ssl.SSLContext | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    check_request: Callable[[httpx2.Request], Awaitable[None]] | None = None,
) -> httpx2.AsyncClient:
    """The one HTTP client of a worker process, for one event loop. It follows no redirects.

    `trusted` authorities that were read already save reading them again. `transport` or `check_request` guard where
    requests may go: they refuse with an `httpx2.RequestError`.
    """
    hooks: list[Callable[[httpx2.Request], Awaitable[None]]] = [_one_loop(), _drop_foreign_headers]
    if check_request is not None:
        hooks.append(check_request)
    return openai.DefaultAsyncHttpx2Client(
        follow_redirects=False,
        transport=transport,
        verify=trusted or True,
        limits=LIMITS,
        event_hooks={"request": hooks, "response": []},
    )


async def _drop_foreign_headers(request: httpx2.Request) -> None:
    """The SDK adds the platform's organisation, project and machine from its environment: no tenant's business."""
    for name in list(request.headers):
        if name.lower() not in _OUR_HEADERS:
            del request.headers[name]


def _one_loop() -> Callable[[httpx2.Request], Awaitable[None]]:
    """Pooled connections belong to the loop that opened them: elsewhere they fail in ways that are hard to read."""
    homes: list[asyncio.AbstractEventLoop] = []

    async def check(request: httpx2.Request) -> None:
        running = asyncio.get_running_loop()
        if not homes:
            homes.append(running)
        if homes[0] is not running:
            raise RuntimeError("The shared HTTP client belongs to another event loop. Make one client for each loop.")

    return check
