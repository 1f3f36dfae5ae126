"""As PostgreSQL and Redis, RabbitMQ is used where it is present."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest


def rabbitmq_is_ours() -> bool:
    """Whether a RabbitMQ answers here that we may give a virtual host."""
    if shutil.which("rabbitmqctl") is None:
        return False
    try:
        socket.create_connection(("127.0.0.1", 5672), timeout=1).close()
    except OSError:
        return False
    return True


def control(*words: str) -> None:
    subprocess.run(["rabbitmqctl", "-q", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def broker() -> Iterator[dict[str, str]]:
    """Settings of a service whose runs are dispatched by RabbitMQ, in a virtual host of the test's own; by Redis where
    there is none."""
    if not rabbitmq_is_ours():
        yield {}
        return
    name = f"aigirl-{secrets.token_hex(4)}"
    control("add_vhost", name)
    try:
        control("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        yield {"BROKER_URL": f"amqp://guest:guest@127.0.0.1:5672/{name}"}
    finally:
        control("delete_vhost", name)
