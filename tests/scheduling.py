"""Which tests run in the same process one after the other, and which processes go first.

A house, a service with a browser at it, takes seconds to start and most of a core while she speaks: two of them and
everything else share two cores.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/browser/test_calibration.py": "house 1",
    "tests/browser/test_demo.py": "house 1",
    "tests/browser/test_overlay_life.py": "house 1",
    "tests/browser/test_operators.py": "house 1",
    "tests/browser/test_queue.py": "house 1",
    "tests/browser/test_captions.py": "house 2",
    "tests/browser/test_overlay_loss.py": "house 3",
    "tests/browser/test_overlay_opus.py": "house 3",
    "tests/browser/test_overlay_sound.py": "house 2",
    "tests/browser/test_avatars.py": "avatars",
    "tests/browser/test_russian.py": "russian",
    "tests/browser/test_customer.py": "customers",
    "tests/chaos/test_worker_killed.py": "kills",
}
"""File -> name of those that share what is dear to start."""


DEAR = ("tests/chaos/", "tests/docker/", "tests/test_supervisor_system.py", "tests/aigirl_site/test_running_site.py")
"""What takes many seconds each, mostly with processes of its own: begun last, one of them would keep all waiting."""


def dear_first(names: Sequence[str]) -> list[int]:
    """The places of tests in the order in which they are begun; chance has shuffled them already."""
    return sorted(range(len(names)), key=lambda place: not names[place].startswith(DEAR))


DEAR_AT_ONCE = 3
"""Processes that take what is dear. Most of what they do is to listen in real time; with more of them sound and answers
would not come in time on two cores."""


def first_cheap(queue: Iterable[str]) -> str | None:
    """The first piece that is not dear. None: only dear ones are left."""
    return next((piece for piece in queue if not _is_dear(piece)), None)


def _is_dear(piece: str) -> bool:
    return piece in TOGETHER.values() or piece.startswith(DEAR)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives out what belongs together in one piece and everything else test by test, the longest pieces first.

    Dear pieces go to a few processes only, as long as there are others.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _group_of(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        # Dear pieces stand in front: groups are the longest, and `dear_first` puts the others before what is short.
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
