"""Words that are spelled out: "en i gee", "N as in November", "пэ и дэ", and pieces with "plus" between them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workers.safety.tables import lines_under

SHORTEST_RUN = 3
"""Letters in a row from which names of letters are taken for spelling."""
_AS_IN = re.compile(r"(?<!\S)(\w{1,4}) (?:as in|like in|is for|for|like|as|как в слове|как в|как) (\w)(\w+)")


_APART = re.compile(r"(?<!\S)[^\W\d_](?: [^\W\d_]){2,}(?!\S)")
_DOUBLED = {"u": "w"}


_NAMES = {
    heading: {name: letter for name, _, letter in (pair.partition(":") for line in lines for pair in line.split())}
    for heading, lines in lines_under("letters.txt").items()
}
_FILLERS = _NAMES.pop("fillers").keys()


def spelled(words: str) -> Iterator[str]:
    """What a reading spells: the pieces without what stands between them; the letters, apart and as one word."""
    undone = _AS_IN.sub(_initial, words)
    tokens = [token for token in undone.split() if token not in _FILLERS]
    if len(tokens) < len(words.split()):
        yield _APART.sub(lambda run: run[0].replace(" ", ""), " ".join(tokens))
    for table in _NAMES.values():
        if sum(token in table for token in tokens) > 1 and (letters := _runs(tokens, table)):
            yield letters


def _initial(found: re.Match[str]) -> str:
    """The letter, where the word that explains it begins with it."""
    letters = {found[1], *(table.get(found[1]) for table in _NAMES.values())}
    return found[2] if found[2] in letters else found[0]


def _runs(tokens: list[str], table: Mapping[str, str]) -> str:
    runs: list[list[str]] = [[]]
    doubled = False
    for token in tokens:
        letter = token if len(token) == 1 and token.isalpha() and token not in table else table.get(token, "")
        if token in {"double", "дважды", "двойное"}:
            doubled = True
            continue
        if letter:
            runs[-1] += [_DOUBLED.get(letter, letter * 2) if doubled else letter]
        elif runs[-1]:
            runs.append([])
        doubled = False
    return " , ".join(" ".join([*run, ",", "".join(run)]) for run in runs if len(run) >= SHORTEST_RUN)
