"""Contact sheets of every face and of a set of pictures: 8 moods down, 15 mouths across, gestures below.

    python -m benchmarks.avatar_sheet --out DIR [--size 300]

Ends with an error when two of them look alike or a corner is not transparent.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.avatar_stage import FACES, MOODS, VISEMES, Stage, corners, least_difference, picture_set

GROUND = (70, 78, 96, 255)
GESTURES = ("nod", "tilt", "lean", "hop", "shake", "sway", "wave")
STATES = ("idle", "listening", "thinking", "talking", "muted", "offline")
LEAST = 0.0003
"""Share of pixels by which any two must differ; a closed and a pressed mouth are the closest pair."""


def sheet(stage: Stage, spec: Mapping[str, Any]) -> tuple[Image.Image, list[Image.Image]]:
    """The sheet, and the 120 stills it shows."""
    stills = [stage.still(spec, mood=mood, mouth=mouth) for mood in MOODS for mouth in VISEMES]
    below = [stage.still(spec, gesture=gesture) for gesture in GESTURES]
    below += [stage.still(spec, state=state) for state in STATES]
    side = stage.size
    whole = Image.new("RGBA", (side * len(VISEMES), side * (len(MOODS) + 1)), GROUND)
    for number, still in enumerate([*stills, *below]):
        whole.alpha_composite(still, (number % len(VISEMES) * side, number // len(VISEMES) * side))
    return whole, stills


def main() -> None:
    parser = argparse.ArgumentParser(description="Contact sheets of the avatars")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=300)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    wrong = []
    with Stage(options.size) as stage:
        for name, spec in {**FACES, "pictures": picture_set(stage)}.items():
            whole, stills = sheet(stage, spec)
            whole.save(options.out / f"{name}.png")
            # A set of pictures cannot show fifteen mouths: of each mood it has the closed and the open one.
            shown = range(len(VISEMES)) if spec["kind"] == "svg" else (VISEMES.index("sil"), VISEMES.index("aa"))
            told = [still for number, still in enumerate(stills) if number % len(VISEMES) in shown]
            difference = least_difference(told)
            clear = all(corners(still) == [0, 0, 0, 0] for still in stills)
            found = f"least difference {difference:.5f}, corners {'clear' if clear else 'NOT clear'}"
            print(f"{name:10} {len(told)} pictures, {found}", flush=True)
            wrong += [name] if difference < LEAST or not clear else []
    sys.exit(f"look at: {', '.join(wrong)}" if wrong else 0)


if __name__ == "__main__":
    main()
