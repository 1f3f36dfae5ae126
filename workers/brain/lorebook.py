"""Which knowledge a conversation brings up. Pure: entries and messages in, entries out.

Regular expressions of strangers run on RE2, whose time grows with the text alone: no pattern can hold a channel up.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from workers.pipeline.character import Lorebook, LoreEntry, LoreKey

SCAN_DEPTH = 4
"""Newest messages looked through where a book does not say: what was just talked about."""
MAX_SCAN_DEPTH = 40
TOKEN_BUDGET = 600
"""Where a book does not say. Each token is read again for every reply."""
MAX_TOKEN_BUDGET = 4_000
RECURSION_DEPTH = 5
"""Rounds in which knowledge that came up brings up more."""
MAX_SCANNED = 8_000
"""Characters looked through, the newest ones."""
MAX_PATTERN = 1_000
"""Characters of a regular expression."""
MAX_PATTERNS = 100
"""Regular expressions of a book that are run."""
MAX_PROGRAM = 1_000
"""Steps of RE2's program for a pattern. Counted repetition makes long ones: `a{500}` has 500."""
MAX_PROGRAMS = 5_000
"""Steps of all that a book runs: at worst each is tried at each character, about 0.1 s in all."""
MAX_MATCHED = 2_000
"""Characters a regular expression looks through, the newest ones."""
PATTERN_MEMORY = 1 << 18
"""Bytes a pattern may take, compiled."""


@dataclass(frozen=True, slots=True)
class _Text:
    """What is looked through, also in small letters: most keys are settled by these alone."""

    text: str
    lower: str


def constant(book: Lorebook) -> list[LoreEntry]:
    """What is always known, as far as the budget reaches, in the order it is told."""
    return _told(_fitting((entry for entry in book.entries if entry.constant), _budget(book)))


def brought_up(book: Lorebook, messages: Sequence[str]) -> list[LoreEntry]:
    """What these messages (oldest first) bring up beside what is always known, in the order it is told."""
    known = constant(book)
    waiting = [(number, entry) for number, entry in enumerate(book.entries) if not entry.constant]
    patterns = _runnable(book)
    found: list[LoreEntry] = []
    for _round in range(RECURSION_DEPTH + 1 if book.recursive else 1):
        texts = {}
        fresh = []
        for number, entry in waiting:
            depth = _depth(entry, book)
            if depth not in texts:
                contents = [told.content for told in (*known, *found)] if book.recursive else []
                texts[depth] = _text([*contents, *(messages[-depth:] if depth else ())])
            if _comes_up(entry, texts[depth], patterns):
                fresh.append(number)
        if not fresh:
            break
        found += [book.entries[number] for number in fresh]
        came_up = set(fresh)
        waiting = [(number, entry) for number, entry in waiting if number not in came_up]
    return _told(_fitting(found, _budget(book) - sum(entry.tokens for entry in known)))


def is_usable(pattern: str) -> bool:
    """Whether a regular expression can be run: RE2 knows no look-around and no back-references."""
    return _compiled(pattern, exact=False) is not None


def _text(parts: Sequence[str]) -> _Text:
    text = "\n".join(parts)[-MAX_SCANNED:]
    return _Text(text, text.lower())


def _depth(entry: LoreEntry, book: Lorebook) -> int:
    wanted = next((depth for depth in (entry.scan_depth, book.scan_depth) if depth is not None), SCAN_DEPTH)
    return max(0, min(wanted, MAX_SCAN_DEPTH))


def _runnable(book: Lorebook) -> frozenset[str]:
    """The regular expressions of the book that are run: its first ones."""
    keys = (key for entry in book.entries for key in (*entry.keys, *entry.secondary) if key.regex)
    patterns = list(dict.fromkeys(key.text for key in keys))[:MAX_PATTERNS]
    steps = list(itertools.accumulate(map(_steps, patterns)))
    return frozenset(patterns[: bisect.bisect_right(steps, MAX_PROGRAMS)])


def _steps(pattern: str) -> int:
    compiled = _compiled(pattern, exact=False)
    return compiled.programsize if compiled is not None else 0


def _comes_up(entry: LoreEntry, text: _Text, patterns: frozenset[str]) -> bool:
    def holds(key: LoreKey) -> bool:
        if key.regex:
            return key.text in patterns and _matches(text, key)
        return _holds(text, key)

    if not any(map(holds, entry.keys)) or any(map(holds, entry.excluded)):
        return False
    if not entry.secondary:
        return True
    match entry.logic:
        case "all":
            return all(map(holds, entry.secondary))
        case "not_any":
            return not any(map(holds, entry.secondary))
        case "not_all":
            return not all(map(holds, entry.secondary))
        case "any":
            return any(map(holds, entry.secondary))


def _matches(text: _Text, key: LoreKey) -> bool:
    pattern = _compiled(key.text, exact=key.exact)
    return pattern is not None and pattern.search(text.text[-MAX_MATCHED:]) is not None


def _holds(text: _Text, key: LoreKey) -> bool:
    """Whether the key stands at the beginning of a word: "cat" is in "cats", and not in "education"."""
    if key.exact:
        sought, looked_through = key.text, text.text
    else:
        sought, looked_through = key.text.lower(), text.lower
    place = looked_through.find(sought) if sought else -1
    while place >= 0:
        before = looked_through[place - 1] if place else " "
        if not (_is_letter(sought[0]) and _is_letter(before)):
            return True
        place = looked_through.find(sought, place + 1)
    return False


def _is_letter(sign: str) -> bool:
    """Of a script that sets spaces between words: Thai, Lao, Chinese and Japanese do not."""
    return sign.isalnum() and not ("\u0e00" <= sign <= "\u0eff" or "\u3040" <= sign <= "\u9fff")


@functools.lru_cache(maxsize=2048)
def _compiled(pattern: str, *, exact: bool) -> Any:
    """The pattern ready to be run; None where it cannot be."""
    if len(pattern) > MAX_PATTERN:
        return None
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = PATTERN_MEMORY
    options.case_sensitive = exact
    try:
        compiled = re2.compile(pattern, options)
    except re2.error:
        return None
    return compiled if compiled.programsize <= MAX_PROGRAM else None


def _budget(book: Lorebook) -> int:
    wanted = TOKEN_BUDGET if book.token_budget is None else book.token_budget
    return max(0, min(wanted, MAX_TOKEN_BUDGET))


def _fitting(entries: Iterable[LoreEntry], budget: int) -> list[LoreEntry]:
    """The entries that have room together: the lowest priority goes first, then the lowest order."""
    kept = sorted(entries, key=lambda entry: (entry.priority or 0, entry.order))
    dropped, total = 0, sum(entry.tokens for entry in kept)
    while total > budget and dropped < len(kept):
        total -= kept[dropped].tokens
        dropped += 1
    return kept[dropped:]


def _told(entries: Iterable[LoreEntry]) -> list[LoreEntry]:
    return sorted(entries, key=lambda entry: (not entry.before, entry.order))
