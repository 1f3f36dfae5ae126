"""Memory over time, and all else that could pile up: the whole service and the real overlay page in Chromium.

What counts is growth: a line through the second half of the samples, per hour and per reply. A process that is still
filling its caches grows at first. Beside memory: open files, threads, and tasks of the workers' loops.

Without other channels she answers line after line. With them (`--channels`) each of those hears a line a second and is
asked something twice a minute (`benchmarks/crowd`), and so is she who is seen.

    python benchmarks/memory.py [--minutes 60] [--channels 0] [--json] [--strict]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from benchmarks.crowd.house import audience, house, until_live
from benchmarks.first_sound import show
from benchmarks.replies import varied
from benchmarks.service import Service
from tests.browser.hearing import Hearer, chromium_engine
from tests.fakes.provider import ProviderServer, Timings

SAMPLES = 24
QUICK = Timings(first_token=0.05, tokens_per_second=120, first_audio=0.05, audio_speed=20.0)
"""As many replies an hour as can be spoken."""
EVERY_SECONDS = 30.0
"""Between two questions in a channel, where there are others."""
MOST_PERCENT_PER_HOUR = 5.0
NEGLIGIBLE = 64.0
"""kB, files, threads or tasks an hour that are no growth: a process that takes a megabyte grows by 5 % with a page."""
TASKS = """
import json
from workers.models import WorkerProcess
print(json.dumps({row.name.partition("@")[0]: row.figures.get("tasks", 0) for row in WorkerProcess.objects.all()}))
"""


class Watch:
    """What everything takes, again and again: kB by name."""

    def __init__(self, service: Service, page: Hearer) -> None:
        self._service, self._page = service, page
        self.times: list[float] = []
        self.replies: list[int] = []
        self.taken: dict[str, list[float]] = {}

    async def look(self, replies: int) -> None:
        devtools = await self._page.page.context.new_cdp_session(self._page.page)
        await devtools.send("HeapProfiler.collectGarbage")
        heap = await devtools.send("Runtime.getHeapUsage")
        counters = await devtools.send("Memory.getDOMCounters")
        await devtools.detach()
        self.times.append(time.monotonic() / 3600)
        self.replies.append(replies)
        page = {
            "page: heap": heap["usedSize"] / 1024,
            "page: buffers": heap["backingStorageSize"] / 1024,
            "page: nodes (number)": counters["nodes"],
            "page: listeners (number)": counters["jsEventListeners"],
        }
        held = {
            f"{name}: {what}": number for name, mine in self._service.held().items() for what, number in mine.items()
        }
        tasks = json.loads(await asyncio.to_thread(self._service.shell, TASKS))
        counted = held | {f"{name}: tasks": number for name, number in tasks.items()}
        for name, size in (self._service.memory_kb() | page | counted).items():
            self.taken.setdefault(name, []).append(size)

    def figures(self) -> dict[str, Any]:
        """By name: kB or number at the end, and what it grew by in the second half."""
        half = len(self.times) // 2
        rows: dict[str, Any] = {"replies": self.replies[-1], "hours": round(self.times[-1] - self.times[0], 2)}
        for name, sizes in self.taken.items():
            # A process that was started anew in between has fewer samples.
            late = sizes[-(len(self.times) - half) :]
            hours, replies = self.times[-len(late) :], self.replies[-len(late) :]
            rows[name] = {
                "at_end": round(late[-1], 1),
                "per_hour": round(float(np.polyfit(hours, late, 1)[0]), 1),
                "per_reply": round(float(np.polyfit(replies, late, 1)[0]), 3),
            }
        growing = [
            f"{name} grows by {row['per_hour']:g} an hour from {row['at_end']:g}"
            for name, row in rows.items()
            if isinstance(row, dict) and row["per_hour"] > max(NEGLIGIBLE, row["at_end"] * MOST_PERCENT_PER_HOUR / 100)
        ]
        return rows | {"missed": growing}


async def watched(service: Service, minutes: float, step: Callable[[Hearer, int], Awaitable[None]]) -> dict[str, Any]:
    """The demo channel's page in Chromium; `step` makes her answer once more, and is repeated for so long."""
    async with chromium_engine() as engine, engine.window(width=800, height=800, ear=False) as chromium:
        page = await chromium.open(service.overlay_url)
        await page.state("idle")
        watch = Watch(service, page)
        replies = 0
        begin = time.monotonic()
        for number in range(SAMPLES + 1):
            while time.monotonic() - begin < minutes * 60 * number / SAMPLES:
                await step(page, replies)
                replies += 1
            await watch.look(replies)
        return watch.figures()


async def alone(minutes: float, *, quiet: bool) -> dict[str, Any]:
    """She is asked again as soon as she has answered."""
    texts = map(varied, map(str, itertools.count()))
    with (
        ProviderServer(timings=QUICK, answer=lambda _body: next(texts)) as provider,
        tempfile.TemporaryDirectory() as directory,
        Service(Path(directory), provider=provider.base_url, quiet=quiet) as service,
    ):
        service.lift_limits()

        async def step(page: Hearer, number: int) -> None:
            await service.say(f"Viewer{number}", f"!ai message {number}")
            await page.state("talking")
            await page.state("idle", seconds=60)

        return await watched(service, minutes, step)


async def among(channels: int, minutes: float, *, quiet: bool) -> dict[str, Any]:
    """She is one of many that are asked now and then."""
    with house(workers=1, quiet=quiet, sampled=False) as at:
        at.service.lift_limits()
        async with audience(at) as listeners:
            urls = await asyncio.to_thread(at.service.open_channels, channels)
            await until_live(at, channels + 1)
            for channel, playback in (await listeners.hears(urls, sockets=max(1, channels // 10))).items():
                at.chat.add(channel, playback, every=EVERY_SECONDS)
            talk = asyncio.create_task(at.chat.talk(minutes * 60 + EVERY_SECONDS * 2))

            async def step(page: Hearer, number: int) -> None:
                due = time.monotonic() + EVERY_SECONDS
                await at.service.say(f"Viewer{number}", f"!ai message {number}")
                await page.state("talking", seconds=60)
                await page.state("idle", seconds=60)
                await asyncio.sleep(max(0.0, due - time.monotonic()))

            try:
                found = await watched(at.service, minutes, step)
            finally:
                talk.cancel()
            heard = sum(len(room.playback.heard) for room in at.chat.rooms)
            return found | {"channels": channels, "replies_of_all": found["replies"] + heard}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--channels", type=int, default=0, help="others that are live beside the one that is seen")
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    if options.channels:
        result = asyncio.run(among(options.channels, options.minutes, quiet=options.json))
    else:
        result = asyncio.run(alone(options.minutes, quiet=options.json))
    show(result, as_json=options.json)
    goals.end(result["missed"], strict=options.strict)


if __name__ == "__main__":
    main()
