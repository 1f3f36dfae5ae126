"""Sound that arrives as raw PCM or as a WAV although PCM was asked for; WAV files in and out."""

from __future__ import annotations

import struct
import wave
from pathlib import Path
from typing import IO

import numpy as np

from workers.pipeline.values import SAMPLE_RATE
from workers.voice.pcm import Resampler, SampleBytes, Samples, to_float, to_pcm

_LONGEST_HEADER = 4096
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_LOWEST_RATE, _HIGHEST_RATE = 4000, 192_000
_PACKED = {b"ID3": "MP3", b"Ogg": "Ogg", b"fLa": "FLAC"}
_LARGEST_LENGTH = 0x7FFF_0000

PCM_WANTED = "choose a server or model that streams PCM or WAV"


class UnknownSoundError(Exception):
    """The bytes are no sound we can play. The message says what they are."""


class StreamedSound:
    """Turns the bytes of a response into PCM at the house rate, whatever way the network cuts them."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        """`rate`: samples per second of raw PCM; a WAV brings its own. Raises UnknownSoundError on a mad one."""
        if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
            raise UnknownSoundError(f"sound of {rate} Hz")
        self._rate = rate
        self._head = b""
        self._format: _Format | None = None

    def feed(self, data: bytes) -> bytes:
        """PCM known with these bytes. Raises UnknownSoundError."""
        if self._format is None:
            self._head += data
            if len(self._head) < 4 and any(name.startswith(self._head) for name in (b"RIFF", *_PACKED)):
                return b""
            if (packed := _PACKED.get(self._head[:3])) is not None:
                raise UnknownSoundError(f"{packed}, though PCM was asked for: {PCM_WANTED}")
            if not self._head.startswith(b"RIFF"):
                self._format = _Format(self._rate, 1, 2, is_float=False)
            elif (found := _read_header(self._head)) is None:
                return b""
            else:
                self._format, start = found
                self._head = self._head[start:]
            data, self._head = self._head, b""
        return self._format.feed(data)

    def finish(self) -> bytes:
        """What the rate change still held back."""
        return b"" if self._format is None else self._format.finish()


class _Format:
    """A decoder for one sample format."""

    def __init__(self, rate: int, channels: int, width: int, *, is_float: bool, length: int = 0) -> None:
        """`length`: bytes of sound, after which other things may follow; 0 where it is not known."""
        self._left = length or None
        self._whole = SampleBytes(channels * width)
        self._channels, self._width, self._float = channels, width, is_float
        self._resampler = None if rate == SAMPLE_RATE else Resampler(rate)

    def feed(self, data: bytes) -> bytes:
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        data = self._whole.feed(data)
        if self._resampler is None and self._channels == 1 and self._width == 2:
            return data
        samples = _decode(data, self._width, is_float=self._float)
        samples = samples.reshape(-1, self._channels).mean(axis=1, dtype=np.float32)
        return to_pcm(samples if self._resampler is None else self._resampler.feed(samples))

    def finish(self) -> bytes:
        return b"" if self._resampler is None else to_pcm(self._resampler.finish())


def _decode(data: bytes, width: int, *, is_float: bool) -> Samples:
    if is_float:
        return np.frombuffer(data, "<f4").astype(np.float32)
    if width == 2:
        return to_float(data)
    if width == 1:
        return (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / np.float32(128)
    if width == 4:
        return np.frombuffer(data, "<i4").astype(np.float32) / np.float32(1 << 31)
    triples = np.frombuffer(data, np.uint8).reshape(-1, 3)
    padded = np.zeros((len(triples), 4), np.uint8)
    padded[:, 1:] = triples
    return padded.view("<i4").ravel().astype(np.float32) / np.float32(1 << 31)


def _read_header(head: bytes) -> tuple[_Format, int] | None:
    """The format and where the sound begins; None while the header is not complete."""
    position = 12
    form: tuple[int, int, int, int] | None = None
    while len(head) >= position + 8:
        name, size = struct.unpack_from("<4sI", head, position)
        position += 8
        if name == b"data":
            if form is None:
                raise UnknownSoundError("a WAV without a format")
            kind, channels, rate, bits = form
            usable = bits in ({_PCM: {8, 16, 24, 32}, _FLOAT: {32}}.get(kind, set()))
            if not usable or not 1 <= channels <= 8 or not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
                raise UnknownSoundError(
                    f"a WAV of an unknown kind ({kind}, {channels} channels, {rate} Hz, {bits} bit)"
                )
            # Who streams cannot know the length, and writes 0 or the largest number there is.
            known = size if size < _LARGEST_LENGTH else 0
            return _Format(rate, channels, bits // 8, is_float=kind == _FLOAT, length=known), position
        if name == b"fmt " and len(head) >= position + 16:
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, position)
            if kind == _EXTENSIBLE and size >= 26 and len(head) >= position + 26:
                (kind,) = struct.unpack_from("<H", head, position + 24)
            form = kind, channels, rate, bits
        position += size + size % 2
    if position > _LONGEST_HEADER or len(head) > _LONGEST_HEADER:
        raise UnknownSoundError("a WAV without sound")
    return None


def read_wav(path: Path) -> bytes:
    """A WAV file of any common format as PCM at the house rate. Raises UnknownSoundError or OSError."""
    data = path.read_bytes()
    if not data.startswith(b"RIFF"):
        raise UnknownSoundError(f"{path.name} is no WAV file")
    sound = StreamedSound()
    return sound.feed(data) + sound.finish()


def write_wav(target: Path | IO[bytes], pcm: bytes) -> None:
    """Writes PCM at the house rate as a WAV file."""
    out = str(target) if isinstance(target, Path) else target
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm)
