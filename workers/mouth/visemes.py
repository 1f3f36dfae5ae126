"""How the mouth looks for each sound: IPA phones to the fifteen shapes, and how wide each stands open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workers.mouth.sounds import letters_of
from workers.pipeline.values import MouthKey, Viseme

FULL_OPENING: dict[Viseme, float] = {
    Viseme.SIL: 0.0, Viseme.PP: 0.0, Viseme.FF: 0.10, Viseme.TH: 0.22, Viseme.DD: 0.24, Viseme.KK: 0.32,
    Viseme.CH: 0.22, Viseme.SS: 0.16, Viseme.NN: 0.28, Viseme.RR: 0.36, Viseme.AA: 1.0, Viseme.E: 0.55,
    Viseme.I: 0.32, Viseme.O: 0.65, Viseme.U: 0.28,
}  # fmt: skip
"""Opening (0..1) of each shape at weight 1."""
CLOSING = frozenset({Viseme.PP, Viseme.FF})
"""Shapes a watcher misses when they are too short."""


NEARLY_SHUT = 0.35
"""Openings up to this differ little to the eye."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the mouth looks during one sound."""

    viseme: Viseme | None
    """None: breath (h), which takes the shape of what follows."""
    opening: float

    @property
    def weight(self) -> float:
        """Strength of the shape, 0..1: how far it is from shut to its full opening."""
        full = 0.0 if self.viseme is None else FULL_OPENING[self.viseme]
        return 1.0 if full == 0.0 else round(min(1.0, max(0.35, self.opening / full)), 2)

    def reduced(self, share: float) -> Shape:
        """The shape of the vowel without stress. One that is nearly shut anyway is not shut further."""
        return replace(self, opening=max(NEARLY_SHUT, self.opening * share)) if self.opening > NEARLY_SHUT else self


def opening_of(key: MouthKey) -> float:
    """How far the mouth stands open at a key, 0..1."""
    return round(FULL_OPENING[key.viseme] * key.weight, 3)


_V = Viseme
BREATH = Shape(None, 0.4)
TALKING = Shape(_V.E, 0.4)
"""Where nothing better is known."""
_SINGLE: dict[str, Shape] = {
    **dict.fromkeys("pbmɱɸβ", Shape(_V.PP, 0.0)),
    **dict.fromkeys("fvʋ", Shape(_V.FF, 0.10)),
    **dict.fromkeys("θð", Shape(_V.TH, 0.22)),
    **dict.fromkeys("tdʈɖ", Shape(_V.DD, 0.22)),
    **dict.fromkeys("ɾrɽ", Shape(_V.RR, 0.28)),
    **dict.fromkeys("kɡgcɟq", Shape(_V.KK, 0.30)),
    **dict.fromkeys("xɣχçʁʀħɰ", Shape(_V.KK, 0.32)),
    **dict.fromkeys("ʃʒɕʑʂʐ", Shape(_V.CH, 0.22)),
    **dict.fromkeys("ʧʤ", Shape(_V.CH, 0.22)),
    **dict.fromkeys("sz", Shape(_V.SS, 0.16)),
    **dict.fromkeys("nɲɳ", Shape(_V.NN, 0.25)),
    **dict.fromkeys("ŋɴ", Shape(_V.NN, 0.28)),
    **dict.fromkeys("lɫɭʎɬ", Shape(_V.NN, 0.28)),
    **dict.fromkeys("ɹɻ", Shape(_V.RR, 0.30)),
    **dict.fromkeys("hɦ", BREATH),
    "j": Shape(_V.I, 0.26),
    "ʝ": Shape(_V.I, 0.26),
    **dict.fromkeys("wɥʍ", Shape(_V.U, 0.20)),
    "i": Shape(_V.I, 0.30),
    **dict.fromkeys("ɪᵻɨ", Shape(_V.I, 0.32)),
    **dict.fromkeys("yʏ", Shape(_V.U, 0.26)),
    **dict.fromkeys("uʉ", Shape(_V.U, 0.26)),
    **dict.fromkeys("ʊɯɵ", Shape(_V.U, 0.28)),
    "e": Shape(_V.E, 0.50),
    "ɛ": Shape(_V.E, 0.55),
    **dict.fromkeys("əᵊɘɤ", Shape(_V.E, 0.38)),
    **dict.fromkeys("øœɞ", Shape(_V.O, 0.48)),
    **dict.fromkeys("ɚɝɜ", Shape(_V.RR, 0.36)),
    "o": Shape(_V.O, 0.60),
    **dict.fromkeys("ɔɒ", Shape(_V.O, 0.65)),
    "ʌ": Shape(_V.AA, 0.65),
    "ɐ": Shape(_V.AA, 0.50),
    "æ": Shape(_V.AA, 0.80),
    **dict.fromkeys("aɶ", Shape(_V.AA, 0.90)),
    "ɑ": Shape(_V.AA, 1.00),
}
_DOUBLE = {
    "tʃ": _SINGLE["ʧ"], "dʒ": _SINGLE["ʧ"], "tɕ": _SINGLE["ʧ"], "dʑ": _SINGLE["ʧ"], "tʂ": _SINGLE["ʧ"],
    "ts": Shape(_V.SS, 0.16), "dz": Shape(_V.SS, 0.16),
}  # fmt: skip
_SHAPES = _SINGLE | _DOUBLE


def shape_of(letter: str) -> Shape:
    """The shape of one letter of `sounds.LETTERS`."""
    return _SHAPES[letter]


def shapes_of(phone: str) -> tuple[Shape, ...]:
    """The shapes of one engine phone in order: two for a diphthong, none for a pause or a lone mark."""
    return tuple(_SHAPES[letter] for letter in letters_of(phone))
