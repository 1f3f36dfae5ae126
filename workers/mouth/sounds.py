"""What can be heard: IPA letters to the classes of sound that the trained classifier tells apart."""

from __future__ import annotations

PAUSE = "sil"
CLASSES = (
    "sil", "p", "b", "m", "f", "v", "th", "t", "d", "k", "g", "x", "h", "sh", "ch", "s", "z", "ts", "n", "ng", "l", "r",
    "rr", "j", "w", "i", "I", "y", "Y", "e", "E", "@", "ae", "a", "A", "uh", "er", "o", "ao", "u", "U",
)  # fmt: skip
"""Order of the classifier's outputs. Finer than what is seen, so that the string is found again in the sound."""
NUMBER = {name: number for number, name in enumerate(CLASSES)}
NEAREST: dict[str, tuple[str, ...]] = {
    "v": ("w",), "f": ("th",), "m": ("ng",), "n": ("ng",), "r": ("rr",), "rr": ("r",), "x": ("h",), "h": ("x",),
    "a": ("ae",), "A": ("ae",), "e": ("E", "ae"), "E": ("e", "ae"),
}  # fmt: skip
"""As what else a class is heard where a text has no such sound of its own: no language has all of them.

Russian has no w, so what sounds like one is its loose v; its bright a next to soft consonants sounds like the a of cat.
"""
SOFT_MARK = "ʲ"
SOFT: dict[str, tuple[str, ...]] = {"v": ("j", "i"), "f": ("j", "i")}
"""As what else a softened class is heard: the tongue is up in the front while the lip is still at the teeth."""
AFTER_SOFT: dict[str, tuple[str, ...]] = {"a": ("E",), "A": ("E",)}
"""As what else a vowel is heard after a soft consonant or a j: it begins with the tongue up in the front."""
VOWELS = frozenset(CLASSES[CLASSES.index("i") :])

LETTERS: dict[str, str] = {
    **dict.fromkeys(["tʃ", "dʒ", "tɕ", "dʑ", "tʂ", "ʧ", "ʤ"], "ch"),
    **dict.fromkeys(["ts", "dz"], "ts"),
    "p": "p",
    **dict.fromkeys("bβ", "b"),
    **dict.fromkeys("mɱ", "m"),
    **dict.fromkeys("fɸ", "f"),
    **dict.fromkeys("vʋ", "v"),
    **dict.fromkeys("θð", "th"),
    **dict.fromkeys("tʈ", "t"),
    **dict.fromkeys("dɖ", "d"),
    **dict.fromkeys("kcq", "k"),
    **dict.fromkeys("ɡgɟ", "g"),
    **dict.fromkeys("xɣχçʁʀħɰ", "x"),
    **dict.fromkeys("hɦ", "h"),
    **dict.fromkeys("ʃʒɕʑʂʐ", "sh"),
    "s": "s",
    "z": "z",
    **dict.fromkeys("nɲɳ", "n"),
    **dict.fromkeys("ŋɴ", "ng"),
    **dict.fromkeys("lɫɭʎɬ", "l"),
    **dict.fromkeys("ɹɻ", "r"),
    **dict.fromkeys("ɾrɽ", "rr"),
    **dict.fromkeys("jʝ", "j"),
    **dict.fromkeys("wɥʍ", "w"),
    "i": "i",
    **dict.fromkeys("ɪᵻ", "I"),
    "ɨ": "y",
    **dict.fromkeys("yʏøœɞ", "Y"),
    "e": "e",
    "ɛ": "E",
    **dict.fromkeys("əᵊɘɤɐ", "@"),
    "æ": "ae",
    **dict.fromkeys("aɶ", "a"),
    "ɑ": "A",
    "ʌ": "uh",
    **dict.fromkeys("ɚɝɜ", "er"),
    "o": "o",
    **dict.fromkeys("ɔɒ", "ao"),
    **dict.fromkeys("uʉ", "u"),
    **dict.fromkeys("ʊɯɵ", "U"),
}
"""Class of each IPA letter (two letters where they are one sound). What is not here has no sound of its own."""


def letters_of(phone: str) -> list[str]:
    """The sounded letters of one engine phone in order: two for a diphthong, none for a pause or a lone mark."""
    found: list[str] = []
    position = 0
    while position < len(phone):
        pair = phone[position : position + 2]
        letter = pair if len(pair) == 2 and pair in LETTERS else phone[position]
        if letter in LETTERS:
            found.append(letter)
        position += len(letter)
    return found
