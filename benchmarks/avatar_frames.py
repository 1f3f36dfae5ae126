"""How fast the drawn character is at 800 x 800 without a GPU: frames a second, and what a frame costs.

    python -m benchmarks.avatar_frames [--seconds 6] [--json]

`js_*` is our own code; `cpu_ms_per_frame` is all that the browser's processes do for a frame, painting included. A busy
machine gives fewer frames: `blank_fps` says what an empty page gets at the same moment. `idle_core_percent` is what she
takes of one core while she only breathes and looks about.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from benchmarks.avatar_stage import FACES, Stage


def cpu_seconds() -> float:
    """CPU time of this process's living descendants. Linux only."""
    children: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    ticks = os.sysconf("SC_CLK_TCK")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        pid = int(text.split(" ", 1)[0])
        fields = text.rpartition(") ")[2].split()
        children.setdefault(int(fields[1]), []).append(pid)
        spent[pid] = (int(fields[11]) + int(fields[12])) / ticks
    total, waiting = 0.0, list(children.get(os.getpid(), []))
    while waiting:
        pid = waiting.pop()
        total += spent.get(pid, 0.0)
        waiting += children.get(pid, [])
    return total


def measure(seconds: float) -> dict[str, Any]:
    faces = {}
    with Stage(800) as stage:
        blank = stage.blank_fps(2000)
        for name, spec in FACES.items():
            before = cpu_seconds()
            figures = stage.measure(spec, int(seconds * 1000))
            cpu = (cpu_seconds() - before) * 1000 / max(1.0, figures["fps"] * seconds)
            before = cpu_seconds()
            stage.measure(spec, int(seconds * 1000), "idle")
            idle = (cpu_seconds() - before) / seconds
            faces[name] = {
                "fps": round(figures["fps"], 1),
                "js_p50_ms": round(figures["p50"], 2),
                "js_p95_ms": round(figures["p95"], 2),
                "cpu_ms_per_frame": round(cpu, 1),
                "idle_core_percent": round(idle * 100),
            }
    return {"blank_fps": round(blank, 1), "load": round(os.getloadavg()[0], 1), "cores": os.cpu_count(), "faces": faces}


def main() -> None:
    parser = argparse.ArgumentParser(description="Frames of the drawn character")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.seconds)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"an empty page: {figures['blank_fps']} fps; load {figures['load']} on {figures['cores']} cores")
    for name, face in figures["faces"].items():
        print(
            f"{name:8} {face['fps']:5} fps, JavaScript p50 {face['js_p50_ms']} p95 {face['js_p95_ms']} ms, "
            f"{face['cpu_ms_per_frame']} ms of CPU a frame; idle {face['idle_core_percent']} % of a core"
        )


if __name__ == "__main__":
    main()
