"""Which tests run in the same process one after the other, and which processes go first.

A house, a service with a browser at it, takes seconds to start and most of a core while she speaks: two of them and
everything else share two cores.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/browser/test_calibration.py": "house 1",
    "tests/browser/test_overlay_life.py": "house 1",
    "tests/browser/test_overlay_loss.py": "house 2",
    "tests/browser/test_overlay_opus.py": "house 2",
    "tests/browser/test_captions.py": "house 3",
    "tests/browser/test_operators.py": "house 3",
    "tests/browser/test_overlay_sound.py": "house 3",
    "tests/browser/test_queue.py": "house 3",
    "tests/browser/test_customer.py": "customers",
    "tests/chaos/test_worker_killed.py": "kills",
    "tests/browser/test_demo.py": "own services",
    "tests/browser/test_russian.py": "own services",
    "tests/docker/test_backups.py": "backups",
    "tests/browser/test_avatars.py": "avatars",
}
"""File -> name of those that share what is dear to start; the longest come first."""


DEAR = ("tests/chaos/", "tests/docker/", "tests/test_supervisor_system.py", "tests/aigirl_site/test_running_site.py")
"""What takes many seconds each, mostly with processes of its own: begun last, one of them would keep all waiting."""


def dear_first(names: Sequence[str]) -> list[int]:
    """The places of tests in the order in which they are begun; chance has shuffled them already."""
    groups = list(dict.fromkeys(TOGETHER.values()))

    def rank(place: int) -> int:
        group = _group_of(names[place])
        return groups.index(group) if group in groups else len(groups) + (not _is_dear(group))

    return sorted(range(len(names)), key=rank)


DEAR_AT_ONCE = 3
"""Processes that take what is dear. Most of what they do is to listen in real time; with more of them sound and answers
would not come in time on two cores."""


def first_cheap(queue: Iterable[str]) -> str | None:
    """The first piece that is not dear. None: only dear ones are left."""
    return next((piece for piece in queue if not _is_dear(piece)), None)


def _is_dear(piece: str) -> bool:
    return piece in TOGETHER.values() or piece.startswith(DEAR)


HANDFUL = 8
"""Cheap tests of one file that are given out at once: what their file makes once is made once for all of them, and the
process that gives out, which counts all pieces over again at each report, has fewer to count."""


class Pieces:
    """What is given out at once: what belongs together, cheap tests of a file by the handful, others one by one."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._cheap: Counter[str] = Counter()

    def of(self, nodeid: str) -> str:
        """The name of the piece this test is in; tests are asked about in the order in which they were found."""
        if nodeid not in self._known:
            self._known[nodeid] = self._next(nodeid)
        return self._known[nodeid]

    def _next(self, nodeid: str) -> str:
        piece = _group_of(nodeid)
        if _is_dear(piece):
            return piece
        file = nodeid.partition("::")[0]
        self._cheap[file] += 1
        return f"{file} {(self._cheap[file] - 1) // HANDFUL}"


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives out `Pieces` in the order in which they were found.

    Dear pieces go to a few processes only, as long as there are others.
    """

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        # Or pieces would be ordered by how many tests they have, and one of the dear ones alone would come last.
        config.option.loadscopereorder = False
        self._pieces = Pieces()

    def _split_scope(self, nodeid: str) -> str:
        return self._pieces.of(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        # Dear pieces stand in front: `dear_first` has seen to it.
        if self.nodes.index(node) >= DEAR_AT_ONCE and (piece := first_cheap(self.workqueue)):
            self.workqueue.move_to_end(piece, last=False)
        super()._assign_work_unit(node)


def _group_of(nodeid: str) -> str:
    return TOGETHER.get(nodeid.partition("::")[0], nodeid)


_first: list[str] = []


def give_way(nodeid: str) -> None:
    """Sound and pictures have to come in time: a process whose first test has none takes what the others leave."""
    if _first or "PYTEST_XDIST_WORKER" not in os.environ:
        return
    _first.append(nodeid)
    if not _group_of(nodeid).startswith("house"):
        # Gently: at 15 the few services that start in such a process would not come up in time.
        os.nice(5)
