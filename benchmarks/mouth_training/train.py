"""Trains the mouth's classifier on a folder of recordings and writes `workers/mouth/weights.npz`. About five minutes.

python -m benchmarks.mouth_training.train FOLDER [--without ENGINE,...] [--out FILE]
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.mouth_training.record import UNKNOWN
from workers.mouth.features import DEPTH, FRAME_CENTRE, FRAME_SECONDS, SCALE, Spectra, voice_of
from workers.mouth.sounds import CLASSES
from workers.pipeline.values import SAMPLE_RATE
from workers.voice.pcm import Resampler

Floats = npt.NDArray[np.float32]

SEED = 7
CONTEXT = (-7, -5, -3, -2, -1, 0, 1, 2, 3, 5)
HIDDEN = 96
EPOCHS = 5
"""More fit the training voices better and strangers worse."""
BATCH = 1024
RATE = 3e-3
SMOOTHING = 0.05
LATE = {"piper": 0.020}
"""Seconds by which an engine's times run behind its sound (measured with a classifier that never heard it)."""
SHARE = 0.5
"""Engines count by this power of their length: an hour of one must not drown ten minutes of another."""


@dataclass
class Clip:
    """One recording: sound at the house rate and the truth."""

    engine: str
    samples: Floats
    starts: Floats
    ends: Floats
    classes: npt.NDArray[np.uint8]

    def labels(self, count: int, stretch: float) -> npt.NDArray[np.uint8]:
        """Class of each of `count` frames of the sound stretched in time."""
        at = (np.arange(count) * FRAME_SECONDS + FRAME_CENTRE) / stretch + LATE.get(self.engine, 0.0)
        place = np.clip(np.searchsorted(self.starts, at, "right") - 1, 0, len(self.starts) - 1)
        outside = (at < self.starts[0]) | (at >= self.ends[place])
        return np.where(outside, 0, self.classes[place]).astype(np.uint8)


def load(folder: Path) -> list[Clip]:
    clips = []
    for file in sorted(folder.glob("*.npz")):
        with np.load(file) as z:
            samples = z["samples"].astype(np.float32) / np.float32(32768)
            rate = int(z["rate"])
            if rate != SAMPLE_RATE:
                resampler = Resampler(rate)
                samples = np.concatenate([resampler.feed(samples), resampler.finish()])
            clips.append(Clip(str(z["engine"]), samples, z["starts"], z["ends"], z["classes"]))
    return clips


def spectra_of(samples: Floats) -> Floats:
    spectra = Spectra()
    return np.concatenate([spectra.feed(samples), spectra.finish()])


def varied(samples: Floats, others: list[Clip], rng: np.random.Generator, kind: int) -> tuple[Floats, float]:
    """The sound as another speaker, in noise, through a poor line; and by what it became longer."""
    stretch = 1.0
    if kind in {1, 3}:
        factor = float(rng.uniform(0.84, 1.22))
        length = int(len(samples) / factor)
        samples = np.interp(np.arange(length) * factor, np.arange(len(samples)), samples).astype(np.float32)
        stretch = 1 / factor
    if kind in {2, 3}:
        speech = float(np.sqrt((samples**2).mean())) + 1e-6
        noise = rng.standard_normal(len(samples)).astype(np.float32)
        which = rng.integers(4)
        if which == 1:  # pink
            noise = _shaped(noise, rng.uniform(-1.2, -0.3))
        elif which == 2:  # music or babble: other clips, backwards
            other = others[rng.integers(len(others))].samples[::-1]
            noise = np.resize(other, len(samples)) + 0.1 * noise * float(other.std())
        noise *= speech / (float(np.sqrt((noise**2).mean())) + 1e-9)
        samples = samples + noise * np.float32(10 ** (-rng.uniform(6, 35) / 20))
    return samples, stretch


def _shaped(noise: Floats, power: float) -> Floats:
    spectrum = np.fft.rfft(noise)
    slope = np.maximum(np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE), 50.0) ** power
    return np.fft.irfft(spectrum * slope, len(noise)).astype(np.float32)


