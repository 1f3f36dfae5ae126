"""The persona's dictionary as a person writes it: one word a line, `word = how to say it`."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.utils.translation import gettext as _

MOST_WORDS = 200
LONGEST_WORD = 40
LONGEST_SAY = 80
LANGUAGES = ("en", "ru")
_LANGUAGE = re.compile(r"^(?P<language>[a-zA-Z]{2})\s*:\s*(?P<word>.+)$")

Row = dict[str, str]
"""word, say, language ("" for any)."""


class DictionaryError(ValueError):
    """A line that cannot be understood; the message says which and how to mend it."""


def rows_of(text: str) -> list[Row]:
    """The lines as rows; empty lines and lines that begin with # are left out. Raises DictionaryError."""
    rows: list[Row] = []
    known: set[tuple[str, str]] = set()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = _plain(raw)
        if not line or line.startswith("# "):
            continue
        row = _row(line, number)
        key = (row["word"].lower(), row["language"])
        if key in known:
            raise DictionaryError(
                _("Line %(line)d: “%(word)s” is already there. Keep one of the two.")
                % {"line": number, "word": row["word"]}
            )
        known.add(key)
        rows.append(row)
    if len(rows) > MOST_WORDS:
        raise DictionaryError(_("At most %(most)d words, please.") % {"most": MOST_WORDS})
    return rows


def text_of(rows: list[Any]) -> str:
    """Inverse of `rows_of`."""
    return "\n".join(
        f"{row['language']}: {row['word']} = {row['say']}" if row["language"] else f"{row['word']} = {row['say']}"
        for row in rows
    )


def _row(line: str, number: int) -> Row:
    word, sign, say = (part.strip() for part in line.partition("="))
    if not sign or not word or not say:
        raise DictionaryError(
            _("Line %(line)d: write it as word = how to say it, such as xQc = ex cue see.") % {"line": number}
        )
    language = ""
    if (found := _LANGUAGE.match(word)) and found["language"].lower() in LANGUAGES:
        language, word = found["language"].lower(), found["word"].strip()
    if len(word) > LONGEST_WORD or len(say) > LONGEST_SAY:
        raise DictionaryError(
            _("Line %(line)d: at most %(word)d characters for the word and %(say)d for how to say it.")
            % {"line": number, "word": LONGEST_WORD, "say": LONGEST_SAY}
        )
    if not any(map(str.isalnum, word)):
        raise DictionaryError(
            _("Line %(line)d: “%(word)s” has no letter or figure; faces and emoji are never spoken.")
            % {"line": number, "word": word}
        )
    if not any(map(str.isalpha, say)):
        raise DictionaryError(_("Line %(line)d: how to say it needs letters.") % {"line": number})
    return {"word": word, "say": say, "language": language}


def _plain(text: str) -> str:
    """One line of single blanks, without characters nobody can see."""
    seen = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(unicodedata.normalize("NFC", seen).split())
