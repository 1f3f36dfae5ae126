"""Tests in a house are given out together: a file left out would start a house for itself in every process."""

from __future__ import annotations

from pathlib import Path

from tests.scheduling import DEAR, TOGETHER, dear_first, first_cheap

ROOT = Path(__file__).resolve().parents[2]


def test_all_tests_in_a_house_share_one() -> None:
    own = Path(__file__).relative_to(ROOT).as_posix()
    files = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}
    inside = {name for name, text in files.items() if "pytestmark = HOUSE" in text and name != own}
    assert len(inside) >= 5
    assert inside <= {name for name, group in TOGETHER.items() if group.startswith("house")}
    assert set(TOGETHER) <= set(files)


def test_the_dearest_tests_begin_first_and_the_rest_stays_shuffled() -> None:
    names = ["tests/b.py::x", "tests/docker/test_image.py::y", "tests/a.py::z", "tests/chaos/test_x.py::w"]
    assert [names[place] for place in dear_first(names)] == [names[1], names[3], names[0], names[2]]
    assert all((ROOT / place).exists() for place in DEAR)


def test_processes_that_take_nothing_dear_take_the_first_of_the_rest() -> None:
    queue = ["house 1", "customers", "tests/chaos/test_x.py::w", "tests/a.py::z", "tests/b.py::x"]
    assert first_cheap(queue) == "tests/a.py::z"
    assert first_cheap(queue[:3]) is None, "then they help with what is dear"