def heard(spectra: Floats, rng: np.random.Generator, kind: int) -> Floats:
    """As at run time, where level and colour of the voice are only roughly known; sometimes through a narrow band."""
    if kind and rng.random() < 0.25:
        spectra = spectra.copy()
        spectra[:, rng.integers(13, 20) :] = spectra.min()
    voice = voice_of(spectra)
    top, colour = voice.top, voice.colour
    if kind:
        shift = rng.normal(0, 0.5)
        top += shift
        colour = colour + np.float32(shift) + rng.normal(0, 0.35, colour.shape).astype(np.float32)
    return np.asarray((np.maximum(spectra, np.float32(top - DEPTH)) - colour) * SCALE, np.float32)


@dataclass
class Heap:
    """All frames in a row, clips parted by their own repeated edges."""

    frames: Floats
    places: npt.NDArray[np.int32]
    labels: npt.NDArray[np.uint8]
    weights: Floats

    def batch(self, chosen: npt.NDArray[np.int64]) -> Floats:
        around = self.places[chosen][:, None] + np.array(CONTEXT)
        return np.asarray(self.frames[around].reshape(len(chosen), -1))


def heap_of(clips: list[Clip], kinds: range, rng: np.random.Generator) -> Heap:
    edge = max(abs(step) for step in CONTEXT)
    rows, places, labels, engines = [], [], [], []
    filled = 0
    for clip in clips:
        for kind in kinds:
            samples, stretch = varied(clip.samples, clips, rng, kind)
            frames = heard(spectra_of(samples), rng, kind)
            label = clip.labels(len(frames), stretch)
            known = np.flatnonzero(label != UNKNOWN)
            rows.append(np.pad(frames, ((edge, edge), (0, 0)), "edge"))
            places.append((filled + edge + known).astype(np.int32))
            labels.append(label[known])
            engines += [clip.engine] * len(known)
            filled += len(frames) + 2 * edge
    names, which = np.unique(np.array(engines), return_inverse=True)
    share = np.bincount(which) ** (SHARE - 1.0)
    weights = share[which].astype(np.float32)
    print({str(name): int(n) for name, n in zip(names, np.bincount(which), strict=True)})
    return Heap(np.concatenate(rows), np.concatenate(places), np.concatenate(labels), weights / weights.mean())


