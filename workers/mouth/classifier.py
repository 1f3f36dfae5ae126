"""The trained ear: frames of sound to the log probability of each class. The weights are ours (see docs/adr)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from workers.mouth.features import Frames

WEIGHTS = Path(__file__).with_name("weights.npz")
PRIOR_SHARE = np.float32(0.6)
"""How much of a class's frequency is taken out of its probability: the text already tells what is frequent."""


class Classifier:
    """Two hidden layers on frames with their neighbours. Stateless, so that all channels share one."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        with np.load(path) as stored:
            arrays = {name: stored[name].astype(np.float32) for name in stored.files}
        self._layers = [arrays[f"layer{index}"] for index in range(6)]
        self._context = arrays["context"].astype(np.int32)
        self.behind, self.ahead = int(-self._context.min()), int(self._context.max())
        """Frames before and after one that it is judged with."""
        self._prior = arrays["prior"]
        self.durations, self.spreads = np.exp(arrays["duration"]), arrays["spread"]
        """Mean seconds of each class at an even pace, and the spread of their logarithm."""
        self.followers = arrays["followers"]
        """Log probability of each class (columns) after each (rows)."""
        self.colour = arrays["colour"]
        """A typical voice, relative to its loudest band."""

    def judge(self, heard: Frames) -> Frames:
        """Log likelihoods (up to a constant per frame) of frames that have their neighbours on both sides.

        `heard` is (n + behind + ahead, BANDS) relative to the voice; the answer is (n, classes).
        """
        count = len(heard) - self.behind - self.ahead
        first = self.behind
        inputs = np.concatenate([heard[first + step : first + step + count] for step in self._context], axis=1)
        hidden = np.maximum(inputs @ self._layers[0] + self._layers[1], 0)
        hidden = np.maximum(hidden @ self._layers[2] + self._layers[3], 0)
        out = hidden @ self._layers[4] + self._layers[5]
        out -= out.max(axis=1, keepdims=True)
        out -= np.log(np.exp(out).sum(axis=1, keepdims=True))
        return np.asarray(out - PRIOR_SHARE * self._prior, np.float32)


@cache
def shared_classifier() -> Classifier:
    """The one of this process."""
    return Classifier()
