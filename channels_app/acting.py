"""By what door a person acts just now: the audit log says it where it is not the dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_via: ContextVar[str] = ContextVar("via", default="")


@contextmanager
def through(door: str = "") -> Iterator[None]:
    """Within this block whatever is recorded came through `door`, such as "token aig_Xy12…"."""
    before = _via.set(door)
    try:
        yield
    finally:
        _via.reset(before)


def came_through(door: str) -> None:
    """Says it for the rest of the surrounding `through`: who it is may turn out later."""
    _via.set(door)


def door() -> str:
    """ "" for the dashboard and the house itself."""
    return _via.get()
