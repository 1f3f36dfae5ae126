"""RabbitMQ as the broker: channels start, survive that it drops every connection, and move when a worker is killed."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.service import Overlay, Service
from tests.chaos.test_worker_killed import live_worker
from tests.clock import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def control(*words: str) -> None:
    subprocess.run(["rabbitmqctl", "-q", *words], check=True, capture_output=True)


@pytest.fixture
def vhost() -> Iterator[str]:
    """A virtual host of the test's own."""
    name = f"aigirl-{secrets.token_hex(4)}"
    control("add_vhost", name)
    try:
        control("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        yield name
    finally:
        control("delete_vhost", name)


async def answered(service: Service, overlay: Overlay, text: str) -> bool:
    """Whether a line is answered aloud."""
    await overlay.idle()
    await service.say("Dora", f"!ai {text}")
    frames = [frame async for frame in overlay.until_end()]
    return any(isinstance(frame, bytes) for frame in frames)


async def test_channels_live_on_rabbitmq(vhost: str, tmp_path: Path) -> None:
    broker = f"amqp://guest:guest@127.0.0.1:5672/{vhost}"
    with Service(tmp_path, quiet=True, extra={"BROKER_URL": broker}, workers=2) as service:
        async with service.overlay() as overlay:
            assert await answered(service, overlay, "hello there")
            await asyncio.to_thread(control, "close_all_connections", "--vhost", vhost, "maintenance")
            killed = live_worker(tmp_path)
            os.kill(killed, signal.SIGKILL)
            await until(lambda: live_worker(tmp_path) != killed, seconds=60)
            overlay.state = ""
            assert await answered(service, overlay, "are you still there?")
            url = (await asyncio.to_thread(service.open_channels, 1))[0]
        async with service.overlay(url) as another:
            await another.idle()
