"""The trained ear: frames of sound to the log probability of each class. The weights are ours (see docs/adr)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from workers.mouth.features import Frames

WEIGHTS = Path(__file__).with_name("weights.npz")
PRIOR_SHARE = np.float32(0.6)
"""How much of a class's frequency is taken out of its probability: the text already tells what is frequent."""


MOST = 128
"""Frames judged in one go: what lies between the layers stays in the processor's cache."""


class Classifier:
    """Two hidden layers on frames with their neighbours. Stateless, so that all channels share one."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        with np.load(path) as stored:
            arrays = {name: stored[name].astype(np.float32) for name in stored.files}
        self._layers = [arrays[f"layer{index}"] for index in range(6)]
        self._layers[5] = self._layers[5] - PRIOR_SHARE * arrays["prior"]
        context = arrays["context"].astype(np.intp)
        self.behind, self.ahead = int(-context.min()), int(context.max())
        """Frames before and after one that it is judged with."""
        self._rows = np.arange(MOST)[:, None] + context + self.behind
        self.durations, self.spreads = np.exp(arrays["duration"]), arrays["spread"]
        """Mean seconds of each class at an even pace, and the spread of their logarithm."""
        self.followers = arrays["followers"]
        """Log probability of each class (columns) after each (rows)."""
        self.colour = arrays["colour"]
        """A typical voice, relative to its loudest band."""

    def judge(self, heard: Frames) -> Frames:
        """Log likelihoods of frames that have their neighbours on both sides, relative to each frame's likeliest class.

        `heard` is (n + behind + ahead, BANDS) relative to the voice; the answer is (n, classes).
        """
        count = len(heard) - self.behind - self.ahead
        if count <= 0:
            return np.empty((0, len(self.durations)), np.float32)
        if count > MOST:
            return np.concatenate(
                [self._judge(heard[at : at + MOST + self.behind + self.ahead]) for at in range(0, count, MOST)]
            )
        return self._judge(heard)

    def _judge(self, heard: Frames) -> Frames:
        count = len(heard) - self.behind - self.ahead
        layers = self._layers
        values = heard.take(self._rows[:count], axis=0).reshape(count, -1)
        for weights, bias in ((layers[0], layers[1]), (layers[2], layers[3])):
            values = values @ weights
            values += bias
            np.maximum(values, 0, out=values)
        judged: Frames = values @ layers[4]
        judged += layers[5]
        judged -= judged.max(axis=1, keepdims=True)
        return judged


@cache
def shared_classifier() -> Classifier:
    """The one of this process."""
    return Classifier()
