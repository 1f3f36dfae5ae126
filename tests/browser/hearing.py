"""What a page really sends to the loudspeaker, and what its mouth shows at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from playwright.async_api import Page

CAPTURE = """
(() => {
  const heard = (window.__heard = { blocks: [], mouths: [], rate: 0 });
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && !this.__tap) {
      const context = this.context;
      const tap = context.createScriptProcessor(1024, 1, 1);
      tap.__tap = true;
      heard.rate = context.sampleRate;
      tap.onaudioprocess = (event) => {
        heard.blocks.push([event.playbackTime, Array.from(event.inputBuffer.getChannelData(0))]);
      };
      connect.call(this, tap);
      connect.call(tap, context.destination);
      const look = () => {
        heard.mouths.push([context.currentTime - (context.outputLatency || 0), document.documentElement.dataset.mouth]);
        requestAnimationFrame(look);
      };
      look();
    }
    return connect.call(this, target, ...rest);
  };
})();
"""
QUIET = 0.003
"""Level below which nothing is heard (-50 dB)."""


@dataclass
class Heard:
    """Sound (mono, -1..1) with the context time of its first sample, and (time, mouth) at each animation frame."""

    begin: float
    samples: Any
    rate: int
    mouths: list[tuple[float, str]]

    def _levels(self) -> Any:
        block = self.rate // 100
        blocks = self.samples[: len(self.samples) // block * block].reshape(-1, block)
        return np.sqrt((blocks**2).mean(axis=1))

    @property
    def voiced_seconds(self) -> float:
        return float((self._levels() > QUIET).sum()) / 100

    @property
    def loudest(self) -> float:
        return float(np.abs(self.samples).max())

    @property
    def ends_at(self) -> float:
        """Context time of the last audible sound."""
        return self.begin + float(np.flatnonzero(self._levels() > QUIET)[-1] + 1) / 100

    @property
    def starts_at(self) -> float:
        return self.begin + float(np.flatnonzero(self._levels() > QUIET)[0]) / 100

    def mouths_between(self, begin: float, end: float) -> list[str]:
        return [mouth for at, mouth in self.mouths if begin <= at <= end]


async def heard(page: Page) -> Heard:
    """Everything captured so far."""
    raw = await page.evaluate("window.__heard")
    blocks = raw["blocks"]
    return Heard(
        begin=blocks[0][0],
        samples=np.concatenate([np.asarray(block[1]) for block in blocks]),
        rate=int(raw["rate"]),
        mouths=[(float(at), str(mouth)) for at, mouth in raw["mouths"]],
    )
