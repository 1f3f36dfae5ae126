"""The files that belong to the repository, as git knows them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

from aigirl_site.env import ROOT

PACKAGES = ("aigirl_site", "billing", "channels_app", "personas", "workers")
"""What runs in production; tests and benchmarks follow other rules."""


@cache
def tracked(*suffixes: str) -> tuple[Path, ...]:
    """Tracked files that exist, as absolute paths; all of them without suffixes."""
    # The checkout may belong to another person than the one who runs the tests (containers).
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return tuple(path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes))


def product() -> list[Path]:
    """The Python files that run in production, migrations left out."""
    inside = [path for path in tracked(".py") if path.relative_to(ROOT).parts[0] in {*PACKAGES, "manage.py"}]
    return [path for path in inside if "migrations" not in path.parts]


@cache
def tree(path: Path) -> ast.Module:
    """A Python file as it is parsed, once for all who look through it."""
    return ast.parse(path.read_text(), str(path))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
