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


async def utterances(overlay: Overlay, *, quiet_after: float, at_first: float = 0.0) -> list[str]:
    """What each utterance says, until nothing is said for so many seconds, `at_first` for longer."""
    heard: list[str] = []
    try:
        while True:
            async with asyncio.timeout(quiet_after if heard else max(quiet_after, at_first)):
                frames = [frame async for frame in overlay.until_end()]
            sentences = [frame["text"] for frame in frames if isinstance(frame, dict) and frame["t"] == "sentence"]
            heard.append(" ".join(sentences))
    except TimeoutError:
        return heard


def turns(data: Path) -> list[tuple[str, str, str]]:
    """(outcome, said, heard) of every turn, the oldest first."""
    with sqlite3.connect(data / "aigirl.sqlite3") as database:
        return database.execute("SELECT outcome, said, heard FROM channels_app_turn ORDER BY created_at").fetchall()


async def test_what_was_heard_before_a_kill_stands_in_the_history_and_is_not_said_again(tmp_path: Path) -> None:
    told = ("Oh, thank you for that.", "I will drink a glass of water at once.", "And nobody hears this one.")
    with ProviderServer() as provider, Service(tmp_path, provider=provider.base_url, quiet=True) as service:
        provider.chat.queue(reply(" ".join(told)))
        async with service.overlay() as overlay:
            await overlay.idle()
            await asyncio.to_thread(service.manage, "chat", "demo", "Payer", "hydrate", "--event", "redemption")
            begin = await overlay.wait_for("speech.begin")
            sentences = [await overlay.wait_for("sentence") for _ in told]
            word = {"utt": begin["utt"], "turn": begin["turn"]}
            await overlay.send(t="ack", event="playing", position_ms=0, **word)
            await until(lambda: turns(tmp_path)[0][0] == "speaking", seconds=20)
            killed = live_worker(tmp_path)
            os.kill(killed, signal.SIGKILL)
            await until(lambda: live_worker(tmp_path) != killed, seconds=60)
            await until(lambda: turns(tmp_path)[0][0] == "interrupted", seconds=20)
            # What had been sent is played to where the page has no more.
            await overlay.send(t="ack", event="underrun", position_ms=sentences[2]["at"] - 10, **word)
            await until(lambda: turns(tmp_path)[0][2] != told[0], seconds=20)
            heard = await utterances(overlay, quiet_after=4)
    assert turns(tmp_path) == [("interrupted", " ".join(told[:2]), " ".join(told[:2]))]
    assert heard == []


async def test_a_redemption_during_a_kill_is_spoken_exactly_once(tmp_path: Path, broker: dict[str, str]) -> None:
    with (
        ProviderServer() as provider,
        Service(tmp_path, provider=provider.base_url, quiet=True, extra=broker) as service,
    ):
        provider.chat.queue(stall(after=1), reply("Hydrating right now, thank you!"))
        async with service.overlay() as overlay:
            # Not waited for: the provider's silence is borne for seconds only, and the command may take as long to end.
            redeemed = asyncio.to_thread(service.manage, "chat", "demo", "Payer", "hydrate", "--event", "redemption")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(redeemed)
                await until(lambda: len(provider.requests_to("/chat/completions")) == 1, seconds=60)
                os.kill(live_worker(tmp_path), signal.SIGKILL)
            heard = await utterances(overlay, quiet_after=8, at_first=60)
    assert heard == ["Hydrating right now, thank you!"]
