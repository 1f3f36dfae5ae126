"""The pictures of the documents: small, used, and taken by a command the running service does not know."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from aigirl_site.env import ROOT
from tests.guards.tracked import name, product, tracked, tree

PICTURES = [path for path in tracked(".png") if ROOT / "docs" in path.parents]
MOST_BYTES = 250_000
DEVELOPMENT = {"playwright", "pytest", "tests", "benchmarks", "hypothesis"}
"""What only the development packages and folders have."""


def test_there_are_pictures_of_the_pages() -> None:
    assert {"channel", "check", "landing", "look", "mobile", "obs", "overlay", "overlay-url", "persona"} <= {
        p.stem for p in PICTURES
    }


def test_every_picture_is_small_and_whole() -> None:
    for path in PICTURES:
        assert path.stat().st_size < MOST_BYTES, name(path)
        with Image.open(path) as image:
            image.load()


def test_every_picture_is_shown_somewhere() -> None:
    shown = "".join(page.read_text() for page in tracked(".md"))
    assert not [name(path) for path in PICTURES if not re.search(rf"images/{path.name}\b", shown)]


@pytest.mark.parametrize("missing", ["playwright", "PIL"])
def test_the_command_says_what_to_install(missing: str) -> None:
    lines = f"import runpy, sys; sys.modules[{missing!r}] = None; runpy.run_path('docs/screenshots.py')"
    done = subprocess.run([sys.executable, "-c", lines], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install -r requirements-dev.txt" in done.stderr
    assert "Traceback" not in done.stderr


def roots(path: Path) -> set[str]:
    """First parts of everything a file imports."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {item.name.partition(".")[0] for item in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_what_runs_in_production_imports_no_development_package() -> None:
    guilty = {name(path): roots(path) & DEVELOPMENT for path in product()}
    assert not {file: found for file, found in guilty.items() if found}
