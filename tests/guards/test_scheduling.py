"""Tests in a house are given out together: a file left out would start a house for itself in every process."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.scheduling import DEAR, HANDFUL, TOGETHER, Pieces, dear_first, first_cheap

ROOT = Path(__file__).resolve().parents[2]


def test_all_tests_in_a_house_share_one() -> None:
    own = Path(__file__).relative_to(ROOT).as_posix()
    files = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}
    inside = {name for name, text in files.items() if "pytestmark = HOUSE" in text and name != own}
    assert len(inside) >= 5
    assert inside <= {name for name, group in TOGETHER.items() if group.startswith("house")}
    assert set(TOGETHER) <= set(files)


def test_the_dearest_tests_begin_first_and_the_rest_stays_shuffled() -> None:
    names = [
        "tests/b.py::x",
        "tests/docker/test_image.py::y",
        "tests/browser/test_customer.py::a",
        "tests/a.py::z",
        "tests/chaos/test_x.py::w",
        "tests/browser/test_calibration.py::b",
    ]
    assert [names[place] for place in dear_first(names)] == [names[n] for n in (5, 2, 1, 4, 0, 3)]
    assert all((ROOT / place).exists() for place in DEAR)


def test_what_is_cheap_is_given_out_by_the_handful_and_nothing_else() -> None:
    cheap = [f"tests/a.py::x[{number}]" for number in range(2 * HANDFUL + 1)]
    dear = [f"tests/chaos/test_x.py::{name}" for name in "ab"]
    pieces = Pieces()
    found = Counter(pieces.of(name) for name in [*cheap, *dear, "tests/browser/test_demo.py::x", cheap[0]])
    assert sorted(found.values(), reverse=True) == [HANDFUL + 1, HANDFUL, 1, 1, 1, 1]
    assert pieces.of(dear[0]) != pieces.of(dear[1])
    assert pieces.of("tests/browser/test_russian.py::y") == pieces.of("tests/browser/test_demo.py::x")


def test_processes_that_take_nothing_dear_take_the_first_of_the_rest() -> None:
    queue = ["house 1", "customers", "tests/chaos/test_x.py::w", "tests/a.py::z", "tests/b.py::x"]
    assert first_cheap(queue) == "tests/a.py::z"
    assert first_cheap(queue[:3]) is None, "then they help with what is dear"
