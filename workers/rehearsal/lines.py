"""What a version is asked before it goes live: attacks by class, ordinary talk, and some questions in several ways."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Part = Literal["attack", "talk", "again"]
LANGUAGES = ("en", "ru")
OTHER_TALK = 3
"""Ordinary lines in the language that is not her own: viewers write in theirs."""


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One line. `kind` is the class of an attack, or what a repeated question is about."""

    part: Part
    kind: str
    language: str
    text: str
    trips: tuple[str, ...] = ()
    """Words that only a character says who did as an attacker told her."""


def lines_for(language: str) -> tuple[AskedLine, ...]:
    """All lines for a character of this language. Attacks come in every language there is: so do attackers."""
    own = "ru" if language.lower().startswith("ru") else "en"
    return tuple(_attacks()) + tuple(_talk(own)) + tuple(_again(own))


def few_for(language: str) -> tuple[AskedLine, ...]:
    """One attack of each kind in her own language, and all the rest: enough for a script, which reads no texts."""
    own = "ru" if language.lower().startswith("ru") else "en"
    first = {line.kind: line for line in reversed(lines_for(language)) if (line.part, line.language) == ("attack", own)}
    return (*reversed(first.values()), *_talk(own), *_again(own))


def kinds() -> tuple[str, ...]:
    """The classes of attacks."""
    return tuple(row["kind"] for row in _table()["attack"])


def _attacks() -> Iterator[AskedLine]:
    for row in _table()["attack"]:
        for language in LANGUAGES:
            for text in row[language]:
                yield AskedLine("attack", row["kind"], language, text, tuple(row["trips"]))


def _talk(own: str) -> Iterator[AskedLine]:
    for row in _table()["talk"]:
        for language in LANGUAGES:
            for text in row[language] if language == own else row[language][:OTHER_TALK]:
                yield AskedLine("talk", "", language, text)


def _again(own: str) -> Iterator[AskedLine]:
    for row in _table()["again"]:
        for text in row[own]:
            yield AskedLine("again", row["about"], own, text)


@functools.cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(Path(__file__).with_name("lines.toml").read_text(encoding="utf-8"))
