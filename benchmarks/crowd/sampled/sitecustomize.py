"""Loaded by every Python process that finds this folder on its path: tells where a process of the service spends its
processor time. No part of the service: `benchmarks.crowd.stages` puts it there.

A thread looks 50 times a second at what the others do, and puts each that is not waiting under the stage of the
innermost function of ours on its stack. How much processor time a thread really took, the kernel tells; it is divided
among its stages by those looks. So sums are exact and shares are a sample, a little too high for what lets go of the
interpreter's lock often, such as writing to a socket.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

LOOK_SECONDS = 0.02
WRITE_SECONDS = 2.0
NAMED_SECONDS = 10.0
STAGES = (
    ("workers/inbox", "chat intake"),
    ("workers/pipeline/triggers", "director"), ("workers/pipeline/director", "director"),
    ("workers/pipeline/lanes", "director"), ("workers/pipeline/names", "director"),
    ("workers/safety/", "safety"), ("workers/pipeline/admission", "safety"),
    ("workers/brain/", "brain"), ("workers/pipeline/sentences", "brain"), ("workers/pipeline/repetition", "brain"),
    ("workers/voice/", "voice"), ("workers/pipeline/clip", "voice"),
    ("workers/mouth/", "mouth"), ("workers/pipeline/speakable", "mouth"),
    ("workers/stage", "stage and layer"), ("channels_app/push", "stage and layer"),
    ("workers/pipeline/playout", "stage and layer"), ("channels_redis/", "stage and layer"),
    ("workers/records", "database"), ("workers/purse", "database"), ("billing/", "database"),
    ("channels_app/overlay/", "overlay sockets"), ("workers/fleet/", "fleet"),
    ("workers/session", "run"), ("workers/pipeline/", "run"), ("workers/", "run"),
    ("channels_app/", "database"), ("django/db", "database"), ("httpcore2/", "provider sockets"),
    ("httpx2/", "provider sockets"), ("redis/", "stage and layer"),
)  # fmt: skip
WAITING = ("threading.py", "selectors.py", "concurrent/futures/thread.py", "queue.py", "socket.py", "ssl.py")


def stage_of(frame: FrameType | None) -> str:
    """The stage of a stack, "" where the thread waits."""
    if (
        frame is None
        or frame.f_code.co_filename.endswith(WAITING)
        or frame.f_code.co_name in ("run_forever", "_turn_loop")
    ):
        return ""
    while frame is not None:
        for sign, stage in STAGES:
            if sign in frame.f_code.co_filename:
                return stage
        frame = frame.f_back
    return "other"


def thread_seconds(native_id: int) -> float:
    with open(f"/proc/self/task/{native_id}/schedstat") as file:  # noqa: PTH123 (read once a second for each thread)
        return int(file.read().split()[0]) / 1e9


def look(target: Path) -> None:
    me = threading.get_ident()
    looks: dict[int, Counter[str]] = {}
    spent: dict[str, float] = {}
    before: dict[int, float] = {}
    written = time.monotonic()
    while True:
        time.sleep(LOOK_SECONDS)
        for ident, frame in sys._current_frames().items():
            if ident != me and (stage := stage_of(frame)):
                looks.setdefault(ident, Counter())[stage] += 1
        if time.monotonic() - written < WRITE_SECONDS:
            continue
        written = time.monotonic()
        for thread in threading.enumerate():
            if thread.ident is None or thread.native_id is None:
                continue
            try:
                now = thread_seconds(thread.native_id)
            except OSError:
                continue
            used, before[thread.ident] = now - before.get(thread.ident, now), now
            seen = looks.pop(thread.ident, Counter())
            stages = Counter(sampling=1) if thread.ident == me else seen or Counter(other=1)
            for stage, times in stages.items():
                spent[stage] = spent.get(stage, 0.0) + used * times / sum(stages.values())
        beside = target.with_suffix(".new")
        beside.write_text(json.dumps(spent))
        beside.replace(target)


def begin(words: str) -> bool:
    """Looks on in a thread, where this command line is of one that is looked at."""
    folder = os.environ.get("AIGIRL_SAMPLED", "")
    name = "live" if " live" in words and "celery" in words else "web" if "uvicorn" in words else ""
    if folder and name:
        target = Path(folder) / f"{name}-{os.getpid()}.json"
        threading.Thread(target=look, args=(target,), name="sampled", daemon=True).start()
    return bool(name)


def begin_when_named() -> None:
    """In what was forked: it learns what it is to run a moment later."""
    until = time.monotonic() + NAMED_SECONDS
    while not begin(" ".join(sys.argv)) and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)


if "supervisor.nursery" in " ".join(sys.orig_argv):
    os.register_at_fork(after_in_child=lambda: threading.Thread(target=begin_when_named, daemon=True).start())
else:
    begin(" ".join(sys.orig_argv))
