"""Whether the browser an overlay page runs in is fit for her: what OBS versions and machines are known for. Pure."""

from __future__ import annotations

import re

from channels_app.models import OverlayPresence

OLDEST_CHROMIUM = 103
"""What the overlay is built for: OBS 29.1 and newer."""
CRACKLING_BEFORE = (2, 25)
"""Version of OBS's browser plug-in (it came with OBS 31.1) that mended a well-known crackle."""
SMOOTH_FPS = 20.0
FINE_FPS = 50.0
"""OBS draws 30 or 60 pictures a second; below this it is the former."""
WANTED_RATE = 48_000
"""Hz, of the page and of OBS alike: any other is converted on the way."""
SMALLEST_SIDE = 300
NO_RENDERER = "none"
SOFTWARE = re.compile(r"swiftshader|llvmpipe|software|basic render", re.IGNORECASE)
"""Renderers of machines that draw without a graphics card."""


def is_too_old(page: OverlayPresence) -> bool:
    chromium = re.match(r"Chrome/(\d+)", page.engine)
    return chromium is not None and int(chromium[1]) < OLDEST_CHROMIUM


def crackles(page: OverlayPresence) -> bool:
    plugin = re.match(r"(\d+)\.(\d+)", page.obs_version)
    return plugin is not None and (int(plugin[1]), int(plugin[2])) < CRACKLING_BEFORE


def is_slow(page: OverlayPresence) -> bool:
    """A hidden page draws nothing, and nothing is wrong with that."""
    return page.visible and page.fps is not None and page.fps < SMOOTH_FPS


def draws_in_software(page: OverlayPresence) -> bool:
    return page.renderer == NO_RENDERER or SOFTWARE.search(page.renderer) is not None
