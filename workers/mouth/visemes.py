"""How the mouth looks for each sound: IPA phones to the fifteen shapes, and how wide each stands open."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from workers.pipeline.values import MouthKey, Viseme

FULL_OPENING: dict[Viseme, float] = {
    Viseme.SIL: 0.0, Viseme.PP: 0.0, Viseme.FF: 0.10, Viseme.TH: 0.22, Viseme.DD: 0.24, Viseme.KK: 0.32,
    Viseme.CH: 0.22, Viseme.SS: 0.16, Viseme.NN: 0.28, Viseme.RR: 0.36, Viseme.AA: 1.0, Viseme.E: 0.55,
    Viseme.I: 0.32, Viseme.O: 0.65, Viseme.U: 0.28,
}  # fmt: skip
"""Opening (0..1) of each shape at weight 1."""
CLOSING = frozenset({Viseme.PP, Viseme.FF})
"""Shapes a watcher misses when they are too short."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One mouth shape of a phone. `seconds` is what the sound lasts on average at a lively pace."""

    viseme: Viseme | None
    """None: breath (h), which takes the shape of what follows."""
    opening: float
    seconds: float

    @property
    def weight(self) -> float:
        """Strength of the shape, 0..1: how far it is from shut to its full opening."""
        full = 0.0 if self.viseme is None else FULL_OPENING[self.viseme]
        return 1.0 if full == 0.0 else round(min(1.0, max(0.35, self.opening / full)), 2)


def opening_of(key: MouthKey) -> float:
    """How far the mouth stands open at a key, 0..1."""
    return round(FULL_OPENING[key.viseme] * key.weight, 3)


def _shape(viseme: Viseme, opening: float, seconds: float) -> Shape:
    return Shape(viseme, opening, seconds)


_V = Viseme
BREATH = Shape(None, 0.4, 0.055)
_SINGLE: dict[str, Shape] = {
    **dict.fromkeys("pbmɱɸβ", _shape(_V.PP, 0.0, 0.080)),
    **dict.fromkeys("fvʋ", _shape(_V.FF, 0.10, 0.080)),
    **dict.fromkeys("θð", _shape(_V.TH, 0.22, 0.060)),
    **dict.fromkeys("tdʈɖ", _shape(_V.DD, 0.22, 0.075)),
    **dict.fromkeys("ɾrɽ", _shape(_V.RR, 0.28, 0.055)),
    **dict.fromkeys("kɡgcɟq", _shape(_V.KK, 0.30, 0.078)),
    **dict.fromkeys("xɣχçʁʀħɰ", _shape(_V.KK, 0.32, 0.085)),
    **dict.fromkeys("ʃʒɕʑʂʐ", _shape(_V.CH, 0.22, 0.110)),
    **dict.fromkeys("ʧʤ", _shape(_V.CH, 0.22, 0.120)),
    **dict.fromkeys("sz", _shape(_V.SS, 0.16, 0.100)),
    **dict.fromkeys("nɲɳ", _shape(_V.NN, 0.25, 0.075)),
    **dict.fromkeys("ŋɴ", _shape(_V.NN, 0.28, 0.085)),
    **dict.fromkeys("lɫɭʎɬ", _shape(_V.NN, 0.28, 0.068)),
    **dict.fromkeys("ɹɻ", _shape(_V.RR, 0.30, 0.070)),
    **dict.fromkeys("hɦ", BREATH),
    "j": _shape(_V.I, 0.26, 0.058),
    "ʝ": _shape(_V.I, 0.26, 0.058),
    **dict.fromkeys("wɥʍ", _shape(_V.U, 0.20, 0.055)),
    "i": _shape(_V.I, 0.30, 0.078),
    **dict.fromkeys("ɪᵻɨ", _shape(_V.I, 0.32, 0.065)),
    **dict.fromkeys("yʏ", _shape(_V.U, 0.26, 0.085)),
    **dict.fromkeys("uʉ", _shape(_V.U, 0.26, 0.087)),
    **dict.fromkeys("ʊɯɵ", _shape(_V.U, 0.28, 0.068)),
    "e": _shape(_V.E, 0.50, 0.085),
    "ɛ": _shape(_V.E, 0.55, 0.085),
    **dict.fromkeys("əᵊɘɤ", _shape(_V.E, 0.38, 0.055)),
    **dict.fromkeys("øœɞ", _shape(_V.O, 0.48, 0.090)),
    **dict.fromkeys("ɚɝɜ", _shape(_V.RR, 0.36, 0.092)),
    "o": _shape(_V.O, 0.60, 0.084),
    **dict.fromkeys("ɔɒ", _shape(_V.O, 0.65, 0.105)),
    "ʌ": _shape(_V.AA, 0.65, 0.070),
    "ɐ": _shape(_V.AA, 0.50, 0.060),
    "æ": _shape(_V.AA, 0.80, 0.105),
    **dict.fromkeys("aɶ", _shape(_V.AA, 0.90, 0.092)),
    "ɑ": _shape(_V.AA, 1.00, 0.115),
}
_DOUBLE = {
    "tʃ": _SINGLE["ʧ"], "dʒ": _SINGLE["ʧ"], "tɕ": _SINGLE["ʧ"], "dʑ": _SINGLE["ʧ"], "tʂ": _SINGLE["ʧ"],
    "ts": _shape(_V.SS, 0.16, 0.125), "dz": _shape(_V.SS, 0.16, 0.125),
}  # fmt: skip
_VOWELS = frozenset(_SINGLE[vowel] for vowel in "iɪɨyuʉʊeɛəøɚoɔʌɐæaɑ")
LAST_SYLLABLE = 1.7
"""How much longer it then lasts, at a natural voice's pace."""
_TAGS = re.compile(r"\([a-z-]+\)")
STRESS = "ˈˌ"
LONG = "ː"


