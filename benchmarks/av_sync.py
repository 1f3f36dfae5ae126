"""Sound and mouth of the real overlay page in Chromium, measured at the loudspeaker with position-coded sound.

The whole service runs; only the voice's server is simulated: it speaks in sound of which every instant is recognised.
An ear on the page's audio thread keeps what is really played, each animation frame notes the mouth that is shown, and a
proxy on loopback plays the network. Mouth figures compare what is seen with the audio clock less its reported latency.

    python benchmarks/av_sync.py [--utterances 3] [--only NAME] [--json] [--strict]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from tests.browser.course import clicks
from tests.browser.hearing import Browser, Hearer, chromium_engine
from tests.browser.lips import Lips
from tests.browser.theatre import LIVE, QUICK, Review, Theatre, codings, hear_one, theatre
from tests.fakes.coded_sound import coded
from tests.fakes.provider import Timings

SETTLE_SECONDS = 2.0
"""After loading, before anything is measured: a page is busy with itself at first."""
DISTURB_AFTER_SECONDS = 1.2
STALL_SECONDS = 1.4
BUSY_FRAME_MS = 25.0
"""A page that draws 60 frames a second on a free machine stays under this in 95 of 100."""

NO_WORKLET = "delete BaseAudioContext.prototype.audioWorklet; delete window.AudioWorkletNode;"
OTHER_RATE = """
window.AudioContext = class extends window.AudioContext {
  constructor(options) { super({ ...options, sampleRate: 44100 }); }
};
"""
NAIVE_PLAYER = """
async (chunks) => {
  const context = new AudioContext({ sampleRate: 44100 });
  const gain = context.createGain();
  gain.connect(context.destination);
  await new Promise((resolve) => setTimeout(resolve, 500));
  let at = context.currentTime + 0.1;
  for (const samples of chunks) {
    const buffer = context.createBuffer(1, samples.length, 24000);
    buffer.getChannelData(0).set(samples.map((sample) => sample / 32768));
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(gain);
    source.start(at);
    at += buffer.duration;
  }
  await new Promise((resolve) => setTimeout(resolve, (at - context.currentTime) * 1000 + 300));
}
"""
"""The usual way to play a stream: buffers one after the other in a context that is not at 48 kHz."""

Disturb = Callable[[Theatre], Awaitable[None]]


async def freeze(house: Theatre) -> None:
    house.network.freeze(STALL_SECONDS)


async def cut(house: Theatre) -> None:
    house.network.cut()


@dataclass(frozen=True, slots=True)
class Scene:
    """One way to disturb her, and what she has to reach under it."""

    name: str
    timings: Timings = QUICK
    jitter: float = 0.0
    disturb: Disturb | None = None
    scripts: tuple[str, ...] = ()
    most_gaps: int = 0
    """Per utterance."""
    start_ms: float | None = None
    mouth: bool = True
    coding: str = "pcm_s16le"
    """How the sound travels; Opus is what a page far from its server gets."""


SCENES = (
    Scene("loopback, voice 4x", start_ms=150),
    Scene("loopback, voice as fast as speech", LIVE),
    Scene("60 ms jitter, voice as fast as speech", LIVE, jitter=0.060, most_gaps=1),
    Scene("stall of 1.4 s in the middle", LIVE, disturb=freeze, most_gaps=1),
    Scene("reconnect in the middle", LIVE, disturb=cut, most_gaps=1),
    Scene("Opus, voice 4x", start_ms=150, coding="opus"),
    Scene("Opus, 60 ms jitter, as fast as speech", LIVE, jitter=0.060, most_gaps=1, coding="opus"),
    Scene("page without AudioWorklet", scripts=(NO_WORKLET,), start_ms=250, mouth=False),
    Scene("audio context at 44.1 kHz", scripts=(OTHER_RATE,), start_ms=150),
)


@dataclass
class Figures:
    """What one scene came to."""

    scene: Scene
    reviews: list[Review] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        reviews = self.reviews
        lips = Lips()
        for review in reviews:
            lips.add(review.lips)
        frames = [time for review in reviews for time in review.frame_times]
        result: dict[str, Any] = {
            "scene": self.scene.name,
            "utterances": len(reviews),
            "start_ms": round(max((r.start for r in reviews), default=0) * 1000, 1),
            "gaps": sum(r.gaps for r in reviews),
            "gap_ms": round(sum(b.silence for r in reviews for b in r.course.breaks) * 1000, 1),
            "lost_ms": round(sum(r.lost for r in reviews) * 1000, 1),
            "clicks": sum(len(r.course.clicks) for r in reviews),
            "unrecognised_blocks": sum(r.course.unknown for r in reviews),
            "mouth_changes": len(lips.offsets),
            "mouth_median_ms": round(lips.middle * 1000, 1),
            "mouth_p50_ms": round(lips.offset(0.50) * 1000, 1),
            "mouth_p95_ms": round(lips.offset(0.95) * 1000, 1),
            "frames": lips.frames,
            "wrong_frames": len(lips.wrong),
            "wrong_percent": round(lips.wrong_share * 100, 2),
            "frame_p50_ms": round(_quantile(frames, 0.50) * 1000, 1),
            "frame_p95_ms": round(_quantile(frames, 0.95) * 1000, 1),
        }
        result["busy"] = result["frame_p95_ms"] > BUSY_FRAME_MS
        result["missed"] = self._missed(result)
        return result

    def _missed(self, result: dict[str, Any]) -> list[str]:
        scene = self.scene
        missed = list(self.failures)
        # A page that comes back is told of the utterance once more.
        if any(set(codings(review.heard)) != {scene.coding} for review in self.reviews):
            missed.append(f"not sent as {scene.coding}")
        if scene.start_ms is not None and result["start_ms"] > scene.start_ms:
            missed.append(f"start over {scene.start_ms:g} ms")
        if any(review.gaps > scene.most_gaps for review in self.reviews):
            missed.append(f"more than {scene.most_gaps} gaps in an utterance")
        if result["lost_ms"] > 0:
            missed.append("sound was lost")
        if result["clicks"]:
            missed.append("clicks")
        if scene.mouth and result["mouth_p95_ms"] > 25:
            missed.append("mouth p95 over 25 ms")
        if scene.mouth and result["wrong_percent"] >= 1:
            missed.append("1 % wrong frames or more")
        return missed


async def play(scene: Scene, house: Theatre, chromium: Browser, utterances: int) -> Figures:
    figures = Figures(scene)
    house.provider.timings = scene.timings
    page = await chromium.open(house.address(scene.coding), *scene.scripts)
    await page.state("idle")
    await page.page.wait_for_timeout(SETTLE_SECONDS * 1000)
    house.network.jitter = scene.jitter
    for _ in range(utterances):
        disturbing = asyncio.create_task(_disturb(scene, house, page))
        heard = await hear_one(house, page)
        await disturbing
        try:
            figures.reviews.append(house.review(heard))
        except ValueError as error:
            figures.failures.append(str(error))
    house.network.jitter = 0.0
    await page.page.close()
    return figures


async def _disturb(scene: Scene, house: Theatre, page: Hearer) -> None:
    if scene.disturb is not None:
        await page.state("talking", seconds=60)
        await asyncio.sleep(DISTURB_AFTER_SECONDS)
        await scene.disturb(house)


async def detector_check(house: Theatre, chromium: Browser) -> dict[str, Any]:
    """The clicks of a player that is known to click are found: the detector works in this very browser."""
    samples = np.frombuffer(
        coded("A voice that is played in pieces at the wrong rate will click at nearly every join."), "<i2"
    )
    pieces = [samples[start : start + 960].tolist() for start in range(0, len(samples), 960)]
    page = await chromium.open(house.url.partition("/o/")[0])
    await page.page.evaluate(NAIVE_PLAYER, pieces)
    heard = await page.heard()
    await page.page.close()
    return {"joins": len(pieces) - 1, "clicks_found": len(clicks(heard.samples, heard.rate))}


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else 0.0


async def measure(house: Theatre, scenes: Sequence[Scene], utterances: int) -> dict[str, Any]:
    async with chromium_engine() as engine, engine.window(width=800, height=800) as chromium:
        played = [(await play(scene, house, chromium, utterances)).as_dict() for scene in scenes]
        check = await detector_check(house, chromium)
    return {
        "scenes": played,
        "detector": check,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "busy": any(scene["busy"] for scene in played),
        "missed": [f"{scene['scene']}: {', '.join(scene['missed'])}" for scene in played if scene["missed"]],
        "goals_met": not any(scene["missed"] for scene in played),
    }


def show(result: dict[str, Any]) -> None:
    names = {
        "start_ms": "start", "gaps": "gaps", "gap_ms": "gap ms", "lost_ms": "lost ms", "clicks": "clicks",
        "mouth_p50_ms": "mouth p50", "mouth_p95_ms": "p95", "wrong_percent": "wrong %", "frame_p95_ms": "frame p95",
    }  # fmt: skip
    print(f"{'':40}" + "".join(f"{name:>11}" for name in names.values()))
    for scene in result["scenes"]:
        print(
            f"{scene['scene']:40}" + "".join(f"{scene[key]:>11}" for key in names) + f"   {', '.join(scene['missed'])}"
        )
    check = result["detector"]
    print(f"\nDetector: a player known to click at {check['joins']} joins was caught {check['clicks_found']} times.")
    print(goals.told(result["missed"]))
    if result["busy"]:
        print(
            f"The machine was busy (load {result['load']} on {result['cores']} cores): where frames took longer than "
            f"{BUSY_FRAME_MS:g} ms, the mouth cannot be nearer to its sound than a frame."
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--utterances", type=int, default=3, help="for each scene")
    parser.add_argument("--only", default="", help="scenes whose name contains this")
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    scenes = [scene for scene in SCENES if options.only in scene.name]
    with tempfile.TemporaryDirectory() as directory, theatre(Path(directory)) as house:
        result = asyncio.run(measure(house, scenes, options.utterances))
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    goals.end(result["missed"], strict=options.strict)


if __name__ == "__main__":
    main()