def fit(heap: Heap, rng: np.random.Generator) -> list[Floats]:
    """Two hidden layers, cross-entropy with smoothing, Adam, one cycle of the learning rate."""
    sizes = [heap.frames.shape[1] * len(CONTEXT), HIDDEN, HIDDEN, len(CLASSES)]
    layers: list[Floats] = []
    for before, after in itertools.pairwise(sizes):
        layers.append(rng.normal(0, np.sqrt(2 / before), (before, after)).astype(np.float32))
        layers.append(np.zeros(after, np.float32))
    first = [np.zeros_like(layer) for layer in layers]
    second = [np.zeros_like(layer) for layer in layers]
    steps = EPOCHS * (len(heap.places) // BATCH)
    step = 0
    for epoch in range(EPOCHS):
        order = rng.permutation(len(heap.places))
        total = 0.0
        for begin in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[begin : begin + BATCH]
            inputs = heap.batch(chosen)
            inputs += rng.standard_normal(inputs.shape, np.float32) * np.float32(0.06)
            loss, slopes = _slopes(layers, inputs, heap.labels[chosen], heap.weights[chosen])
            total += loss
            step += 1
            done = step / steps
            rate = RATE * (done / 0.2 if done < 0.2 else 0.5 * (1 + np.cos(np.pi * (done - 0.2) / 0.8)))
            for index, slope in enumerate(slopes):
                first[index] += 0.1 * (slope - first[index])
                second[index] += 0.001 * (slope**2 - second[index])
                change = first[index] / (1 - 0.9**step)
                layers[index] -= rate * change / (np.sqrt(second[index] / (1 - 0.999**step)) + 1e-8)
        print(f"epoch {epoch + 1}: {total / (len(order) // BATCH):.4f}", flush=True)
    return layers


def _slopes(
    layers: list[Floats], inputs: Floats, labels: npt.NDArray[np.uint8], weights: Floats
) -> tuple[float, list[Floats]]:
    hidden1 = np.maximum(inputs @ layers[0] + layers[1], 0)
    hidden2 = np.maximum(hidden1 @ layers[2] + layers[3], 0)
    out = hidden2 @ layers[4] + layers[5]
    out -= out.max(axis=1, keepdims=True)
    logs = out - np.log(np.exp(out).sum(axis=1, keepdims=True))
    target = np.full(out.shape, SMOOTHING / out.shape[1], np.float32)
    target[np.arange(len(labels)), labels] += 1 - SMOOTHING
    scale = (weights / len(labels))[:, None]
    loss = float(-(target * logs * scale).sum())
    slope3 = (np.exp(logs) - target) * scale
    slope2 = (slope3 @ layers[4].T) * (hidden2 > 0)
    slope1 = (slope2 @ layers[2].T) * (hidden1 > 0)
    pairs = ((inputs, slope1), (hidden1, slope2), (hidden2, slope3))
    return loss, [part for before, slope in pairs for part in (before.T @ slope, slope.sum(axis=0))]


def durations(clips: list[Clip]) -> tuple[Floats, Floats]:
    """Mean and spread of the logarithm of seconds, per class; each clip is first brought to one pace."""
    pace = {}
    logs: list[list[float]] = [[] for _ in CLASSES]
    for _ in range(2):
        mean = np.array([np.mean(found) if found else np.log(0.08) for found in logs])
        logs = [[] for _ in CLASSES]
        for index, clip in enumerate(clips):
            known = (clip.classes != UNKNOWN) & (clip.classes != 0) & (clip.ends > clip.starts + 0.004)
            values = np.log(clip.ends[known] - clip.starts[known])
            pace[index] = float((values - mean[clip.classes[known]]).mean()) if known.any() else 0.0
            for number, value in zip(clip.classes[known], values, strict=True):
                logs[number].append(float(value) - pace[index])
    mean = np.array([np.mean(found) if found else np.log(0.08) for found in logs], np.float32)
    return mean, np.array([np.std(found) if len(found) > 20 else 0.4 for found in logs], np.float32)


def followers(clips: list[Clip]) -> Floats:
    """Logarithm of how often a class follows another, for the decoder that knows no text."""
    counts = np.full((len(CLASSES), len(CLASSES)), 2.0)
    for clip in clips:
        known = clip.classes[clip.classes != UNKNOWN]
        np.add.at(counts, (known[:-1], known[1:]), 1)
    return np.asarray(np.log(counts / counts.sum(axis=1, keepdims=True)), np.float32)


def colour(clips: list[Clip]) -> tuple[float, Floats]:
    """The typical voice: mean top, and colour relative to it."""
    voices = [voice_of(spectra_of(clip.samples)) for clip in clips[::7]]
    return float(np.mean([v.top for v in voices])), np.mean([v.colour - v.top for v in voices], axis=0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without", default="")
    parser.add_argument("--out", type=Path, default=Path("workers/mouth/weights.npz"))
    asked = parser.parse_args()
    rng = np.random.default_rng(SEED)
    left_out = [name for name in asked.without.split(",") if name]
    clips = [clip for clip in load(asked.folder) if not any(clip.engine.startswith(name) for name in left_out)]
    heap = heap_of(clips, range(4), rng)
    layers = fit(heap, rng)
    prior = np.bincount(heap.labels, weights=heap.weights, minlength=len(CLASSES))
    mean, spread = durations(clips)
    top, typical = colour(clips)
    print("typical top", top)
    arrays = {f"layer{index}": layer for index, layer in enumerate(layers)} | {
        "context": np.array(CONTEXT),
        "prior": np.log(prior / prior.sum() + 1e-4),
        "duration": mean,
        "spread": spread,
        "followers": followers(clips),
        "colour": typical,
    }
    halves = {name: array.astype(np.int8 if name == "context" else np.float16) for name, array in arrays.items()}
    np.savez_compressed(asked.out, **halves)


if __name__ == "__main__":
    main()
