"""From a chat message to the first 100 ms of playable sound with mouth data, through the whole running service.

Everything runs as it does live: web process, worker, embedded Redis, real clients; only the provider is simulated
(350 ms to the first token, 60 tokens a second, 250 ms to the first byte of speech, then four times real time).

    python benchmarks/first_sound.py [--replies 40] [--json] [--strict]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from benchmarks.replies import REPLIES, floor_seconds, varied
from benchmarks.service import Overlay, Service
from tests.fakes.provider import BENCHMARK, ProviderServer

PLAYABLE_SECONDS = 0.100
START_BUFFER_SECONDS = 0.040
"""What the overlay page holds back before it starts."""
DEAD_AIR_SECONDS = 0.150
MOST = {"p50_ratio": 1.10, "p95_ms": 900, "replies_with_dead_air": 0}
"""The goals: a tenth over what the provider alone takes, and no silence inside a reply."""


@dataclass
class Reply:
    """What one reply looked like from the overlay's side. Times are seconds after the message."""

    floor: float
    first_playable: float = 0.0
    dead_air: float = 0.0
    spoke_on: float = 0.0
    """How long after the message she still spoke of something else, which delays it however fast she is."""
    _samples: int = 0
    _mouth: bool = False
    _plays_until: float | None = None
    arrivals: list[tuple[float, int]] = field(default_factory=list)

    def mouth(self, keys: list[list[float]]) -> None:
        self._mouth = self._mouth or (bool(keys) and keys[0][0] < PLAYABLE_SECONDS * 1000)

    def sound(self, at: float, samples: int) -> None:
        """Sound arrived; what would have been silence inside the reply is dead air."""
        seconds = samples / 24_000
        if self._plays_until is None:
            self._plays_until = at + START_BUFFER_SECONDS
        elif at > self._plays_until:
            self.dead_air += at - self._plays_until
            self._plays_until = at
        self._plays_until += seconds
        self._samples += samples
        if not self.first_playable and self._mouth and self._samples >= PLAYABLE_SECONDS * 24_000:
            self.first_playable = at


async def hear(service: Service, overlay: Overlay, text: str, *, name: str, asked: str, channel: str = "") -> Reply:
    """One question and its answer, which is known to be `text`."""
    reply = Reply(floor_seconds(text))
    sent = time.perf_counter()
    await service.say(name, asked, channel)
    async for frame in overlay.until_end():
        at = time.perf_counter() - sent
        if isinstance(frame, bytes):
            reply.sound(at, (len(frame) - 16) // 2)
        elif frame["t"] == "mouth":
            reply.mouth(frame["v"])
    await overlay.idle()
    return reply


async def measure(service: Service, replies: list[str]) -> list[Reply]:
    async with service.overlay() as overlay:
        # A line written before the channel is live is lost, as in any chat.
        await overlay.idle()
        return [
            await hear(service, overlay, text, name=f"Viewer{number}", asked=f"!ai message {number}")
            for number, text in enumerate(replies)
        ]


def figures(results: list[Reply]) -> dict[str, float]:
    """The published figures, in ms."""
    heard = sorted(reply.first_playable * 1000 for reply in results)
    floors = sorted(reply.floor * 1000 for reply in results)

    def percentile(values: list[float], share: float) -> float:
        return values[min(len(values) - 1, round(share * (len(values) - 1)))]

    return {
        "replies": len(results),
        "p50_ms": round(statistics.median(heard), 1),
        "p95_ms": round(percentile(heard, 0.95), 1),
        "floor_p50_ms": round(statistics.median(floors), 1),
        "floor_p95_ms": round(percentile(floors, 0.95), 1),
        "p50_ratio": round(statistics.median(heard) / statistics.median(floors), 3),
        "own_p50_ms": round(statistics.median((r.first_playable - r.floor) * 1000 for r in results), 1),
        "replies_with_dead_air": sum(reply.dead_air > DEAD_AIR_SECONDS for reply in results),
        "longest_dead_air_ms": round(max(reply.dead_air for reply in results) * 1000, 1),
    }


def show(result: Mapping[str, object], *, as_json: bool) -> None:
    """One figure a line and the goals that were missed, or all of it as JSON."""
    if as_json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(goals.told(value) if name == "missed" and isinstance(value, list) else f"{name:24} {value}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--replies", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    # Each once: what comes again would be left out, and the model asked anew.
    texts = [*REPLIES, *(varied(str(number)) for number in range(options.replies))][: options.replies]
    answers = iter(texts)
    with (
        ProviderServer(timings=BENCHMARK, answer=lambda _body: next(answers)) as provider,
        tempfile.TemporaryDirectory() as directory,
        Service(Path(directory), provider=provider.base_url, quiet=options.json) as service,
    ):
        service.lift_limits()
        result = figures(asyncio.run(measure(service, texts)))
    missed = goals.missed(result, most=MOST)
    show({**result, "missed": missed}, as_json=options.json)
    goals.end(missed, strict=options.strict)


if __name__ == "__main__":
    main()
