"""Ten thousand mutated pictures against the door they come in by: each is refused with a sentence or drawn anew.

    python -m benchmarks.picture_fuzz [--count 10000] [--seed 1] [--door-every 50] [--json]

Every mutation is opened by the very code and limits of the upload child, in a fork of its own (which saves the start of
an interpreter). Every `door-every`th one also goes the whole way through `picture.accept`, and both must agree.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import sys
import time
from typing import Any

import django
from django.conf import settings

from benchmarks.hostile_pictures import hostile, mutations
from personas.uploads import limits, redraw
from personas.uploads.picture import SENTENCES, PictureRefused, accept, check_head


def in_a_fork(data: bytes) -> dict[str, Any]:
    """What the child says of `data`: `refused` with a code, or the facts of the kept picture; `crashed` if it died."""
    try:
        check_head(data)
    except PictureRefused as refused:
        return {"refused": refused.code, "cpu_ms": 0, "peak_kb": 0}
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        answer: dict[str, Any] = {"refused": "broken"}
        try:
            redraw.confine()
            answer = redraw.answer(data)[0]
        finally:
            os.write(writing, json.dumps(answer).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        # The limit on CPU time kills; the door says so in a sentence.
        return {"refused": "too_heavy", "killed": os.WTERMSIG(status), "cpu_ms": 0, "peak_kb": 0}
    return dict(json.loads(told))


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
    begun = time.monotonic()
    everything = [*hostile().items(), *mutations(count, seed)]
    for number, (name, data) in enumerate(everything):
        told = in_a_fork(data)
        code = told.get("refused", "accepted")
        outcomes[code] += 1
        killed += "killed" in told
        slowest_ms = max(slowest_ms, told["cpu_ms"])
        peak_kb = max(peak_kb, told["peak_kb"])
        if number % door_every == 0:
            asked += 1
            if code_at_the_door(data) != code:
                disagreed.append(name)
    unknown = sorted(set(outcomes) - SENTENCES.keys() - {"accepted"})
    return {
        "pictures": len(everything),
        "outcomes": dict(outcomes.most_common()),
        "without_a_sentence": unknown,
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
    sys.exit(bool(figures["without_a_sentence"] or figures["disagreed"]))


if __name__ == "__main__":
    main()
