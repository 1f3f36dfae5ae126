"""What happens to a voice before it is heard: noise, level, codecs, pitch. All of it keeps the times of the sounds."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import av.error
import av.filter
import numpy as np
import numpy.typing as npt

from benchmarks.mouth_set import Truth
from workers.pipeline.values import SAMPLE_RATE

NOISE_DB, QUIET_DB = 15.0, 18.0
CODECS = {"opus 32 kbit/s": ("ogg", "libopus", 32_000), "mp3 64 kbit/s": ("mp3", "libmp3lame", 64_000)}
"""Condition -> container, encoder and bits a second: what speech servers send where they are not asked for PCM."""
SEMITONES = (-3, 3)
STRETCH_MS = 25
"""No farther off than this is the sound after stretching: half of the filter's window."""


def changed(clip: Truth, samples: npt.NDArray[np.floating]) -> Truth:
    return Truth(clip.engine, clip.language, clip.text, samples.astype(np.float32), clip.sounds)


def noisy(clip: Truth) -> Truth:
    noise = np.random.default_rng(len(clip.samples)).standard_normal(len(clip.samples))
    level = float(np.sqrt((clip.samples**2).mean())) * 10 ** (-NOISE_DB / 20)
    return changed(clip, clip.samples + noise * level)


def quiet_after_loud(made: Sequence[Truth]) -> list[Truth]:
    """Each clip as it is, then the next one far quieter; only the second of each two counts."""
    return [changed(c, c.samples * (10 ** (-QUIET_DB / 20) if i % 2 else 1.0)) for i, c in enumerate(made)]


def coded(clip: Truth, codec: str) -> Truth:
    """Encoded into a file in memory and decoded again; the container says what the encoder put before the sound."""
    container, encoder, bits = CODECS[codec]
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(encoder, rate=SAMPLE_RATE, layout="mono", bit_rate=bits)
        assert isinstance(stream, av.AudioStream)
        for packet in [*stream.encode(_frame(clip.samples)), *stream.encode(None)]:
            out.mux(packet)
    file.seek(0)
    to_house = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    with av.open(file, "r", format=container) as sound:
        heard = [part for frame in sound.decode(audio=0) for part in to_house.resample(frame)]
    heard += to_house.resample(None)
    return changed(clip, _as_long_as(clip, np.concatenate([frame.to_ndarray()[0] for frame in heard])))


def pitched(clip: Truth, semitones: int) -> Truth:
    """Higher or lower, throat and all, as a pitch slider does it; as long as before."""
    ratio = 2 ** (semitones / 12)
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_abuffer(format="flt", sample_rate=SAMPLE_RATE, layout="mono", time_base=Fraction(1, SAMPLE_RATE)),
        graph.add("asetrate", str(round(SAMPLE_RATE * ratio))),
        graph.add("aresample", str(SAMPLE_RATE)),
        graph.add("atempo", f"{1 / ratio:.6f}"),
        graph.add("abuffersink"),
    ).configure()
    graph.push(_frame(clip.samples))
    graph.push(None)
    heard = []
    while True:
        try:
            heard.append(graph.pull().to_ndarray().reshape(-1))
        except (av.error.EOFError, av.error.BlockingIOError):
            return changed(clip, _as_long_as(clip, _in_time(clip, np.concatenate(heard))))


def _frame(samples: npt.NDArray[np.float32]) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], dtype=np.float32), "flt", "mono")
    frame.sample_rate = SAMPLE_RATE
    frame.pts = 0
    frame.time_base = Fraction(1, SAMPLE_RATE)
    return frame


def _in_time(clip: Truth, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Stretching begins 10 ms early or late, by its ratio; moved to where the loudness fits best, so that only the
    mouth is judged."""
    step = SAMPLE_RATE // 1000
    before, after = _loudness(clip.samples, step), _loudness(_as_long_as(clip, samples), step)
    fits = np.correlate(np.pad(after, STRETCH_MS), before, "valid")
    late = (int(fits.argmax()) - STRETCH_MS) * step
    return samples[late:] if late >= 0 else np.pad(samples, (-late, 0))


def _loudness(samples: npt.NDArray[np.float32], step: int) -> npt.NDArray[np.floating]:
    frames = samples[: len(samples) // step * step].reshape(-1, step)
    loud: npt.NDArray[np.floating] = np.sqrt((frames**2).mean(axis=1))
    loud -= loud.mean()
    return loud


def _as_long_as(clip: Truth, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Codecs and stretching end a few ms early or late."""
    short = len(clip.samples) - len(samples)
    return np.pad(samples, (0, max(0, short)))[: len(clip.samples)]