def shapes_of(phone: str) -> tuple[Shape, ...]:
    """The shapes of one engine phone in order: two for a diphthong, none for a pause or a lone mark."""
    found: list[Shape] = []
    position = 0
    while position < len(phone):
        pair = phone[position : position + 2]
        if pair in _DOUBLE:
            found.append(_DOUBLE[pair])
            position += 2
            continue
        shape = _SINGLE.get(phone[position])
        if shape is not None:
            found.append(shape)
        position += 1
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Planned:
    """One shape of a text and how long it probably lasts. `viseme` None of `shape` is breath; no shape is a pause."""

    shape: Shape | None
    seconds: float


def plan(phonemes: str) -> list[Planned]:
    """The probable course of the mouth from a phoneme string: a line per clause, words by spaces, phones by `_`.

    Clauses are parted by a pause; there is none at the ends.
    """
    found: list[Planned] = []
    for clause in phonemes.splitlines():
        spoken = [step for phone in re.split(r"[_ ]+", _TAGS.sub("", clause)) for step in _steps(phone)]
        if spoken and found:
            found.append(Planned(None, 0.25))
        found += _drawn_out(spoken)
    return found


def _drawn_out(clause: list[Planned]) -> list[Planned]:
    """Speakers draw out the last syllable before a pause."""
    vowels = [index for index, step in enumerate(clause) if step.shape in _VOWELS]
    last = vowels[-1] if vowels else len(clause)
    if last - 1 in vowels:  # both halves of a diphthong
        last -= 1
    return [replace(step, seconds=step.seconds * LAST_SYLLABLE) if i >= last else step for i, step in enumerate(clause)]


def _steps(phone: str) -> list[Planned]:
    shapes = shapes_of(phone)
    stressed = 1.15 if any(mark in phone for mark in STRESS) else 0.95
    longer = 1.25 if LONG in phone else 1.0
    together = 0.75 if len(shapes) > 1 else 1.0
    return [Planned(shape, shape.seconds * stressed * longer * together) for shape in shapes]
