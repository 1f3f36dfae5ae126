"""The sounds of a text in order, with the shapes they are seen by: what the search looks for in the sound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workers.mouth.sounds import AFTER_SOFT, LETTERS, NEAREST, PAUSE, SOFT, SOFT_MARK, VOWELS, letters_of
from workers.mouth.visemes import BREATH, TALKING, Shape, shape_of
from workers.pipeline.values import Viseme

LAST_SYLLABLE = 1.6
"""How much longer the last syllable before a pause lasts."""
STRESSED, UNSTRESSED, LONG, IN_DIPHTHONG = 1.12, 0.95, 1.2, 0.75
"""What a mark makes of a sound's length."""
LESS_OPEN = 0.7
"""How wide a vowel without stress opens, against one with it."""
CLOSE_FRONT = {"i", "I"}
REDUCED = Shape(Viseme.E, 0.40)
"""What stands without stress after a soft consonant, where languages that have those know no i from e."""
GLIDE = "j"
STRESS_MARKS = frozenset("ˈˌ")
LONG_MARK = "ː"
_TAGS = re.compile(r"\([a-z-]+\)")
_PARTS = re.compile(r"[_ ]+")


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound of the text, or a place where a pause may be."""

    name: str
    """Class of sound."""
    shape: Shape | None
    """None for a pause."""
    length: float = 1.0
    """How much longer than usual it lasts here."""
    between_clauses: bool = False
    """For a pause: whether one is to be expected."""
    also: tuple[str, ...] = ()
    """Other classes it may be heard as."""


EDGE = Sound(PAUSE, None, between_clauses=True)
_BETWEEN_WORDS = Sound(PAUSE, None)


def course(phonemes: str) -> list[Sound]:
    """The sounds of a phoneme string: a line per clause, words by spaces, phones by `_`. Empty for an empty string.

    Every word is followed by a possible pause; there is one before the first, too.
    """
    found: list[Sound] = []
    for clause in phonemes.splitlines():
        spoken: list[Sound] = []
        for word in _TAGS.sub("", clause).split():
            sounds = _word(word)
            spoken += [*sounds, _BETWEEN_WORDS] if sounds else []
        if spoken:
            found += [*_drawn_out(spoken[:-1]), EDGE]
    return _heard_as_nearest(_breathing([EDGE, *found])) if found else []


def _word(phones: str) -> list[Sound]:
    found: list[Sound] = []
    after_soft = False
    for phone in _PARTS.split(phones):
        is_soft = SOFT_MARK in phone
        letters = letters_of(phone)
        is_stressed = not STRESS_MARKS.isdisjoint(phone)
        stress = STRESSED if is_stressed else UNSTRESSED
        length = stress * (LONG if LONG_MARK in phone else 1.0) * (IN_DIPHTHONG if len(letters) > 1 else 1.0)
        for letter in letters:
            name = LETTERS[letter]
            if found and name == found[-1].name == GLIDE:
                continue  # espeak-ng writes two where a hard sign or a soft one parts a consonant from its vowel
            also = (SOFT if is_soft else AFTER_SOFT if after_soft else {}).get(name, ())
            shape = shape_of(letter)
            if name in VOWELS and not is_stressed:
                shape = REDUCED if after_soft and name in CLOSE_FRONT else shape.reduced(LESS_OPEN)
            found.append(Sound(name, shape, length, also=also))
            after_soft = is_soft or name == GLIDE
    return found


def _drawn_out(clause: list[Sound]) -> list[Sound]:
    """Speakers draw out the last syllable before a pause."""
    vowels = [index for index, sound in enumerate(clause) if sound.name in VOWELS]
    last = vowels[-1] if vowels else len(clause)
    if last - 1 in vowels:  # both halves of a diphthong
        last -= 1
    return [replace(s, length=s.length * LAST_SYLLABLE) if i >= last else s for i, s in enumerate(clause)]


def _breathing(sounds: Sequence[Sound]) -> list[Sound]:
    """A breath (h) has the shape of what follows it."""
    found: list[Sound] = []
    after: Shape | None = None
    for sound in reversed(sounds):
        after = (after or TALKING) if sound.shape is BREATH else sound.shape
        found.append(sound if sound.shape is after else replace(sound, shape=after))
    return found[::-1]


def _heard_as_nearest(sounds: Sequence[Sound]) -> list[Sound]:
    """Classes the text has none of are no rivals of those it has, but other ways to hear them."""
    there = {sound.name for sound in sounds}
    nearest = {name: tuple(other for other in others if other not in there) for name, others in NEAREST.items()}
    return [replace(s, also=(*s.also, *nearest[s.name])) if nearest.get(s.name) else s for s in sounds]
