"""How long a server is waited for whose host vanished without a word: some ten seconds, where the system's own patience
is a quarter of an hour and holds up all who asked it something."""

from __future__ import annotations

import socket
from typing import Any

IDLE, BETWEEN, TIMES = 5, 2, 3
"""Seconds without a word before a connection is tried, between two tries, and how many may fail."""
GIVE_UP = 10
"""Seconds for which what was sent may go unacknowledged."""
CONNECT = 5
"""Seconds for a connection to come about."""

POSTGRES_OPTIONS = {
    "connect_timeout": CONNECT,
    "keepalives_idle": IDLE,
    "keepalives_interval": BETWEEN,
    "keepalives_count": TIMES,
    "tcp_user_timeout": GIVE_UP * 1000,
}
"""For libpq; of no effect on a unix socket."""
_SOCKET = {"TCP_KEEPIDLE": IDLE, "TCP_KEEPINTVL": BETWEEN, "TCP_KEEPCNT": TIMES, "TCP_USER_TIMEOUT": GIVE_UP * 1000}


def layer_host(url: str) -> dict[str, Any]:
    """A server of the channel layer. Whoever only listens sends nothing, and would never learn that it is gone."""
    if url.startswith("unix://"):
        return {"address": url}
    options = {getattr(socket, name): value for name, value in _SOCKET.items() if hasattr(socket, name)}
    return {
        "address": url,
        "socket_connect_timeout": CONNECT,
        "socket_keepalive": True,
        "socket_keepalive_options": options,
    }
