"""What a picture may be. One file, so that parent, child, page and tests mean the same figures."""

from __future__ import annotations

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 16_000_000
"""Of one frame."""
MAX_SIDE = 8192
MIN_SIDE = 16
MAX_FRAMES = 60
MAX_SECONDS = 10
MAX_ANIMATION_PIXELS = 32_000_000
"""Of all frames together, as they come."""

STILL_SIDE = 1600
"""Longest side of what is kept: the stage is 800, doubled for sharp screens."""
ANIMATION_SIDE = 800
KEPT_ANIMATION_PIXELS = 14_000_000
"""Of all frames together, as they are kept: what can be written within the time below."""
MAX_KEPT_BYTES = 10 * 1024 * 1024

CPU_SECONDS = 2
WALL_SECONDS = 15
"""On a machine that has much else to do; elsewhere the CPU limit comes first."""
ADDRESS_SPACE = 240 * 1024 * 1024
"""Bytes the child may map in all, the interpreter included."""

MAX_PICTURES = 48
"""Per channel."""
MAX_CHANNEL_BYTES = 64 * 1024 * 1024
