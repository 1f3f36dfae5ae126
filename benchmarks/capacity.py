"""Many live channels at once on one machine, through the whole service: first sound, memory, processor time, drops.

Real are: the web process, the Celery workers, the channel layer, the database, and for a tenth of the channels their
overlay sockets. The others are heard too, but by an ear at the channel layer that acks as a page would
(`benchmarks/crowd/audience.py`), with presence rows as the web process would have written them: five hundred sockets
of real pages are on five hundred other machines, and their clients here would be measured instead of the service. What
the web process takes for the tenth is told apart (`cpu_ms_per_reply_by_process`), so that it can be scaled up.

Simulated are provider and chat (`benchmarks/crowd`): sound is made beforehand, one process each, behind the service
wherever both want the processor, and their own use and lateness are told (`simulation`). Each channel hears one message
a second, most of which she does not answer, and is asked something every 30 s on average; she speaks in real time.
Stages of processor time are sampled inside the workers (`benchmarks/crowd/sampled`); `other_cores` is what programs
took that are no part of this: a figure is worth as much as they left.

Who asks while she speaks waits for her to end, which takes as long as she speaks, however fast the service is: first
sound is told of those who found her silent, and of the others how soon after her last word it came.

    python benchmarks/capacity.py [--channels 500] [--every 30] [--seconds 60] [--workers 2] [--plain] [--idle] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from aigirl_site.supervisor.plan import CHANNELS_PER_WORKER
from benchmarks import goals
from benchmarks.crowd import new_loop
from benchmarks.crowd.audience import Playback
from benchmarks.crowd.house import House, audience, house, until_live
from benchmarks.first_sound import DEAD_AIR_SECONDS, Reply, show

WARM_SECONDS = 20.0
"""Of the same load, before anything is measured."""
LAST_SECONDS = 12.0
"""In which the last questions may still be answered."""
FIRST_CHANNELS, FIRST_EVERY, FIRST_SECONDS = 4, 5.0, 20.0
"""So many channels for each worker are asked something so often, for so long, before memory is looked at."""
PROBES = 20
"""Channels that are asked something after a time in which all were idle."""
FASTEST = 10.0
SMALL = (50, FASTEST, {"p95_first_sound_ms": 1200})
LARGE = (500, 30.0, {"p95_first_sound_ms": 1500, "kb_per_channel": 120})
"""Channels, seconds between two questions, and the goals for so much; what is more than this has none."""


def missed(result: Mapping[str, Any]) -> list[str]:
    """The goals this load has, and did not reach."""
    for channels, every, most in (SMALL, LARGE):
        if result["channels"] <= channels and result["every"] >= every:
            # Nobody may have asked while she spoke.
            after = (
                {"p95_after_she_ended_ms": most["p95_first_sound_ms"]} if result.get("asked_while_she_spoke") else {}
            )
            return goals.missed(result, most={**most, **after})
    return []


def percentile(values: list[float], share: float) -> float | None:
    """In ms, of seconds."""
    ordered = sorted(values)
    return round(ordered[round(share * (len(ordered) - 1))] * 1000, 1) if ordered else None


def first_sound(replies: list[Reply]) -> dict[str, Any]:
    """Of those who found her silent; and how soon after her last word whoever asked while she spoke was answered."""
    silent = [reply for reply in replies if not reply.spoke_on]
    heard, floors = [reply.first_playable for reply in silent], [reply.floor for reply in silent]
    after = [max(0.0, reply.first_playable - reply.spoke_on) for reply in replies if reply.spoke_on]
    return {
        "replies": len(replies),
        "asked_while_she_spoke": len(after),
        "p95_after_she_ended_ms": percentile(after, 0.95),
        "p95_since_asked_ms": percentile([reply.first_playable for reply in replies], 0.95),
        "p50_first_sound_ms": percentile(heard, 0.5),
        "p95_first_sound_ms": percentile(heard, 0.95),
        "p99_first_sound_ms": percentile(heard, 0.99),
        "floor_p50_ms": percentile(floors, 0.5),
        "floor_p95_ms": percentile(floors, 0.95),
        "p50_ratio": round(statistics.median(heard) / statistics.median(floors), 3) if heard else None,
        "replies_with_dead_air": sum(reply.dead_air > DEAD_AIR_SECONDS for reply in replies),
        "longest_dead_air_ms": percentile([reply.dead_air for reply in replies], 1.0),
    }


def dropped(playbacks: list[Playback], outcomes: list[tuple[str, str, int]], begin: float, end: float) -> Counter[str]:
    """Questions of this time that no sound answered, by reason."""
    reasons: Counter[str] = Counter()
    for outcome, reason, count in outcomes:
        if outcome not in {"spoken", "thinking", "speaking"}:
            reasons[f"{outcome}: {reason}"] += count
    unheard = sum(begin <= asked < end for playback in playbacks for asked in playback.waiting.values())
    if rest := unheard - sum(reasons.values()):
        reasons["no turn, or not in time"] += max(0, rest)
    return +reasons


def shares(after: Mapping[str, float], before: Mapping[str, float], replies: int) -> dict[str, float]:
    """Milliseconds of processor time a reply, the largest first."""
    used = {name: (seconds - before.get(name, 0.0)) * 1000 / max(1, replies) for name, seconds in after.items()}
    return {name: round(ms, 1) for name, ms in sorted(used.items(), key=lambda entry: -entry[1]) if ms >= 0.05}


def busy_seconds() -> float:
    """Processor time that everything on this machine took so far (Linux)."""
    user, nice, system, _idle, _wait, irq, soft = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


async def measure(at: House, options: argparse.Namespace) -> dict[str, Any]:
    service = at.service
    sockets = max(1, options.channels // 10)
    async with audience(at) as listeners:
        # What is loaded once, with a worker's first replies, is no channel's.
        first = min(FIRST_CHANNELS * options.workers, options.channels)
        urls = await asyncio.to_thread(service.open_channels, first)
        await until_live(at, first + 1)
        for channel, playback in (await listeners.hears(urls, sockets=1)).items():
            at.chat.add(channel, playback, per_second=options.chat, every=FIRST_EVERY)
        await at.chat.talk(FIRST_SECONDS)
        empty = service.memory_kb()
        more = options.channels - first
        if more:
            urls += await asyncio.to_thread(service.open_channels, more, first)
            live_s = await until_live(at, len(urls) + 1)
            for channel, playback in (await listeners.hears(urls[first:], sockets=sockets - 1)).items():
                at.chat.add(channel, playback)
        for room in at.chat.rooms:
            room.per_second, room.every = (0.0, 0.0) if options.idle else (options.chat, options.every)
        await at.chat.talk(WARM_SECONDS)
        return await _measured(
            at, options, empty, more, {"sockets": sockets, "all_live_s": round(live_s, 1)} if more else {}
        )


async def _measured(
    at: House, options: argparse.Namespace, empty: Mapping[str, int], more: int, told: Mapping[str, Any]
) -> dict[str, Any]:
    """All channels are live and the load is on. `empty`: memory by process before the last `more` of them came."""
    service, rooms = at.service, at.chat.rooms
    before, sampled, simulated, machine = service.cpu_by_process(), at.stages(), at.simulation_seconds(), busy_seconds()
    since, said, asked = time.time(), sum(room.said for room in rooms), sum(room.asked for room in rooms)
    begin, end = await at.chat.talk(options.seconds)
    took = end - begin
    after, sampled_after, simulated = service.cpu_by_process(), at.stages(), at.simulation_seconds() - simulated
    others = busy_seconds() - machine - simulated - (sum(after.values()) - sum(before.values()))
    full = service.memory_kb()
    said, asked = sum(room.said for room in rooms) - said, sum(room.asked for room in rooms) - asked
    if options.idle:
        for room in rooms[:: max(1, len(rooms) // PROBES)]:
            room.every = FASTEST
        _begin, end = await at.chat.talk(FASTEST)
    await asyncio.sleep(LAST_SECONDS)
    outcomes, shed = await asyncio.to_thread(at.outcomes, since), await asyncio.to_thread(at.shed)
    found = [room.playback for room in rooms]
    replies = [reply for playback in found for when, reply in playback.heard if begin <= when < end]
    reasons = dropped(found, outcomes, begin, end)
    used = sum(after.values()) - sum(before.values())
    grown = {name: kb - empty.get(name, 0) for name, kb in full.items()}
    count = 0 if options.idle else len(replies)
    return {
        "channels": len(rooms),
        "every": options.every,
        "workers": options.workers,
        "cores": os.cpu_count(),
        "seconds": round(took, 1),
        **told,
        **first_sound(replies),
        "messages_heard": said + asked,
        "questions": asked,
        "dropped": sum(reasons.values()),
        "dropped_by_reason": dict(reasons),
        "shed": shed,
        "kb_per_channel": round(sum(grown.values()) / more, 1) if more else None,
        "kb_per_channel_by_process": {name: round(kb / more, 1) for name, kb in grown.items()} if more else None,
        "mb_by_process": {name: round(kb / 1000, 1) for name, kb in full.items()},
        "cores_used": round(used / took, 2),
        "cpu_ms_per_reply": round(used * 1000 / count, 1) if count else None,
        "cpu_ms_per_reply_by_process": shares(after, before, count) if count else None,
        "cpu_ms_per_reply_by_stage": shares(sampled_after, sampled, count) if count else None,
        "cpu_ms_per_channel_second": round(used * 1000 / took / len(rooms), 2),
        "simulation_cores": round(simulated / took, 2),
        "other_cores": round(max(0.0, others / took), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--channels", type=int, default=500)
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two questions in a channel")
    parser.add_argument("--chat", type=float, default=1.0, help="messages a second in a channel that are not for her")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument(
        "--workers", type=int, help="live worker processes (default: 2, more where these have no room for all)"
    )
    parser.add_argument("--plain", action="store_true", help="no look at stages, which takes a worker some twentieth")
    parser.add_argument("--idle", action="store_true", help="nobody writes; some are asked something at the end")
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    # One channel is there already.
    options.workers = options.workers or max(2, math.ceil((options.channels + 1) / CHANNELS_PER_WORKER))
    opened = house(workers=options.workers, quiet=options.json, sampled=not options.plain)
    with opened as at, asyncio.Runner(loop_factory=new_loop) as runner:
        result = runner.run(measure(at, options))
        with contextlib.suppress(OSError, ValueError):
            result["simulation"] = at.provider.end()
    result["missed"] = missed(result)
    show(result, as_json=options.json)
    goals.end(result["missed"], strict=options.strict)


if __name__ == "__main__":
    main()
