"""The service with everything around it that many channels need, for one measurement."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.crowd import stages
from benchmarks.crowd.audience import Ears, Playback, seats
from benchmarks.crowd.chat import Chat
from benchmarks.crowd.provider import NICENESS
from benchmarks.crowd.wire import Wire
from benchmarks.service import ROOT, Service, public_id

LIVE_SECONDS = 180
"""In which all channels must be live."""

ATTEND = """
from datetime import timedelta
from django.utils import timezone
from channels_app import push
from channels_app.models import Channel, OverlayPresence
soon = timezone.now() + timedelta(days=1)
channels = list(Channel.objects.filter(public_id__in={channels}))
OverlayPresence.objects.bulk_create([
    OverlayPresence(channel=channel, connection=f"ear-{{channel.pk}}", seen_at=soon, audible=True)
    for channel in channels
])
for channel in channels:
    push.inbox_now(channel, {{"t": "overlay"}})
"""
"""Presence rows as the web process keeps them, of pages that report until tomorrow."""

COUNT_LIVE = """
from workers.fleet.lease import owned
from workers.models import Run
print(Run.objects.filter(owned(), kind="channel").count())
"""

OUTCOMES = """
import json
from datetime import datetime, timezone
from django.db.models import Count
from channels_app.models import Turn
since = datetime.fromtimestamp({since}, timezone.utc)
rows = Turn.objects.filter(created_at__gte=since).values("outcome", "reason").annotate(count=Count("pk"))
print(json.dumps([[row["outcome"], row["reason"], row["count"]] for row in rows]))
"""


SHED = """
import json
from workers.models import WorkerProcess
print(json.dumps([row.figures.get("dropped", {}) for row in WorkerProcess.objects.filter(kind="live")]))
"""
"""What the workers left out so far, by reason, as they tell with their heartbeats."""


class SimulatedProvider:
    """`benchmarks.crowd.provider` as a child process."""

    def __enter__(self) -> SimulatedProvider:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crowd.provider"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self.base_url = self._process.stdout.readline().strip()
        return self

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> dict[str, Any]:
        """Ends it; what it says of itself."""
        said, _ = self._process.communicate()
        found: dict[str, Any] = json.loads(said) if said.strip() else {}
        return found

    def __exit__(self, *_error: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@dataclass
class House:
    """The running service, its provider, and the connections of whoever surrounds it."""

    service: Service
    provider: SimulatedProvider
    data: Path
    wire: Wire
    chat: Chat

    def simulation_seconds(self) -> float:
        """Processor time of all that is no part of the service."""
        return time.process_time() + self.provider.cpu_seconds()

    def stages(self) -> dict[str, float]:
        return stages.seconds(self.data / "sampled")

    def shed(self) -> dict[str, int]:
        """What went unanswered or unread so far because there was too much of it, by reason."""
        found: Counter[str] = Counter()
        for dropped in json.loads(self.service.shell(SHED)):
            found.update(dropped)
        return dict(found)

    def outcomes(self, since: float) -> list[tuple[str, str, int]]:
        """(outcome, reason, how many) of the turns begun since this unix second."""
        rows = json.loads(self.service.shell(OUTCOMES.format(since=since)))
        return [(outcome, reason, count) for outcome, reason, count in rows]


@contextlib.contextmanager
def house(*, workers: int, quiet: bool, sampled: bool = True, extra: dict[str, str] | None = None) -> Iterator[House]:
    """Starts everything. The simulation gives way to the service wherever both want the processor."""
    with tempfile.TemporaryDirectory() as directory, SimulatedProvider() as provider:
        data = Path(directory)
        environment = extra or {}
        if sampled:
            environment |= stages.environment(data / "sampled", os.environ.get("PYTHONPATH", ""))
        with Service(data, provider=provider.base_url, quiet=quiet, extra=environment, workers=workers) as service:
            os.nice(NICENESS)
            wire = Wire(data)
            yield House(service, provider, data, wire, Chat(wire))


class Audience:
    """Whoever hears the channels, until the stack is closed."""

    def __init__(self, house: House, stack: contextlib.AsyncExitStack) -> None:
        self._house, self._stack = house, stack
        self._ears = Ears(house.wire)
        self.playbacks: dict[str, Playback] = {}

    async def open(self) -> None:
        await self._house.wire.open()
        await self._ears.open()

    async def hears(self, urls: list[str], *, sockets: int) -> dict[str, Playback]:
        """From now on these channels too: a real socket the first so many, an ear the others. By public id."""
        without = [public_id(url) for url in urls[sockets:]]
        found = {channel: self._ears.add(channel) for channel in without}
        await asyncio.to_thread(self._house.service.shell, ATTEND.format(channels=without))
        found |= await seats(self._house.service, urls[:sockets], self._stack)
        self.playbacks |= found
        return found


@contextlib.asynccontextmanager
async def audience(house: House) -> AsyncIterator[Audience]:
    async with contextlib.AsyncExitStack() as stack:
        found = Audience(house, stack)
        await found.open()
        yield found


async def until_live(house: House, count: int) -> float:
    """Returns when so many channels are live; seconds it took. Raises TimeoutError."""
    began = time.perf_counter()
    while int(await asyncio.to_thread(house.service.shell, COUNT_LIVE)) < count:
        if time.perf_counter() - began > LIVE_SECONDS:
            raise TimeoutError(f"Not all of {count} channels were live within {LIVE_SECONDS} s.")
        await asyncio.sleep(0.5)
    return time.perf_counter() - began
