"""The overlay page stays light: an OBS source loads it over a stream's upload and beside a game."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

STATIC = Path(__file__).resolve().parents[2] / "overlay_static"
DIST = STATIC / "dist"
MOST_BYTES = 45 * 1024
"""Everything the overlay page loads, packed as a web server sends it."""
TOO_NEW = re.compile(
    r"\.(toSorted|toReversed|toSpliced|groupBy|isSubsetOf|withResolvers|canParse|fromAsync)\("
    r"|:has\(|@container|color-mix\(|oklch\(|\d[dsl]v[hw]\b|@starting-style"
)
"""Not in Chromium 103, the oldest inside a supported OBS. The build's target sees to syntax, `lib` to types."""


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """What the build made; ./test.sh builds before it tests."""
    return dict(json.loads((DIST / ".vite" / "manifest.json").read_text()))


def files_of(manifest: dict[str, Any], entry: str) -> set[str]:
    """Every file that belongs to an entry, styles and worklets included."""
    chunk = manifest[entry]
    found = {chunk["file"], *chunk.get("css", []), *chunk.get("assets", [])}
    for imported in chunk.get("imports", []):
        found |= files_of(manifest, imported)
    return found


def test_the_overlay_page_is_light(manifest: dict[str, Any]) -> None:
    sizes = {name: len(gzip.compress((DIST / name).read_bytes())) for name in files_of(manifest, "src/overlay/main.ts")}
    assert len(sizes) >= 3, "page, style and worklet"
    assert sum(sizes.values()) <= MOST_BYTES, sizes


def test_the_overlay_page_needs_nothing_newer_than_the_oldest_obs(manifest: dict[str, Any]) -> None:
    used = {
        name: found.group()
        for name in files_of(manifest, "src/overlay/main.ts") | files_of(manifest, "src/overlay/opus.ts")
        if (found := TOO_NEW.search((DIST / name).read_text()))
    }
    assert used == {}
    assert json.loads((STATIC / "tsconfig.json").read_text())["compilerOptions"]["lib"][0] == "ES2021"
