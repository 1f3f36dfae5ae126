"""A worker process is killed while somebody's redemption is thought about: it is spoken all the same, and once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from benchmarks.service import Overlay, Service
from tests.clock import until
from tests.fakes.provider import ProviderServer, reply, stall

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def live_worker(data: Path) -> int:
    """Process id of the worker that carries out the demo channel, by the lease in the database."""
    with sqlite3.connect(data / "aigirl.sqlite3") as database:
        row = database.execute(
            "SELECT w.pid FROM workers_run r JOIN workers_workerprocess w ON w.name = r.owner "
            "WHERE r.name LIKE 'channel/%'"
        ).fetchone()
    return int(row[0])


async def utterances(overlay: Overlay, *, quiet_after: float) -> list[str]:
    """What each utterance says, until nothing is said for so many seconds."""
    heard: list[str] = []
    try:
        while True:
            async with asyncio.timeout(quiet_after if heard else 60):
                frames = [frame async for frame in overlay.until_end()]
            sentences = [frame["text"] for frame in frames if isinstance(frame, dict) and frame["t"] == "sentence"]
            heard.append(" ".join(sentences))
    except TimeoutError:
        return heard


async def test_a_redemption_during_a_kill_is_spoken_exactly_once(tmp_path: Path) -> None:
    with ProviderServer() as provider, Service(tmp_path, provider=provider.base_url, quiet=True) as service:
        provider.chat.queue(stall(after=1), reply("Hydrating right now, thank you!"))
        async with service.overlay() as overlay:
            # Not waited for: the provider's silence is borne for seconds only, and the command may take as long to end.
            redeemed = asyncio.to_thread(service.manage, "chat", "demo", "Payer", "hydrate", "--event", "redemption")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(redeemed)
                await until(lambda: len(provider.requests_to("/chat/completions")) == 1, seconds=60)
                os.kill(live_worker(tmp_path), signal.SIGKILL)
            heard = await utterances(overlay, quiet_after=8)
    assert heard == ["Hydrating right now, thank you!"]
