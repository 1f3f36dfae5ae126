"""A worker process is killed while somebody's redemption is thought about: it is spoken all the same, and once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Stage:
    """A running service whose runs RabbitMQ dispatches where there is one, and its provider."""

    service: Service
    provider: ProviderServer
    data: Path

    def kill_worker(self) -> int:
        """Kills the worker that carries out the demo channel, as kill -9 does. Its process id."""
        pid = live_worker(self.data)
        os.kill(pid, signal.SIGKILL)
        return pid

    async def redeem(self) -> None:
        await asyncio.to_thread(self.service.manage, "chat", "demo", "Payer", "hydrate", "--event", "redemption")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, broker: dict[str, str]) -> Iterator[Stage]:
    data = tmp_path_factory.mktemp("site")
    with ProviderServer() as provider, Service(data, provider=provider.base_url, quiet=True, extra=broker) as service:
        yield Stage(service, provider, data)


async def test_what_was_heard_before_a_kill_stands_in_the_history_and_is_not_said_again(stage: Stage) -> None:
    told = ("Oh, thank you for that.", "I will drink a glass of water at once.", "And nobody hears this one.")
    stage.provider.chat.queue(reply(" ".join(told)))
    async with stage.service.overlay() as overlay:
        await overlay.idle()
        await stage.redeem()
        begin = await overlay.wait_for("speech.begin")
        sentences = [await overlay.wait_for("sentence") for _ in told]
        word = {"utt": begin["utt"], "turn": begin["turn"]}
        await overlay.send(t="ack", event="playing", position_ms=0, **word)
        await until(lambda: turns(stage.data)[-1][0] == "speaking", seconds=20)
        killed = stage.kill_worker()
        await until(lambda: live_worker(stage.data) != killed, seconds=60)
        await until(lambda: turns(stage.data)[-1][0] == "interrupted", seconds=20)
        # What had been sent is played to where the page has no more.
        await overlay.send(t="ack", event="underrun", position_ms=sentences[2]["at"] - 10, **word)
        await until(lambda: turns(stage.data)[-1][2] != told[0], seconds=20)
        heard = await utterances(overlay, quiet_after=4)
    assert turns(stage.data)[-1] == ("interrupted", " ".join(told[:2]), " ".join(told[:2]))
    assert heard == []


async def test_a_redemption_during_a_kill_is_spoken_exactly_once(stage: Stage) -> None:
    stage.provider.requests.clear()
    stage.provider.chat.queue(stall(after=1), reply("Hydrating right now, thank you!"))
    async with stage.service.overlay() as overlay, asyncio.TaskGroup() as tasks:
        # Not waited for: the provider's silence is borne for seconds only, and the command may take as long to end.
        tasks.create_task(stage.redeem())
        await until(lambda: len(stage.provider.requests_to("/chat/completions")) == 1, seconds=60)
        stage.kill_worker()
        heard = await utterances(overlay, quiet_after=8, at_first=60)
    assert heard == ["Hydrating right now, thank you!"]
