"""Words of people made fit to stand in a prompt: one line, nothing invisible, no name that could end a quotation."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from workers.pipeline.values import UNNAMED

TEXT_LIMIT = 500
"""Characters of one message: Twitch's own limit."""
NAME_LIMIT = 25
_LANGUAGES = {
    "en": "English", "ru": "Russian", "uk": "Ukrainian", "de": "German", "fr": "French", "es": "Spanish",
    "it": "Italian", "pt": "Portuguese", "pl": "Polish", "tr": "Turkish", "ja": "Japanese", "ko": "Korean",
    "zh": "Chinese", "nl": "Dutch", "cs": "Czech", "sv": "Swedish", "fi": "Finnish", "kk": "Kazakh",
}  # fmt: skip


def clean_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """One line without control, invisible and direction-changing characters, cut at the limit."""
    return " ".join(_seen(text).split())[:limit]


def clean_name(name: str) -> str:
    """A name of letters, digits, `_` and single spaces that cannot end a quotation; "someone" where nothing is left."""
    letters = "".join(character if character.isalnum() or character in "_ -" else "" for character in clean_text(name))
    return " ".join(letters.split())[:NAME_LIMIT].strip() or UNNAMED


def clean_lines(text: str, limit: int) -> str:
    """The text up to the limit in lines, each without invisible characters; no more than one empty line in a row."""
    lines = (_seen(line).rstrip() for line in text.strip()[:limit].splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def language_name(code: str) -> str:
    """How a language (tag) is called in a prompt."""
    base = code.lower().partition("-")[0]
    return _LANGUAGES.get(base) or (base if re.fullmatch(r"[a-z]{2,3}", base) else "English")


def as_json(value: Any) -> str:
    """Quoted as data."""
    return json.dumps(value, ensure_ascii=False)


def _seen(text: str) -> str:
    # Printable is just what has no character to replace: nearly every text, and then there is nothing to walk through.
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    return "" if category in {"Cf", "Cs", "Co", "Cn"} else character
