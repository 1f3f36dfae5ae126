"""Ten thousand mutated pictures against the door they come in by: each is refused with a sentence or drawn anew.

    python -m benchmarks.picture_fuzz [--count 10000] [--seed 1] [--door-every 50] [--json]

Every mutation is opened by the very code and limits of the upload child, in a fork of its own (which saves the start of
an interpreter). Every `door-every`th one also goes the whole way through `picture.accept`, and both must agree. It ends
with 1, and the names of the files, where a decoder crashed or a file took more time or memory than promised.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import os
import sys
import time
from typing import Any

import django
from django.conf import settings

from benchmarks.hostile_pictures import hostile, mutations
from personas.uploads import limits, redraw
from personas.uploads.picture import SENTENCES, PictureRefused, accept, check_head, why_it_died

MOST_CPU_MS = 2000
MOST_KB = 256 * 1024
"""No file may reach these, refused or not: what uploads cost the machine that the show runs on."""


def in_a_fork(data: bytes) -> dict[str, Any]:
    """What the child says of `data`: `refused` with a code, or the facts of the kept picture; and what it took."""
    try:
        check_head(data)
    except PictureRefused as refused:
        return {"refused": refused.code, "cpu_ms": 0, "peak_kb": 0}
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Whatever is raised ends the fork with 1 and without an answer, as it ends the child of the upload.
        code = 1
        try:
            redraw.confine()
            os.write(writing, json.dumps(redraw.answer(data)[0]).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _pid, status, used = os.wait4(child, 0)
    returncode = os.waitstatus_to_exitcode(status)
    told = {"refused": why_it_died(returncode, data), "died": returncode} if returncode else json.loads(answer)
    # As the system counted: a child that died cannot tell, and one that lived told before it was done.
    return told | {"cpu_ms": round((used.ru_utime + used.ru_stime) * 1000), "peak_kb": used.ru_maxrss}


def code_at_the_door(data: bytes) -> str:
    try:
        accept(data)
    except PictureRefused as refused:
        return refused.code
    return "accepted"


def measure(count: int, seed: int, door_every: int) -> dict[str, Any]:
    outcomes: collections.Counter[str] = collections.Counter()
    slowest_ms = peak_kb = killed = asked = 0
    disagreed: list[str] = []
    crashed: list[str] = []
    too_costly: list[str] = []
    begun = time.monotonic()
    # One after the other: what this process holds counts in each of its forks.
    made = ((name, make()) for name, make in hostile().items())
    for number, (name, data) in enumerate(itertools.chain(made, mutations(count, seed))):
        told = in_a_fork(data)
        code = told.get("refused", "accepted")
        outcomes[code] += 1
        killed += code == "too_heavy" and "died" in told
        slowest_ms = max(slowest_ms, told["cpu_ms"])
        peak_kb = max(peak_kb, told["peak_kb"])
        if code == "crashed":
            crashed.append(f"{name} ({told['died']})")
        if told["cpu_ms"] >= MOST_CPU_MS or told["peak_kb"] >= MOST_KB:
            too_costly.append(f"{name} ({told['cpu_ms']} ms, {told['peak_kb'] // 1024} MB)")
        if number % door_every == 0:
            asked += 1
            if code_at_the_door(data) != code:
                disagreed.append(name)
    unknown = sorted(set(outcomes) - SENTENCES.keys() - {"accepted"})
    return {
        "pictures": outcomes.total(),
        "outcomes": dict(outcomes.most_common()),
        "without_a_sentence": unknown,
        "crashed": crashed,
        "too_costly": too_costly,
        "killed_by_limit": killed,
        "slowest_cpu_ms": slowest_ms,
        "peak_mb": round(peak_kb / 1024, 1),
        "whole_way": asked,
        "disagreed": disagreed,
        "limits": {"cpu_s": limits.CPU_SECONDS, "mb": limits.ADDRESS_SPACE // 1024**2},
        "seconds": round(time.monotonic() - begun, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--door-every", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    # Sentences need Django's translations, and nothing else of it.
    settings.configure(USE_I18N=False)
    django.setup()
    figures = measure(options.count, options.seed, options.door_every)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:20} {value}")
    sys.exit(any(figures[fault] for fault in ("without_a_sentence", "disagreed", "crashed", "too_costly")))


if __name__ == "__main__":
    main()
