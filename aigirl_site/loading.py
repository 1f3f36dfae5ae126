"""Loading without the collector.

A start makes hundreds of thousands of objects that all stay, and hardly any garbage. The collector would go through
them again and again: a quarter of the processor time of each start.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """From here on objects are made that stay."""
    gc.disable()


def end() -> None:
    """What was loaded stays, and no later collection goes through it."""
    gc.freeze()
    gc.enable()
