"""Many channels at once on one machine: first sound, dead air and what the processes use, through the whole service.

Each channel has an overlay and asks its character something every so many seconds, at moments of its own; the provider
is simulated as in benchmarks/first_sound.py. The simulation and all overlays run on the same cores as the service.

    python benchmarks/capacity.py [--channels 50] [--every 10] [--seconds 60] [--json] [--strict]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from benchmarks.first_sound import Reply, figures, hear, show
from benchmarks.replies import varied
from benchmarks.service import Service, public_id
from tests.fakes.provider import BENCHMARK, ProviderServer

CALM_SECONDS = 3.0
"""After the last channel is live, before anything is measured."""
RENAMED = {"p50_ms": "p50_first_sound_ms", "p95_ms": "p95_first_sound_ms"}
GOAL_CHANNELS = 50
MOST = {"p95_first_sound_ms": 1200}
"""The goal for so many channels; more of them have none."""


def answer(body: Mapping[str, Any]) -> str:
    """A reply that belongs to the question, so that the floor of each is known."""
    asked = re.search(r"message (\d+)", str(body["messages"][-1]["content"]))
    return reply_to(asked.group(1) if asked else "")


def reply_to(number: str) -> str:
    return varied(number)


async def live(
    service: Service, url: str, every: float, begin: asyncio.Event, seconds: float, asked: list[str]
) -> list[Reply]:
    """One channel: connected, then a question every `every` seconds on average for `seconds` seconds. It ends with a
    question that nobody answers, since an answer after all would be taken for the next one's."""
    moments = random.Random(url)
    replies = []
    async with service.overlay(url) as overlay:
        await begin.wait()
        end = time.perf_counter() + seconds
        due = time.perf_counter() + moments.uniform(0, every)
        while due < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            number, channel = str(moments.randrange(10**6)), public_id(url)
            asked.append(number)
            text, line = reply_to(number), f"!ai message {number}"
            try:
                replies.append(await hear(service, overlay, text, name="Viewer", asked=line, channel=channel))
            except TimeoutError:
                break
            due = max(time.perf_counter(), due + moments.uniform(0.5, 1.5) * every)
    return replies


def missed(result: Mapping[str, Any]) -> list[str]:
    return goals.missed(result, most=MOST) if result["channels"] <= GOAL_CHANNELS else []


async def measure(service: Service, channels: int, every: float, seconds: float) -> dict[str, Any]:
    async with service.overlay() as overlay:
        # What is loaded once, with the first reply, is no channel's.
        await hear(service, overlay, reply_to("0"), name="Viewer", asked="!ai message 0")
    empty = sum(service.memory_kb().values())
    urls = service.open_channels(channels)
    begin, asked = asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(live(service, url, every, begin, seconds, asked)) for url in urls]
    await asyncio.sleep(CALM_SECONDS)
    before = service.cpu_seconds()
    started = time.perf_counter()
    begin.set()
    await asyncio.sleep(seconds / 2)
    full = sum(service.memory_kb().values())
    replies = [reply for found in await asyncio.gather(*tasks) for reply in found]
    took = time.perf_counter() - started
    used = service.cpu_seconds() - before
    found = figures(replies) if replies else {}
    return {
        "channels": len(urls),
        **{RENAMED.get(name, name): value for name, value in found.items()},
        "dropped": len(asked) - len(replies),
        "kb_per_channel": round((full - empty) / len(urls), 1),
        "seconds": round(took, 1),
        "cores_used": round(used / took, 2),
        "cpu_ms_per_reply": round(used / len(replies) * 1000, 1) if replies else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--channels", type=int, default=50)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two questions in a channel")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    with (
        ProviderServer(timings=BENCHMARK, answer=answer) as provider,
        tempfile.TemporaryDirectory() as directory,
        Service(Path(directory), provider=provider.base_url, quiet=options.json) as service,
    ):
        result = asyncio.run(measure(service, options.channels, options.every, options.seconds))
    result["missed"] = missed(result)
    show(result, as_json=options.json)
    goals.end(result["missed"], strict=options.strict)


if __name__ == "__main__":
    main()
