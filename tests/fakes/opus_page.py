"""The page's side of Opus frames, by libopus: what is heard of each utterance, sample by sample."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from channels_app.overlay import protocol

Samples = npt.NDArray[np.float64]


@dataclass
class OpusPage:
    """Takes what the server sends. Sound stands where the frames say; NaN where none came."""

    sounds: dict[int, Samples] = field(default_factory=dict)
    begun: list[dict[str, Any]] = field(default_factory=list)
    seqs: list[int] = field(default_factory=list)
    streams: int = 0
    weight: int = 0
    """Bytes of its binary frames."""
    _decoders: dict[int, _Decoder] = field(default_factory=dict)

    def take_all(self, frames: Iterable[Any]) -> OpusPage:
        for frame in frames:
            self.take(frame)
        return self

    def take(self, frame: Any) -> None:
        if isinstance(frame, bytes):
            self._sound(frame)
        elif frame["t"] == "speech.begin":
            self.begun.append(frame)

    def _sound(self, frame: bytes) -> None:
        _fence, utt, seq, _offset = protocol.frame_header(frame)
        at, skip, samples, packets = unpack(frame)
        self.seqs.append(seq)
        self.weight += len(frame)
        if skip:
            self.streams += 1
            self._decoders[utt] = _Decoder(skip)
        heard = self._decoders[utt].give(packets, samples)
        sound = self.sounds.get(utt, np.zeros(0))
        if len(sound) < at + samples:
            sound = np.concatenate([sound, np.full(at + samples - len(sound), np.nan)])
        sound[at : at + samples] = heard
        self.sounds[utt] = sound


def unpack(frame: bytes) -> tuple[int, int, int, list[bytes]]:
    """(begin of the sound, samples to leave out, samples of sound, packets) of a binary frame."""
    body = memoryview(frame)[protocol.HEADER_BYTES :]
    at, skip, samples = struct.unpack_from("<IHH", body)
    packets = []
    place = 8
    while place < len(body):
        (length,) = struct.unpack_from("<H", body, place)
        packets.append(bytes(body[place + 2 : place + 2 + length]))
        assert len(packets[-1]) == length
        place += 2 + length
    return at, skip, samples, packets


class _Decoder:
    def __init__(self, skip: int) -> None:
        context = av.CodecContext.create("libopus", "r")
        assert isinstance(context, av.AudioCodecContext)
        context.sample_rate, context.layout = 48_000, "mono"
        context.open()
        self._context = context
        self._skip = skip
        self._out = np.zeros(0)

    def give(self, packets: list[bytes], samples: int) -> Samples:
        for packet in packets:
            for frame in self._context.decode(av.Packet(packet)):
                # Nothing lies above 12 kHz: every other sample is the same sound.
                new = frame.to_ndarray().ravel()[::2] / 32768
                self._out = np.concatenate([self._out, new[self._skip :]])
                self._skip = max(0, self._skip - len(new))
        assert len(self._out) >= samples, "the frame promises more sound than its packets hold"
        heard, self._out = self._out[:samples], self._out[samples:]
        return np.asarray(heard)
