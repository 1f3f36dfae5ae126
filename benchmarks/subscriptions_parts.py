"""The processes of `benchmarks/subscriptions.py`: a Twitch that counts points, and the half of a gateway that asks it.

All share one clock, which runs faster than time. Nothing of Django is imported before a process has its settings.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.service import ROOT

EPOCH = 1_800_000_000.0
FIRST_ID = 501
"""Of the accounts at the Twitch on loopback."""
CHAT = "channel.chat.message"
LOOK = 10.0
"""Seconds of the fast clock between two looks at the rows; a look takes as long as ever, so there are fewer."""


@dataclass(frozen=True, slots=True)
class FastClock:
    """Unix seconds that pass `speed` times as fast, the same in all processes of this machine."""

    speed: float
    began: float

    def __call__(self) -> float:
        return EPOCH + (time.monotonic() - self.began) * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)


def twitch(pipe: Connection, clock: FastClock, channels: int) -> None:
    """A Twitch with so many broadcasters who allowed all. Answers "count", "figures" and "end"."""
    from tests.fakes.twitch import FakeTwitch
    from tests.fakes.twitch_bucket import Bucket, Subscriptions
    from tests.fakes.twitch_world import SCOPES_OF_TYPE, Conduit, Shard, Subscription

    made: dict[tuple[str, str], float] = {}

    class Timed(Subscriptions):
        def __setitem__(self, key: str, value: Subscription) -> None:
            made.setdefault((value.type, value.channel_id), clock())
            super().__setitem__(key, value)

    with FakeTwitch() as fake:
        everything = set().union(*SCOPES_OF_TYPE.values()) | {"user:write:chat"}
        for number in range(channels):
            fake.world.grants[fake.account(f"c{number}").id] = everything
        fake.world.subscriptions = Timed()
        fake.world.conduits["c"] = Conduit("c", [Shard("0"), Shard("1")])
        fake.world.bucket = Bucket(now=clock)
        pipe.send(fake.environment())
        while (asked := pipe.recv()) != "end":
            if asked == "count":
                pipe.send(len(fake.world.subscriptions))
            else:
                calls = Counter((call.method, call.path.removeprefix("/helix"), call.status) for call in fake.calls)
                taken = fake.world.bucket.taken
                pipe.send({"calls": dict(calls), "made": made, "held": len(fake.world.subscriptions), "taken": taken})


def gateway(pipe: Connection, clock: FastClock, environment: dict[str, str]) -> None:
    """The leading gateway's half that asks: it may be killed at any time. Begins at "go", answers "measure"."""
    os.environ.update(environment)
    os.chdir(ROOT)
    import django

    django.setup()
    # Loaded before it is needed: a worker that takes over has done so long ago.
    import workers.twitch.reconciler
    import workers.twitch.streams  # noqa: F401

    pipe.recv()
    asyncio.run(_reconcile(pipe, clock))


async def _reconcile(pipe: Connection, clock: FastClock) -> None:
    from django.conf import settings

    from channels_app.twitch.helix import Helix
    from workers.fleet.runtime import in_db
    from workers.twitch import rows, streams
    from workers.twitch.pace import Pace
    from workers.twitch.reconciler import Reconciler
    from workers.twitch.running import Running

    env, pace, running = settings.ENV, Pace(look=LOOK), Running()
    secret = env.TWITCH_CLIENT_SECRET.get_secret_value()
    helix = Helix(env.TWITCH_CLIENT_ID, secret, env.TWITCH_API_URL, env.TWITCH_AUTH_URL, clock=clock)
    await in_db(rows.use_conduit, "c")
    reconciler = Reconciler(helix, pace, lambda: "c", sleep=clock.sleep)

    async def look() -> None:
        changed = await in_db(running.look)
        if changed:
            reconciler.see(running.channels, changed)

    async def keep_looking() -> None:
        while True:
            await look()
            await clock.sleep(pace.look)

    await look()
    parts = [keep_looking(), reconciler.run(), streams.poll(helix, pace, lambda: running.channels, sleep=clock.sleep)]
    tasks = [asyncio.create_task(part) for part in parts]
    while not pipe.poll():
        await asyncio.sleep(0.05)
        for task in tasks:
            if task.done():
                task.result()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    async def whole_look() -> None:
        await look()
        await reconciler.look_at_rows()

    pipe.send(await _cost_of(whole_look))


async def _cost_of(look: Any, *, looks: int = 20) -> dict[str, float]:
    """CPU of a look in which nothing has changed, and the longest that the loop did not turn meanwhile."""
    longest = 0.0

    async def turn() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - before)

    await look()
    spent, taken = time.process_time(), time.thread_time()
    for _ in range(looks):
        await look()
    spent, taken = time.process_time() - spent, time.thread_time() - taken
    turning = asyncio.create_task(turn())
    for _ in range(looks):
        await look()
    turning.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await turning
    return {
        "look_cpu_ms": round(spent / looks * 1000, 1),
        "look_on_the_loop_ms": round(taken / looks * 1000, 2),
        "loop_held_ms": round(longest * 1000, 1),
    }
