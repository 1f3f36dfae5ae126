"""Memory over time: the whole service and the real overlay page in Chromium, while she answers line after line.

What counts is growth: a line through the second half of the samples, per hour and per reply. A process that is still
filling its caches grows at first.

    python benchmarks/memory.py [--minutes 60] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.first_sound import show
from benchmarks.replies import varied
from benchmarks.service import Service
from tests.browser.hearing import Hearer, chromium_engine
from tests.fakes.provider import ProviderServer, Timings

SAMPLES = 24
QUICK = Timings(first_token=0.05, tokens_per_second=120, first_audio=0.05, audio_speed=20.0)
"""As many replies an hour as can be spoken."""


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
        for name, size in (self._service.memory_kb() | page).items():
            self.taken.setdefault(name, []).append(size)

    def figures(self) -> dict[str, Any]:
        """By name: kB at the end, and what it grew by in the second half."""
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
        return rows


async def measure(service: Service, minutes: float) -> dict[str, Any]:
    async with chromium_engine() as engine, engine.window(width=800, height=800, ear=False) as chromium:
        page = await chromium.open(service.overlay_url)
        await page.state("idle")
        watch = Watch(service, page)
        replies = 0
        begin = time.monotonic()
        for number in range(SAMPLES + 1):
            while time.monotonic() - begin < minutes * 60 * number / SAMPLES:
                await service.say(f"Viewer{replies}", f"!ai message {replies}")
                await page.state("talking")
                await page.state("idle", seconds=60)
                replies += 1
            await watch.look(replies)
        return watch.figures()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    texts = map(varied, map(str, itertools.count()))
    with (
        ProviderServer(timings=QUICK, answer=lambda _body: next(texts)) as provider,
        tempfile.TemporaryDirectory() as directory,
        Service(Path(directory), provider=provider.base_url, quiet=options.json) as service,
    ):
        service.lift_limits()
        result = asyncio.run(measure(service, options.minutes))
    show(result, as_json=options.json)


if __name__ == "__main__":
    main()
