"""The built-in English voice: hibari (Apache-2.0) on onnxruntime, in threads of its own, with phone and word times."""

from __future__ import annotations

import asyncio
import functools
import os
import re
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from workers.pipeline.ports import VoiceError
from workers.pipeline.values import SAMPLE_RATE, Audio, PhoneTime, VoiceSpec, WordTime
from workers.voice.language import readable
from workers.voice.pcm import Resampler, Samples, split, to_pcm, trim_tail

PART_SECONDS = 0.1
DURATION_TENSOR = "/Clip_output_0"
"""Inner tensor of the model: length of each phoneme, before sound is made."""
LATE_SECONDS = 0.055
"""The tensor's times run this much behind the sound: here they fit loud vowels and the gaps of p, b, k best."""
BREATH_SECONDS = 0.15
"""Silence between two sentences of one clip, besides what each brings itself."""
STRESS_MARKS = frozenset("ˈˌ")
SOUNDLESS = frozenset(' ;:,.!?—…"()“”')
FADED = 0.05
"""Share of the clip's loud level under which the last sound before a silence counts as over."""
LINGERS_SECONDS = 0.02
"""How long after that its mouth stays."""
PITCHES = (0.8, 1.3)
"""Lowest and highest pitch at which a human throat is still heard."""
PACES = (0.38, 2.0)
"""Speeds the model follows: asked for more, it gives no more."""
LETTERS_AS_IPA = {"A": "eɪ", "I": "aɪ", "W": "aʊ", "Y": "ɔɪ", "O": "oʊ", "Q": "əʊ", "T": "ɾ", "ᵊ": "ə"}
"""The model's own letters for diphthongs and the tap."""


class HibariVoice:
    """Speaks English. The model loads once per process, on first use or by `warm`."""

    label = "built-in English voice (hibari)"

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        """Parts of 100 ms; the first of each sentence brings all its phones. Raises VoiceError."""
        loop = asyncio.get_running_loop()
        spoken = False
        text = readable(text, "en")
        at = 0.0
        cursor = 0
        sentences = await loop.run_in_executor(_threads(), _sentences, text)
        for sentence in sentences:
            cursor = max(cursor, text.find(sentence[:20], cursor))
            clip = await loop.run_in_executor(_threads(), _synthesise, sentence, voice.speed, voice.pitch)
            pcm = to_pcm(clip.samples)
            if spoken:
                pause = b"\0\0" * round(BREATH_SECONDS * SAMPLE_RATE)
                pcm, at = pause + pcm, at + BREATH_SECONDS
            phones = tuple(PhoneTime(p.phone, p.start + at, p.end + at) for p in clip.phones)
            words = tuple(WordTime(w.begin + cursor, w.end + cursor, w.start + at) for w in clip.words)
            for part in split(pcm, PART_SECONDS):
                yield Audio(part, phones, words)
                phones, words, spoken = (), (), True
            at += len(clip.samples) / SAMPLE_RATE
        if not spoken:
            raise VoiceError(
                "The English voice found nothing to say in this text.", code="nothing_to_say", retryable=False
            )


def available() -> bool:
    """Whether the voice is installed."""
    try:
        import hibari  # noqa: F401
    except ImportError:
        return False
    return True


def warm() -> None:
    """Begins to load the model in the background (0.6 s), so that the first sentence need not wait."""
    _threads().submit(_engine)


@dataclass(frozen=True, slots=True)
class _Clip:
    samples: Samples
    phones: tuple[PhoneTime, ...]
    words: tuple[WordTime, ...]


class _Engine:
    """The loaded model with its phoneme lengths exposed."""

    def __init__(self) -> None:
        import hibari.tts
        import onnxruntime

        self.model = hibari.tts.Hibari()
        self.symbols = {number: symbol for symbol, number in self.model.vocab.items()}
        self.lock = threading.Lock()
        self._dsp = hibari.tts.dsp
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Both keep memory for every length of sentence there ever was, 0.1 MB a reply, and gain nothing here.
        options.enable_mem_pattern = options.enable_cpu_mem_arena = False
        exposed = with_output(Path(self.model.model_path).read_bytes(), DURATION_TENSOR)
        self._session = onnxruntime.InferenceSession(exposed, options, providers=["CPUExecutionProvider"])
        self._names = [output.name for output in self._session.get_outputs()]
        self.model.sess = self._session
        # The first run reads the dictionary and allocates; it must not be a listener's.
        self.phonemes("Hello.")
        self.synthesise(self.ids("həlˈO."), 1.0)

    def phonemes(self, sentence: str) -> list[str]:
        with self.lock:  # the dictionary reader is not made for several threads
            return [str(string) for string in self.model.phonemize(sentence)]

    def ids(self, phonemes: str) -> list[int]:
        return [int(number) for number in self.model.ids(phonemes)]

    def synthesise(self, ids: list[int], speed: float) -> tuple[Samples, Samples]:
        """Sound at 24 kHz and the length of each phoneme in units."""
        inputs = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([speed], np.float32)}
        out = dict(zip(self._names, self._session.run(None, inputs), strict=True))
        # A fixed seed: the same text sounds the same each time.
        spectra = (out[name][0] for name in ("lh", "theta", "ln", "lr", "phi", "f0"))
        sound = self._dsp.synth(*spectra, np.random.default_rng(0))
        return np.asarray(sound, np.float32), np.asarray(out[DURATION_TENSOR], np.float32).ravel()


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(min(2, os.cpu_count() or 1), thread_name_prefix="hibari")


