"""The notation of the word files: how one line becomes the pattern that finds it, in each of the ways it may be hidden.

A line is one or several words. `~` stands for any further letters, `(a|b)`, `[ab]` and `?` are what they are in regular
expressions, ` ... ` is up to four words, `<name>` is what the file defines as `name = ...`. Pure.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

_PART = re.compile(r" \.\.\. |\[[^\[\]]+\]|[~() |?]|\w")
_MACRO = re.compile(r"<(\w+)>")
_LITERAL = re.compile(r"(?:[^\W\d_](?!\?))*")
SHORTEST_KEY = 3
_OPEN = "~"
_Items = list[tuple["str | list[_Items]", bool]]
_REPEATED = re.compile(r"([^\W\d_])(?=\1)")
_GAP = r"(?: (?:\S+ ){0,4}|(?:is|are|was|a|the|это|был|была){0,2})"
"""Up to four words; of text that is run together only the commonest ones."""


class NotationError(ValueError):
    """A line of a word file that cannot be read. The message quotes it."""


@dataclass(frozen=True, slots=True)
class Section:
    """The lines under one heading, such as `[sexual: family standard]`."""

    name: str
    labels: tuple[str, ...]
    lines: tuple[str, ...]


def sections(text: str) -> Iterator[Section]:
    """The sections of a word file, with its macros put in. Raises NotationError for a line outside any section."""
    macros: dict[str, str] = {}
    name, labels, lines = "", (), list[str]()
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        if line.startswith("[") and line.endswith("]") and (heading := re.fullmatch(r"\[(\w+)(?::([\w ]+))?\]", line)):
            if name:
                yield Section(name, labels, tuple(lines))
            name, labels, lines = heading[1], tuple((heading[2] or "").split()), []
        elif " = " in line:
            macro, _, value = line.partition(" = ")
            macros[macro] = _MACRO.sub(lambda found: macros[found[1]], value)
        elif line:
            if not name:
                raise NotationError(f"{line!r} stands under no [heading].")
            lines.append(_MACRO.sub(lambda found: macros[found[1]], line))
    if name:
        yield Section(name, labels, tuple(lines))


def plainly(line: str) -> str:
    """The words as they stand; a letter may be doubled."""
    return _written(line, letter="{x}{x}?", space=" ", more=r"\w*")


def exactly(line: str) -> str:
    """The words as they stand, each letter once."""
    return _written(line, letter="{x}", space=" ", more=r"\w*")


def spread(line: str) -> str:
    """A word in pieces: a space may stand after every letter."""
    return _written(line, letter="{x}(?: ?{x})? ?", space=" ?", more=r"\w*")


def phrase(line: str) -> str:
    """Several words, for text in which no letter is doubled; they may be run together."""
    return _written(skeleton(line), letter="{x}", space=" ?", more=r"\w*")


def skeleton(text: str) -> str:
    """The text with every doubled or stretched letter once."""
    return _REPEATED.sub("", text)


def needs(line: str, common: Container[str]) -> list[tuple[str, ...]]:
    """For the words of a phrase that have them: beginnings without doubled letters, of which one is in every text the
    phrase is found in. Those by which it is found soonest come first: common words make poor keys, but keys.
    """
    found = list[tuple[str, ...]]()
    for part in _split(line, " "):
        if part.startswith("...") or part.endswith("?"):
            continue
        choices = _choices(part)
        beginnings = tuple(max((_begin(word) for word in _split(choice, " ")), key=len) for choice in choices)
        if min(map(len, beginnings)) >= SHORTEST_KEY:
            found.append(beginnings)
    return sorted(found, key=lambda own: (any(each in common for each in own), -min(map(len, own))))


def begins(line: str, most: int) -> frozenset[str]:
    """What every word that the line finds begins with: `most` letters without doubled ones, or fewer where a word ends
    sooner or goes on with any letters."""
    alternatives, _end = _parsed(_PART.findall(line), 0)
    found = (_begun(items, {""}, most) for items in alternatives)
    return frozenset(each.rstrip(_OPEN) for each in itertools.chain(*found))


def _parsed(parts: list[str], at: int) -> tuple[list[_Items], int]:
    """The alternatives of a line from here to the end of their group, each of (letters or a group, may be missing)."""
    alternatives: list[_Items] = [[]]
    while at < len(parts) and parts[at] != ")":
        part: str | list[_Items] = parts[at]
        at += 1
        if part == "|":
            alternatives.append([])
            continue
        if part == "(":
            part, at = _parsed(parts, at)
        may_miss = parts[at : at + 1] == ["?"]
        at += may_miss
        alternatives[-1].append((part, may_miss))
    return alternatives, at + 1


def _begun(items: _Items, starts: set[str], most: int) -> set[str]:
    """Each of the starts with what the items add to it."""
    for item, may_miss in items:
        longer = set(starts) if may_miss else set()
        for start in starts:
            if start.endswith(_OPEN) or len(start) >= most:
                longer.add(start)
            elif item == _OPEN:
                longer.add(start + _OPEN)
            elif isinstance(item, list):
                longer.update(*(_begun(inner, {start}, most) for inner in item))
            else:
                longer.update(start if start.endswith(letter) else start + letter for letter in item.strip("[]"))
        starts = longer
    return starts


def _choices(part: str) -> list[str]:
    """What the part may begin with, groups that may be missing left out."""
    while part.startswith("("):
        depths = itertools.accumulate((sign == "(") - (sign == ")") for sign in part)
        end = next(place for place, depth in enumerate(depths) if not depth)
        if part[end + 1 : end + 2] != "?":
            return list(_split(part[1:end], "|"))
        part = part[end + 2 :]
    return [part]


def _begin(word: str) -> str:
    """The letters that every form of the word begins with."""
    found = _LITERAL.match(word)
    return skeleton(found[0]) if found else ""


def _split(text: str, sign: str) -> Iterator[str]:
    """The parts of a line; what stands in brackets is not taken apart."""
    depth = start = 0
    for place, each in enumerate(text):
        depth += (each == "(") - (each == ")")
        if each == sign and not depth:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def starred(line: str) -> str:
    """The words with stars in the place of some letters."""
    return _written(line.replace("]", "*]"), letter="{x}{x}?", lone="[{x}*]{{1,2}}", space=" ", more=r"[\w*]*")


def _written(line: str, *, letter: str, space: str, more: str, lone: str = "") -> str:
    parts = _PART.findall(line)
    if "".join(parts) != line:
        raise NotationError(f"{line!r} is not in the notation of the word files.")
    made = list[str]()
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        match part:
            case " ... ":
                made.append(_GAP)
            case " ":
                made.append("(?: )" if following == "?" else space)
            case "~":
                made.append(more)
            case "(":
                made.append("(?:")
            case ")" | "|" | "?":
                made.append(part)
            case _:
                unit = (lone if lone and len(part) == 1 else letter).format(x=part)
                made.append(f"(?:{unit})" if following == "?" else unit)
    return "".join(made)
