"""The goals a benchmark publishes beside its figures, and the word on those it missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def missed(
    figures: Mapping[str, Any], *, most: Mapping[str, float] | None = None, least: Mapping[str, float] | None = None
) -> list[str]:
    """Each goal that the figures do not reach, in words. A figure that was not measured reaches none."""
    found = []
    for word, bounds in (("over", most or {}), ("under", least or {})):
        for name, bound in bounds.items():
            value = figures.get(name)
            if value is None:
                found.append(f"{name} was not measured")
            elif value > bound if word == "over" else value < bound:
                found.append(f"{name} {value:g} {word} {bound:g}")
    return found


def add_strict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="end with 1 when a goal was missed")


def told(missed: Sequence[str]) -> str:
    """The line under a table."""
    return f"Goals missed: {'; '.join(missed) or 'none'}"


def end(missed: Sequence[str], *, strict: bool) -> None:
    """Exit code 0, as the figures of a busy machine are figures too, unless a miss is to be a failure."""
    sys.exit(bool(strict and missed))
