"""Raw PCM and WAVs of every kind become the same sound."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.fakes.speech_sound import speech, streamed_wav_header
from tests.workers.voice.test_pcm import tone
from workers.pipeline.values import SAMPLE_RATE
from workers.voice.pcm import to_float, to_pcm
from workers.voice.wav import StreamedSound, UnknownSoundError, read_wav, write_wav


def fed(data: bytes, size: int) -> bytes:
    sound = StreamedSound()
    return b"".join(sound.feed(data[start : start + size]) for start in range(0, len(data), size)) + sound.finish()


def wav(
    samples: npt.NDArray[Any], *, rate: int = SAMPLE_RATE, kind: int = 1, bits: int = 16, channels: int = 1
) -> bytes:
    data = np.repeat(samples[:, None], channels, axis=1).tobytes()
    width = bits // 8
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, kind, channels, rate, rate * channels * width, channels * width, bits)
    body = form + struct.pack("<4sI", b"LIST", 4) + b"note" + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI4s", b"RIFF", len(body) + 4, b"WAVE") + body


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000, 1 << 20])
def test_a_wav_sent_although_pcm_was_asked_for_plays_without_its_header(size: int) -> None:
    pcm = speech("Hello there")[:4000]
    assert fed(streamed_wav_header() + pcm, size) == pcm
    assert fed(pcm, size) == pcm


@pytest.mark.parametrize(
    ("kind", "bits", "convert"),
    [
        (1, 16, lambda x: (x * 32767).astype("<i2")),
        (1, 32, lambda x: (x * 2147483000).astype("<i4")),
        (3, 32, lambda x: x.astype("<f4")),
        (1, 8, lambda x: (x * 127 + 128).round().astype(np.uint8)),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_formats_and_channels_become_one(kind: int, bits: int, convert: Callable[[Any], Any], channels: int) -> None:
    source = tone(0.2)
    out = to_float(fed(wav(convert(source.astype(np.float64)), kind=kind, bits=bits, channels=channels), 999))
    np.testing.assert_allclose(out, source, atol=0.01)


def test_another_rate_is_brought_to_the_house_rate() -> None:
    source = tone(0.5, rate=48_000)
    out = fed(wav((source * 32767).astype("<i2"), rate=48_000), 4096)
    assert len(out) // 2 == pytest.approx(SAMPLE_RATE / 2, abs=1)


def test_what_follows_the_sound_in_a_file_is_not_played() -> None:
    pcm = to_pcm(tone(0.1))
    data = wav(np.frombuffer(pcm, "<i2")) + b"LIST" + struct.pack("<I", 1000) + b"\x7f" * 1000
    assert fed(data, 500) == pcm


def test_an_unknown_kind_says_what_it_is() -> None:
    with pytest.raises(UnknownSoundError, match="8000 Hz, 4 bit"):
        fed(wav(np.zeros(10, "<i2"), rate=8000, kind=17, bits=4), 100)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    pcm = to_pcm(tone(0.3))
    write_wav(tmp_path / "a.wav", pcm)
    assert read_wav(tmp_path / "a.wav") == pcm
    buffer = io.BytesIO()
    write_wav(buffer, pcm)
    with wave.open(io.BytesIO(buffer.getvalue())) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (SAMPLE_RATE, 1, len(pcm) // 2)


def test_a_file_that_is_no_wav_is_named(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(b"ID3 something")
    with pytest.raises(UnknownSoundError, match=r"song\.mp3"):
        read_wav(tmp_path / "song.mp3")
