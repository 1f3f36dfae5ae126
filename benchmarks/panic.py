"""From the press of panic to silence at the loudspeaker of the real page, and whether it stays silent.

The panic URL is posted to while she speaks in Chromium and other channels speak at the same time; the ear at the page
tells when its last sound was heard. Then once more with a model that has fallen silent and with a database that nobody
can write to. Afterwards the page is loaded anew and the worker is killed, and she is asked again: nothing may sound.

    python benchmarks/panic.py [--trials 40] [--channels 10] [--json] [--strict]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from benchmarks.service import public_id
from tests.browser.hearing import Hearer, chromium_engine
from tests.browser.theatre import QUICK, Theatre, theatre
from tests.fakes.provider import stall

MOST = {"p99_ms": 250.0, "provider_stalled_ms": 250.0, "database_locked_ms": 250.0, "sounds_while_latched": 0}
"""The goals: a quarter of a second, whatever else stands still, and not a sound until somebody lifts it."""
QUIET = 0.001
ASK_EVERY = 3.0
"""Seconds between two questions in each of the other channels."""
SILENT_SECONDS = 4.0
"""How long she is listened to after a question that must not be answered."""
WORKER = """
from workers.models import Run, WorkerProcess
run = Run.objects.get(name=f"channel/{channel.public_id}")
print(WorkerProcess.objects.get(name=run.owner).pid, run.fence)
"""


async def press(url: str) -> float:
    """Posts as a Stream Deck does. Returns the Unix second of the press; whoever answers late is not waited for."""
    request = urllib.request.Request(url, method="POST")

    def post() -> None:
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    pressed = time.time()
    task = asyncio.create_task(asyncio.to_thread(post))
    _pressing.add(task)
    task.add_done_callback(_pressing.discard)
    return pressed


_pressing: set[asyncio.Task[None]] = set()


async def trial(
    house: Theatre,
    page: Hearer,
    url: str,
    moments: random.Random,
    trouble: contextlib.AbstractContextManager[None] | None = None,
) -> float | None:
    """Milliseconds from the press to the last sound that was heard; None where she had not begun to sound.

    `trouble` begins when she talks and ends when she is silent.
    """
    await page.state("idle", seconds=60)
    await page.forget()
    house.forget()
    await house.ask()
    await page.state("talking", seconds=60)
    with trouble or contextlib.nullcontext():
        await asyncio.sleep(moments.uniform(0.4, 1.6))
        pressed = await press(url)
        await page.state("muted", seconds=30)
        await asyncio.sleep(0.8)
    heard = await page.heard()
    if heard.loudest < QUIET:
        return None
    origin = float(await page.page.evaluate("performance.timeOrigin")) / 1000
    # What is heard runs on the clock of the sound; `ahead` leads from it to the page's clock.
    last = origin + heard.ends_at - heard.ahead
    return max(0.0, (last - pressed) * 1000)


async def calm(house: Theatre) -> None:
    await asyncio.gather(*_pressing)
    await asyncio.to_thread(house.shell, "actions.calm(channel, acting_user=None)")


@contextlib.asynccontextmanager
async def load(house: Theatre, count: int) -> AsyncIterator[None]:
    """Other channels that speak all the time."""
    urls = await asyncio.to_thread(house.service.open_channels, count) if count else []

    async def live(url: str) -> None:
        async with house.service.overlay(url) as overlay:
            while True:
                await house.service.say(f"Viewer{time.time()}", "!ai tell me something", channel=public_id(url))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ASK_EVERY * 3):
                        async for _frame in overlay.until_end():
                            pass
                await asyncio.sleep(ASK_EVERY)

    tasks = [asyncio.create_task(live(url)) for url in urls]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """Nobody else can write to it."""
    with contextlib.closing(sqlite3.connect(database, timeout=10, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            held.execute("ROLLBACK")


async def is_silent(house: Theatre, page: Hearer) -> bool:
    """Whether a question brings no sound."""
    await page.forget()
    await house.ask()
    await asyncio.sleep(SILENT_SECONDS)
    heard = await page.heard()
    return heard.loudest < QUIET and await page.page.locator("html").get_attribute("data-state") == "muted"


async def sounds_while_latched(house: Theatre, page: Hearer, url: str) -> dict[str, Any]:
    """She is silenced, the page is loaded anew, the worker is killed: how often she made a sound after all."""
    await page.state("idle", seconds=60)
    await press(url)
    await page.state("muted")
    failures = 0 if await is_silent(house, page) else 1
    await page.page.reload()
    # Its sound begins to count anew.
    page = Hearer(page.page)
    await page.state("muted")
    failures += not await is_silent(house, page)
    pid, fence = map(int, (await asyncio.to_thread(house.shell, WORKER)).split())
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    while time.monotonic() < began + 60:
        await asyncio.sleep(0.5)
        with contextlib.suppress(RuntimeError, ValueError):
            if int((await asyncio.to_thread(house.shell, WORKER)).split()[1]) > fence:
                break
    restarted = time.monotonic() - began
    # Until then it has begun to read what it is asked.
    await asyncio.sleep(SILENT_SECONDS)
    failures += not await is_silent(house, page)
    await calm(house)
    await page.state("idle", seconds=60)
    await house.ask()
    await page.state("talking", seconds=60)
    return {"sounds_while_latched": failures, "worker_back_s": round(restarted, 1), "speaks_when_lifted": True}


async def measure(house: Theatre, database: Path, trials: int, channels: int) -> dict[str, Any]:
    house.provider.timings = QUICK
    url = await asyncio.to_thread(
        house.shell,
        "from channels_app import panic_urls\nprint(panic_urls.new_panic_url(channel, acting_user=None))",
    )
    moments = random.Random(1)
    taken: list[float] = []
    async with chromium_engine() as engine, engine.window() as window, load(house, channels):
        page = await window.open(house.url)
        for _ in range(trials):
            if (found := await trial(house, page, url, moments)) is not None:
                taken.append(found)
            await calm(house)
        without_database = await trial(house, page, url, moments, locked(database))
        await calm(house)
    async with chromium_engine() as engine, engine.window() as window:
        page = await window.open(house.url)
        await page.state("idle", seconds=60)
        # Her first sentence is made, and her second never comes.
        house.provider.speech.queue(house.provider.speech.default, *(stall() for _ in range(9)))
        without_provider = await trial(house, page, url, moments)
        house.provider.speech.waiting.clear()
        await calm(house)
        latched = await sounds_while_latched(house, page, url)
    result = {
        "trials": len(taken),
        "channels": channels,
        "p50_ms": round(float(np.quantile(taken, 0.5)), 1),
        "p99_ms": round(float(np.quantile(taken, 0.99)), 1),
        "longest_ms": round(max(taken), 1),
        "provider_stalled_ms": None if without_provider is None else round(without_provider, 1),
        "database_locked_ms": None if without_database is None else round(without_database, 1),
        **latched,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }
    return result | {"missed": goals.missed(result, most=MOST)}


def show(result: Mapping[str, Any]) -> None:
    for name, value in result.items():
        if name != "missed":
            print(f"{name:24}{value}")
    print(goals.told(result["missed"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--channels", type=int, default=10, help="others that speak meanwhile")
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, theatre(Path(directory)) as house:
        database = Path(directory) / "aigirl.sqlite3"
        result = asyncio.run(measure(house, database, options.trials, options.channels))
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    goals.end(result["missed"], strict=options.strict)


if __name__ == "__main__":
    main()
