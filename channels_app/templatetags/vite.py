"""The built front end, by the names of its sources."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

ICON = SafeString(
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='10' fill='%23ff6fae'/%3E%3Cpath d='M9 13v4M14 9v13M19 12v7M24 14v3' stroke='%232a0716' stroke-width='3' "
    "stroke-linecap='round'/%3E%3C/svg%3E"
)
"""A voice on a round ground."""


class FrontEndMissingError(Exception):
    """The front end was not built."""


@lru_cache(maxsize=2)
def _manifest(path: Path, changed: float) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))


def manifest() -> dict[str, Any]:
    path: Path = settings.VITE_MANIFEST
    try:
        return _manifest(path, path.stat().st_mtime)
    except FileNotFoundError:
        raise FrontEndMissingError(
            "The front end is not built: run ./start.sh, or `npm run build` in overlay_static."
        ) from None


def build_id() -> str:
    """Name of the present build: changes whenever the overlay's script does."""
    return str(manifest()["src/overlay/main.ts"]["file"]).rsplit("/", 1)[-1].removesuffix(".js")


@register.simple_tag
def site_icon() -> SafeString:
    """The picture in a page's tab, as an address that asks for nothing."""
    return ICON


@register.simple_tag
def vite_asset(source: str) -> SafeString:
    """Script and style tags of one entry."""
    entry = manifest()[source]
    styles = format_html_join("", '<link rel="stylesheet" href="{}">', [(static(css),) for css in entry.get("css", [])])
    return format_html('{}<script type="module" src="{}"></script>', styles, static(entry["file"]))
