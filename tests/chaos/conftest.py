"""What only runs where its server does: as PostgreSQL and Redis, RabbitMQ is used where it is present."""

from __future__ import annotations

import shutil
import socket


def rabbitmq_is_ours() -> bool:
    """Whether a RabbitMQ answers here that we may give a virtual host."""
    if shutil.which("rabbitmqctl") is None:
        return False
    try:
        socket.create_connection(("127.0.0.1", 5672), timeout=1).close()
    except OSError:
        return False
    return True


collect_ignore = [] if rabbitmq_is_ours() else ["test_rabbitmq.py"]
