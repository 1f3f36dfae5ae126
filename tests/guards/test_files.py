"""Files stay small enough to hold in the head, finished, and free of what belongs to one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.guards.tracked import name, tracked

MOST_LINES = 400
CODE = (".py", ".ts", ".js", ".sh", ".html", ".css")


def broken_up(*patterns: str) -> re.Pattern[str]:
    """One pattern out of several, each written with a `·` inside so that this file does not find itself."""
    return re.compile("|".join(pattern.replace("·", "") for pattern in patterns))


UNFINISHED = broken_up("TO·DO", "FIX·ME", r"\bX·XX\b", "NotImplemented·Error")
AVOIDED_TEST = broken_up(r"mark\.sk·ip", r"pytest\.sk·ip\(", r"mark\.xf·ail", r"\b(it|test|describe)\.sk·ip")
EMPTIED = broken_up(r"\bcache\.cl·ear\b", r"flu·shdb\(", r"flu·shall\(")
MACHINE = broken_up(r"(?<![\w.])/wo·rk/", r"(?<![\w.])/ro·ot/", r"/Us·ers/\w", r"C:\\Us·ers")
REGISTRY = broken_up(r"registry·\.npmjs", r"py·pi\.org", r"python·hosted\.org", "yarn·pkg")
MAKERS = broken_up("(?i)clau·de", "anth·ropic", "copi·lot", "gener·ated by ai", "gener·ated with")


def offences(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    """`file:line` of every hit in tracked text files."""
    found = []
    for path in tracked(*suffixes):
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{name(path)}:{number}" for number, line in enumerate(lines, start=1) if pattern.search(line)]
    return found


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_no_source_file_is_longer_than_four_hundred_lines() -> None:
    sources = [path for path in tracked(".py", ".ts") if "migrations" not in path.parts]
    long = {name(path): lines_of(path) for path in sources if lines_of(path) > MOST_LINES}
    assert not long, "Split each by what it is about."


@pytest.mark.parametrize(
    ("pattern", "suffixes", "advice"),
    [
        (UNFINISHED, CODE, "Finish it, or leave it out."),
        (AVOIDED_TEST, CODE, "A test runs or it goes."),
        (EMPTIED, (".py",), "A whole Redis is emptied by it, with what others keep there; tests have `empty_cache`."),
        (MACHINE, (), "Paths of one machine mean nothing elsewhere."),
        (REGISTRY, (), "Which package index is used is the business of the machine that installs."),
        (MAKERS, (), "The repository speaks of the product only."),
    ],
    ids=["unfinished", "avoided tests", "emptied servers", "machine paths", "package indexes", "makers"],
)
def test_tracked_files_are_free_of(pattern: re.Pattern[str], suffixes: tuple[str, ...], advice: str) -> None:
    assert not offences(pattern, *suffixes), advice


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (UNFINISHED, "# TO·DO: later"),
        (AVOIDED_TEST, "@pytest.mark.sk·ip"),
        (EMPTIED, "cache.cl·ear()"),
        (MACHINE, "open('/ro·ot/x')"),
        (REGISTRY, "https://registry·.npmjs.org/x"),
    ],
)
def test_the_patterns_find_what_they_look_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text.replace("·", ""))