_loading = threading.Lock()
_loaded: list[_Engine] = []


def _engine() -> _Engine:
    with _loading:
        if not _loaded:
            try:
                _loaded.append(_Engine())
            except Exception as error:  # whatever onnxruntime or the package raise, the voice is unusable
                raise VoiceError(
                    f"The English voice did not load ({type(error).__name__}): reinstall the package hibari-tts.",
                    code="hibari_missing",
                    retryable=False,
                ) from error
    return _loaded[0]


def _sentences(text: str) -> list[str]:
    return [str(sentence) for sentence in _engine().model.split_sentences(text)]


def _synthesise(sentence: str, speed: float, pitch: float) -> _Clip:
    """One sentence. Another pitch is a slower or faster clip played at another rate."""
    engine = _engine()
    pitch = min(PITCHES[1], max(PITCHES[0], pitch))
    pieces: list[Samples] = []
    phones: list[PhoneTime] = []
    starts: list[float] = []
    at = 0.0
    for string in engine.phonemes(sentence):
        ids = engine.ids(string)
        sound, units = engine.synthesise(ids, min(PACES[1], max(PACES[0], speed / pitch)))
        if pitch != 1.0:
            resampler = Resampler(round(SAMPLE_RATE * pitch / 100) * 100)
            sound = np.concatenate([resampler.feed(sound), resampler.finish()])
        symbols = [engine.symbols.get(number, "") for number in ids]
        unit = len(sound) / SAMPLE_RATE / max(1.0, float(units.sum()))
        found, words = _timings(symbols, units * unit, at)
        phones += found
        starts += words
        pieces.append(sound)
        at += len(sound) / SAMPLE_RATE
    samples = trim_tail(np.concatenate(pieces)) if pieces else np.zeros(0, np.float32)
    over = len(samples) / SAMPLE_RATE
    heard = [replace(phone, end=min(phone.end, over)) for phone in phones if phone.start < over]
    return _Clip(samples, _ended_with_sound(heard, samples), _words(sentence, starts))


def _ended_with_sound(phones: list[PhoneTime], samples: Samples) -> tuple[PhoneTime, ...]:
    """The model counts the silence after a word as part of its last sound: a mouth would stay open on it."""
    block = SAMPLE_RATE // 100
    levels = np.sqrt((samples[: len(samples) // block * block].reshape(-1, block) ** 2).mean(axis=1))
    if not len(levels):
        return tuple(phones)
    sounds = levels > FADED * np.quantile(levels, 0.95)
    found = []
    for phone, after in zip(phones, [*phones[1:], None], strict=True):
        loud = np.flatnonzero(sounds[int(phone.start * 100) : int(phone.end * 100)])
        end = phone.end
        if phone.phone and (after is None or not after.phone) and len(loud):
            end = min(end, phone.start + (int(loud[-1]) + 1) / 100 + LINGERS_SECONDS)
        found.append(replace(phone, end=end))
    return tuple(found)


def _timings(symbols: list[str], lengths: Samples, at: float) -> tuple[list[PhoneTime], list[float]]:
    """Phones and the starts of words. A stress mark's time belongs to the vowel it announces."""
    phones: list[PhoneTime] = []
    words: list[float] = []
    ends = np.cumsum(lengths) - LATE_SECONDS
    marked: float | None = None
    word_begins = True
    for symbol, end, length in zip(symbols, ends.tolist(), lengths.tolist(), strict=True):
        start = max(0.0, end - length) if marked is None else marked
        marked = None
        if symbol in STRESS_MARKS:
            marked = start
        elif symbol in SOUNDLESS or not symbol:
            word_begins = True
            phones.append(PhoneTime("", at + start, at + max(start, end)))
        elif end > start:
            if word_begins:
                words.append(at + start)
            word_begins = False
            phones.append(PhoneTime(LETTERS_AS_IPA.get(symbol, symbol), at + start, at + end))
    return phones, words


def _words(sentence: str, starts: list[float]) -> tuple[WordTime, ...]:
    """Times for the words as written; none where numbers or abbreviations are spoken as several words."""
    written = list(re.finditer(r"\S*\w\S*", sentence))
    if len(written) != len(starts):
        return ()
    return tuple(WordTime(m.start(), m.end(), start) for m, start in zip(written, starts, strict=True))


def with_output(model: bytes, tensor: str) -> bytes:
    """The ONNX model with one more output. Protobuf merges repeated messages, so the addition is simply appended."""
    return model + _field(7, _field(12, _field(1, tensor.encode())))  # ModelProto.graph, GraphProto.output, name


def _field(number: int, payload: bytes) -> bytes:
    length, size = b"", len(payload)
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + payload
