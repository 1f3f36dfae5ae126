"""Which language a chat message is in, by its letters. Good enough to choose between English and Russian."""

from __future__ import annotations

import re

CYRILLIC_SHARE = 0.25
"""From this share of Cyrillic letters a mixed text is Cyrillic: names of games are Latin in Russian talk too."""
_CYRILLIC_LANGUAGES = frozenset({"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn"})
_OTHER_SCRIPTS = frozenset({"ja", "zh", "ko", "ar", "he", "fa", "th", "el", "hi", "ka", "hy"})
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|[@!#][\w]+|\b\w*[a-z][A-Z]\w*|\w*\d\w*")
_SHARED = frozenset(
    re.findall(
        r"\w+",
        """
    gg wp ez gl hf lol lmao rofl kek kekw lul lulw omegalul pog pogu kappa monkas copium hype
    xd omg ok wow rip afk brb sus imba hp dps npc ai d p o b hm hmm mm
""",
    )
)
"""Words of every chat: they tell nothing of the language."""


def detect_language(text: str, default: str) -> str:
    """The text's language ("en", "ru", or the default where the letters allow it or tell nothing)."""
    words = [word for word in re.findall(r"[^\W_]+", _NOT_WORDS.sub(" ", text)) if word.lower() not in _SHARED]
    letters = "".join(words)
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
    latin = sum(letter.isascii() or "\u00c0" <= letter <= "\u024f" for letter in letters)
    base = default.lower().partition("-")[0]
    if cyrillic + latin < 2 or cyrillic + latin < len(letters) / 2:
        return default
    if cyrillic >= CYRILLIC_SHARE * (cyrillic + latin):
        return default if base in _CYRILLIC_LANGUAGES else "ru"
    return "en" if base in _CYRILLIC_LANGUAGES | _OTHER_SCRIPTS else default
