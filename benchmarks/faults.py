"""What dies, and how soon everybody is live again: each fault once, in the whole product, while chat goes on.

Two hosts: `a` runs everything under its supervisor, `b` is one more live worker with a network of its own (a namespace,
as root on Linux). Redis and PostgreSQL are real ones of the benchmark's own. In every channel somebody asks something
new as soon as the last was answered, and people cheer just before the fault and during it. `recovered_s` is how long
after the fault every channel had answered aloud a question that was asked after it.

    python benchmarks/faults.py [--channels 8] [--lease 6] [--only NAME ...] [--json] [--strict]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from benchmarks.fault_parts import Namespace
from benchmarks.fault_site import START_SECONDS, Site
from benchmarks.watch import Watch

SETTLED_SECONDS = 60.0
LONGEST = 45.0
"""Seconds after which a channel that did not come back counts as lost."""
REDIS_AWAY = 3.0
HANG_SECONDS = 10.0
CUT_SECONDS = 15.0
LEASE_OVER = 4.0
"""Seconds longer than its lease a stopped process stays stopped: others have its channels by then."""
DURING = 1.0
"""Seconds after a fault at which people cheer again."""
AFTERWARDS = 3.0
"""Seconds to see what comes late."""

IN_HOUSE, GATEWAY = "live1@a", "gateway/0"
Moment = float


@dataclass
class Fault:
    """`strike` does it and returns the moment it struck; `limit` is in seconds, by the seconds of a lease."""

    name: str
    strike: Callable[[Stage], Awaitable[Moment]]
    limit: Callable[[float], float]
    silence: Callable[[float], float] | None = None
    """The longest silence that is borne, where there is a goal."""
    restarts: bool = True
    """Whether channels may move to another worker."""
    needs: Callable[[Site], str] = lambda site: ""
    """Why it cannot be done here, "" when it can."""


class Stage:
    """A site whose channels are all watched."""

    def __init__(self, site: Site) -> None:
        self.site = site
        through_twitch = Watch(site.service, site.twitch_url, say=self._in_twitch_chat)
        self.watches = [*(Watch(site.service, url) for url in site.urls), through_twitch]
        self._presents = 0
        self._giving: list[asyncio.Task[None]] = []

    async def _in_twitch_chat(self, line: str) -> None:
        await asyncio.to_thread(self.site.twitch.say, "Alice", "Asker", line)

    async def give_each(self) -> None:
        """A present in every channel. Comes back at once; they arrive as the service takes them."""
        for watch in self.watches:
            self._presents += 1
            work = asyncio.to_thread(self.site.give, watch.channel, self._presents)
            self._giving.append(asyncio.create_task(work))

    @property
    def presents(self) -> int:
        return self._presents

    async def give_later(self) -> None:
        """While things are dead."""
        await asyncio.sleep(DURING)
        await self.give_each()

    async def presents_lost(self, first: int, *, named: bool) -> list[str]:
        """What was given from number `first` on and neither heard nor on its way, after time enough. `named`: whether
        she can have named it (without a model she thanks in general words)."""
        end = time.perf_counter() + LONGEST
        while True:
            rows = await asyncio.to_thread(self.site.presents)
            mine = [(text, state) for _channel, text, state, _why in rows if int(text.split()[1]) >= first]
            heard = {what for watch in self.watches for what in watch.presents()}
            lost = [text for text, state in mine if state != "spoken" or (named and text not in heard)]
            if not lost or time.perf_counter() > end:
                return lost
            await asyncio.sleep(0.2)

    async def all_given(self) -> None:
        await asyncio.gather(*self._giving)
        self._giving.clear()

    @property
    def doubled(self) -> set[tuple[str, str]]:
        """(channel, words) of what was said in two utterances."""
        return {(watch.channel, what) for watch in self.watches for what in watch.doubled}

    async def facts(self) -> dict[str, Any]:
        return await asyncio.to_thread(self.site.facts)

    def elsewhere(self) -> str:
        """The worker of the second host."""
        return next(reversed(self.site.processes))

    async def prepare(self) -> None:
        """Both hosts have a worker, every worker some of the channels, and all are heard."""
        workers = (await self.facts())["workers"]
        if not any(name in workers for name in self.site.processes):
            await asyncio.to_thread(self.site.start_worker)
        await asyncio.to_thread(
            self.site.wait, lambda facts: IN_HOUSE in facts["workers"], START_SECONDS, "the worker of host a"
        )
        await asyncio.to_thread(self.site.spread)
        begin = time.perf_counter()
        if lost := await self.heard_after(begin, SETTLED_SECONDS):
            raise RuntimeError(f"{lost} channels were not heard before the fault")

    async def heard_after(self, moment: Moment, seconds: float) -> int:
        """Waits until every channel has answered aloud what was asked after a moment. How many have not."""
        end = time.perf_counter() + seconds
        while True:
            silent = sum(watch.answered_after(moment) is None for watch in self.watches)
            if not silent or time.perf_counter() > end:
                return silent
            await asyncio.sleep(0.05)


def _house_works(facts: dict[str, Any]) -> bool:
    return IN_HOUSE in facts["workers"]


# The faults


async def kill_supervised(stage: Stage) -> Moment:
    pid = await asyncio.to_thread(stage.site.pid, IN_HOUSE)
    stage.site.kill(pid)
    return time.perf_counter()


async def kill_elsewhere(stage: Stage) -> Moment:
    """Nobody on its host sees it die: only its lease tells."""
    name = stage.elsewhere()
    pid = await asyncio.to_thread(stage.site.pid, name)
    stage.site.kill(pid)
    struck = time.perf_counter()
    stage.site.processes.pop(name).end()
    return struck


async def kill_gateway(stage: Stage) -> Moment:
    facts = await stage.facts()
    stage.site.kill(facts["workers"][facts["owners"][GATEWAY]])
    return time.perf_counter()


async def kill_web(stage: Stage) -> Moment:
    stage.site.kill(await asyncio.to_thread(stage.site.web_pid))
    return time.perf_counter()


async def kill_redis(stage: Stage) -> Moment:
    stage.site.redis.kill()
    struck = time.perf_counter()
    await asyncio.sleep(REDIS_AWAY)
    await asyncio.to_thread(stage.site.redis.start)
    return struck


async def restart_postgres(stage: Stage) -> Moment:
    struck = time.perf_counter()
    assert stage.site.postgres
    await asyncio.to_thread(stage.site.postgres.restart)
    return struck


async def stop_and_go_on(stage: Stage) -> Moment:
    """As a virtual machine that is suspended: its owner wakes up when others have its channels."""
    pid = await asyncio.to_thread(stage.site.pid, stage.elsewhere())
    os.kill(pid, signal.SIGSTOP)
    struck = time.perf_counter()
    await asyncio.sleep(stage.site.lease + LEASE_OVER)
    os.kill(pid, signal.SIGCONT)
    return struck


async def deploy(stage: Stage) -> Moment:
    """A new worker of the second host comes, the old one is asked to leave."""
    old = stage.elsewhere()
    await asyncio.to_thread(stage.site.start_worker)
    process = stage.site.processes.pop(old)
    process.terminate()
    struck = time.perf_counter()
    await asyncio.to_thread(process.popen.wait, 30)
    process.end()
    return struck


async def hang_provider(stage: Stage) -> Moment:
    struck = time.perf_counter()
    stage.site.hang(True)
    await asyncio.sleep(HANG_SECONDS)
    stage.site.hang(False)
    return struck


async def cut_redis(stage: Stage) -> Moment:
    host = stage.site.host
    assert isinstance(host, Namespace)
    host.pull_redis()
    struck = time.perf_counter()
    await asyncio.sleep(CUT_SECONDS)
    host.plug_redis()
    return struck


def by_lease(lease: float) -> float:
    """8 s with a lease of 6, 4.5 s with one of 3."""
    return 1.0 + lease * 7 / 6


FAULTS = [
    Fault("worker killed, its supervisor sees it", kill_supervised, lambda lease: 2.5),
    Fault("worker killed, its lease runs out", kill_elsewhere, by_lease),
    Fault("gateway killed", kill_gateway, by_lease),
    Fault("web process killed", kill_web, lambda lease: 15.0, restarts=False),
    Fault("Redis killed, back empty after 3 s", kill_redis, lambda lease: REDIS_AWAY + 3.0, restarts=False),
    Fault(
        "PostgreSQL restarted", restart_postgres, lambda lease: 8.0, restarts=False,
        needs=lambda site: "" if site.postgres else "there is no PostgreSQL program",
    ),
    Fault("owner stopped and continued", stop_and_go_on, by_lease),
    Fault("rolling deploy", deploy, lambda lease: 2.5, silence=lambda lease: 2.5),
    Fault("provider hangs for 10 s", hang_provider, lambda lease: HANG_SECONDS + 3.0, restarts=False),
    Fault(
        "network cut between a worker and Redis", cut_redis, lambda lease: by_lease(lease) + 2.0,
        needs=lambda site: "" if site.host.is_apart else "a network namespace needs root on Linux",
    ),
]  # fmt: skip


async def carry_out(stage: Stage, fault: Fault) -> dict[str, Any]:
    """One fault from a calm site to the end of what it brought about."""
    await stage.prepare()
    doubled = stage.doubled
    late = sum(watch.late_frames for watch in stage.watches)
    fences = (await stage.facts())["fences"]
    first = stage.presents + 1
    await stage.give_each()
    await stage.all_given()
    during = asyncio.create_task(stage.give_later())
    struck = await fault.strike(stage)
    lost = await stage.heard_after(struck, LONGEST)
    times = [at for watch in stage.watches if (at := watch.answered_after(struck)) is not None]
    await during
    await stage.all_given()
    unpaid = await stage.presents_lost(first, named=fault.strike is not hang_provider)
    await asyncio.sleep(AFTERWARDS)
    after = (await stage.facts())["fences"]
    lease = stage.site.lease
    for channel, what in stage.doubled - doubled:
        watch = next(watch for watch in stage.watches if watch.channel == channel)
        print(f"  said twice in {channel}: {what}, {watch.said(what)}", file=sys.stderr)
    return {
        "fault": fault.name,
        "recovered_s": round(max(times) - struck, 2) if times and not lost else None,
        "limit_s": round(fault.limit(lease), 2),
        "longest_silence_s": round(
            max(watch.longest_silence(struck - 1, max(times, default=struck + LONGEST)) for watch in stage.watches), 2
        ),
        "silence_limit_s": fault.silence(lease) if fault.silence else None,
        "channels_lost": lost,
        "words_doubled": len(stage.doubled - doubled),
        "late_frames": sum(watch.late_frames for watch in stage.watches) - late,
        "paid_lost": len(unpaid),
        "runs_moved": sum(after[name] != fence for name, fence in fences.items()),
        "runs_may_move": fault.restarts,
    }


def missed(found: list[dict[str, Any]]) -> list[str]:
    """Goals that were not reached, in words."""
    told = []
    for row in found:
        most = {"recovered_s": row["limit_s"], "channels_lost": 0, "words_doubled": 0, "late_frames": 0, "paid_lost": 0}
        if row["silence_limit_s"] is not None:
            most["longest_silence_s"] = row["silence_limit_s"]
        if not row["runs_may_move"]:
            most["runs_moved"] = 0
        told += [f"{row['fault']}: {miss}" for miss in goals.missed(row, most=most)]
    return told


async def measure(site: Site, chosen: list[Fault]) -> list[dict[str, Any]]:
    stage = Stage(site)
    tasks = [asyncio.create_task(part) for watch in stage.watches for part in (watch.listen(), watch.ask())]
    found = []
    try:
        for fault in chosen:
            print(f"… {fault.name}", file=sys.stderr, flush=True)
            found.append(await carry_out(stage, fault))
            print(f"  {json.dumps(found[-1])}", file=sys.stderr, flush=True)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return found


def show(result: dict[str, Any]) -> None:
    columns = ["recovered_s", "limit_s", "longest_silence_s", "channels_lost", "words_doubled", "paid_lost"]
    print(f"{'fault':42} " + " ".join(f"{name:>17}" for name in columns))
    for row in result["faults"]:
        print(f"{row['fault']:42} " + " ".join(f"{row[name]!s:>17}" for name in columns))
    for name, why in result["not_done"].items():
        print(f"not done: {name}, since {why}")
    print(goals.told(result["missed"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--channels", type=int, default=8, help="besides the one that is heard through Twitch")
    parser.add_argument("--lease", type=float, default=6.0, help="seconds of a lease (LEASE_SECONDS)")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="faults whose names contain one of these")
    parser.add_argument("--keep", type=Path, help="directory to work in, left as it is for its logs")
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    wanted = [fault for fault in FAULTS if not options.only or any(word in fault.name for word in options.only)]
    with contextlib.ExitStack() as stack:
        directory = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.chmod(0o755)  # PostgreSQL's own user goes through it
        site = Site(directory, channels=options.channels, lease=options.lease, apart=True, quiet=True)
        stack.enter_context(site)
        not_done = {fault.name: why for fault in wanted if (why := fault.needs(site))}
        found = asyncio.run(measure(site, [fault for fault in wanted if fault.name not in not_done]))
    result = {"lease_s": options.lease, "channels": options.channels + 1, "faults": found, "not_done": not_done}
    result["missed"] = missed(found)
    print(json.dumps(result)) if options.json else show(result)
    goals.end(result["missed"], strict=options.strict)


if __name__ == "__main__":
    main()
