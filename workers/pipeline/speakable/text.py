"""The one place that turns a caption into what the voice is asked to say and the mouth is aligned to.

Pure. The same text gives the same string for both; given its own result it changes nothing.
"""

from __future__ import annotations

import re
import unicodedata

from workers.pipeline.speakable import english, russian
from workers.pipeline.speakable.chat import read_chat, read_links, without_faces
from workers.pipeline.speakable.pronunciation import Pronunciation
from workers.pipeline.tags import TagStripper
from workers.pipeline.values import Mood

NO_WORDS = {"ru": "хм", "en": "hm"}
"""Said where nothing of a text can be said, such as a lone face."""
MOST_PASSES = 4
"""Words that stuck to figures or marks (haha18:30#) are seen as words once those are read."""
_SIGNS = {
    "en": {"&": "and", "+": "plus", "=": "equals", "%": "percent", "@": "at", "№": "number", "≈": "about"},
    "ru": {"&": "и", "+": "плюс", "=": "равно", "%": "процентов", "@": "собака", "№": "номер", "≈": "примерно"},
}  # fmt: skip
_MAYBE_ROMAN = re.compile(r"[IVX]{2}")
_ARROWS = re.compile(r"\s*(?:->|=>|→|⇒|\|)\s*")
_BRACKETS = re.compile(r"\s*[()\[\]{}]+\s*")
_SIGN = re.compile(r"[^\w\s.,!?…;:'’\"«»“”„—–。！？、，；：।؟،؛·\ue000-\uf8ff-]|_")
_ORDINARY = re.compile(r"(?:[^\W_]|[ .,!?…'’\"«»—–-])*")
"""Most sentences: nothing in them opens a tag, a direction or markup."""
_SPACES = re.compile(r"\s+")
_MARKS_RUN = re.compile(r"[!?,;:.…](?:\s*[!?,;:.…])+")
_LONE_ACCENT = re.compile(r"(?<![^\W\d_])[\u0300-\u036f]+")
_BEFORE_MARK = re.compile(r"\s+(?=[,.!?…;:])")
_LEADING = re.compile(r"^[\s.,!?…;:—–-]+(?=\w)")


def speakable(text: str, language: str, pronunciation: Pronunciation | None = None) -> str:
    """The text as it is to be said in this language (tag such as "en", "ru"); never empty where a text has letters.

    Figures are put into words in English and Russian; in other languages the voice reads them itself.
    """
    base = language.lower().replace("_", "-").split("-")[0]
    words = pronunciation or Pronunciation()
    said = words.hide(read_links(_bare(without_faces(unicodedata.normalize("NFC", text))), base), base)
    for _ in range(MOST_PASSES):
        before, said = said, _tidy(_spelled_signs(_read(said, base), base))
        if said == before:
            break
    said = _tidy(words.show(said))
    if any(map(str.isalnum, said)) or not any(map(str.isalnum, text)):
        return said
    return NO_WORDS.get(base, NO_WORDS["en"])


def _read(text: str, base: str) -> str:
    text = read_chat(read_links(without_faces(text), base), base)
    if not any(map(str.isdigit, text)) and not _MAYBE_ROMAN.search(text):
        return text
    if base == "ru":
        return russian.read_figures(text)
    return english.read_figures(text) if base == "en" else text


def _bare(text: str) -> str:
    """Without tags, stage directions, markup and emoji: the same rules as for a streamed reply."""
    if _ORDINARY.fullmatch(text):
        return text
    stripper = TagStripper()
    pieces = [*stripper.feed(text), *stripper.finish()]
    return "".join(piece for piece in pieces if not isinstance(piece, Mood))


def _spelled_signs(text: str, base: str) -> str:
    """Letters, digits and the marks a voice breathes by are kept; a sign is said or parts words."""
    text = _BRACKETS.sub(", ", _ARROWS.sub(", ", text))
    names = _SIGNS.get(base, {})
    return _SIGN.sub(lambda match: _said_sign(match[0], names), text)


def _said_sign(sign: str, names: dict[str, str]) -> str:
    if sign in names:
        return f" {names[sign]} "
    return sign if unicodedata.category(sign) in {"Mn", "Mc"} else " "


def _strongest(run: re.Match[str]) -> str:
    """Of several marks in a row the one that says most about the tune."""
    marks = run[0].replace("..", "…")
    return next(mark for mark in "?!….;:," if mark in marks)


def _tidy(text: str) -> str:
    text = unicodedata.normalize("NFC", _LONE_ACCENT.sub("", text))
    text = _MARKS_RUN.sub(_strongest, text)
    text = _SPACES.sub(" ", text)
    text = _BEFORE_MARK.sub("", text)
    return _LEADING.sub("", text.strip()).strip(" ,;:—–-")
