"""Which knowledge a conversation brings up. Pure: entries and messages in, entries out.

Plain keys are found in one walk through the text. Regular expressions of strangers run on RE2, whose time grows with
the text alone. No book can hold a channel up.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Iterable, Sequence
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
"""Characters of messages and constant knowledge looked through, the newest ones; as many of what comes up."""
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


def constant(book: Lorebook) -> list[LoreEntry]:
    """What is always known, as far as the budget reaches, in the order it is told."""
    return _told(_fitting((entry for entry in book.entries if entry.constant), _budget(book)))


def brought_up(book: Lorebook, messages: Sequence[str]) -> list[LoreEntry]:
    """What these messages (oldest first) bring up beside what is always known, in the order it is told."""
    known = constant(book)
    waiting = [(number, entry) for number, entry in enumerate(book.entries) if not entry.constant]
    seen = _Seen(book, messages, known)
    found: list[LoreEntry] = []
    for _round in range(RECURSION_DEPTH + 1 if book.recursive else 1):
        came_up = {number for number, entry in waiting if seen.brings_up(entry)}
        if not came_up:
            break
        fresh = [book.entries[number] for number in sorted(came_up)]
        found += fresh
        seen.add(fresh)
        waiting = [(number, entry) for number, entry in waiting if number not in came_up]
    return _told(_fitting(found, _budget(book) - sum(entry.tokens for entry in known)))


def is_usable(pattern: str) -> bool:
    """Whether a regular expression can be run: RE2 knows no look-around and no back-references."""
    return _compiled(pattern, exact=False) is not None


class _Seen:
    """What is looked through for a reply, and what of the book's keys stands in it."""

    def __init__(self, book: Lorebook, messages: Sequence[str], known: Sequence[LoreEntry]) -> None:
        self._book = book
        self._messages = messages
        self._contents: list[str] = []
        self._texts: dict[int, str] = {}
        self._patterns = _runnable(book)
        self._matched: dict[tuple[str, bool, str], bool] = {}
        # Word -> how many of the newest messages it takes to meet it; 0 is knowledge.
        self._exact: dict[str, int] = {}
        self._folded: dict[str, int] = {}
        deepest = max((_depth(entry, book) for entry in book.entries if not entry.constant), default=0)
        newest = list(reversed(messages))[:deepest]
        room = MAX_SCANNED - self._look_through(newest, MAX_SCANNED, begin=1)
        self._room = room
        if book.recursive:
            self._contents = [entry.content for entry in known]
            self._look_through(reversed(self._contents), room)

    def add(self, entries: Sequence[LoreEntry]) -> None:
        """Knowledge that came up, which a recursive book looks through too."""
        if self._book.recursive:
            contents = [entry.content for entry in entries]
            self._contents += contents
            self._texts.clear()
            self._room -= self._look_through(reversed(contents), self._room)

    def brings_up(self, entry: LoreEntry) -> bool:
        depth = _depth(entry, self._book)

        def holds(key: LoreKey) -> bool:
            if key.regex:
                return key.text in self._patterns and self._matches(key, depth)
            # Messages are looked through as deep as any entry wants: of those too old for this one nothing counts.
            return (self._exact if key.exact else self._folded).get(key.word, depth + 1) <= depth

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

    def _look_through(self, texts: Iterable[str], room: int, begin: int = 0) -> int:
        """Marks the words in these texts, the newest first, as far as there is room. Returns the characters it took.

        `begin` is 1 for messages, which are counted, and 0 for knowledge, which is not.
        """
        took = 0
        for number, text in enumerate(texts):
            if took >= room:
                break
            part = text[took - room :]
            age = begin + number if begin else 0
            self._book.exact.mark(part, age, self._exact)
            self._book.folded.mark(part.lower(), age, self._folded)
            took = min(room, took + len(part) + 1)
        return took

    def _matches(self, key: LoreKey, depth: int) -> bool:
        if depth not in self._texts:
            parts = [*self._contents, *(self._messages[-depth:] if depth else ())]
            self._texts[depth] = _newest(parts, MAX_MATCHED)
        asked = (key.text, key.exact, self._texts[depth])
        if asked not in self._matched:
            pattern = _compiled(key.text, exact=key.exact)
            self._matched[asked] = pattern is not None and pattern.search(asked[2]) is not None
        return self._matched[asked]


def _newest(parts: Sequence[str], length: int) -> str:
    """The last characters of the parts as lines, without joining what is not among them."""
    kept: list[str] = []
    total = 0
    for part in reversed(parts):
        if total >= length:
            break
        kept.append(part[-length:])
        total += len(part) + 1
    return "\n".join(reversed(kept))[-length:]


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
