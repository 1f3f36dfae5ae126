"""Tests in a house are given out together: a file left out would start a house for itself in every process."""

from __future__ import annotations

from pathlib import Path

from tests.scheduling import TOGETHER

ROOT = Path(__file__).resolve().parents[2]


def test_all_tests_in_a_house_share_one() -> None:
    own = Path(__file__).relative_to(ROOT).as_posix()
    files = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}
    inside = {name for name, text in files.items() if "pytestmark = HOUSE" in text and name != own}
    assert len(inside) >= 5
    assert inside <= {name for name, group in TOGETHER.items() if group.startswith("house")}
    assert set(TOGETHER) <= set(files)
