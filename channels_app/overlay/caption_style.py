"""How captions look: what a broadcaster may choose, and the object the overlay page gets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels_app.models import Channel

OFF = "off"
CHOICES = {
    "words": [
        ("highlight", _("All words, the one she says lights up")),
        ("karaoke", _("Words appear as she says them")),
        ("sentence", _("The whole sentence at once")),
        (OFF, _("No captions")),
    ],
    "font": [
        ("sans", pgettext_lazy("font", "Clean")),
        ("rounded", pgettext_lazy("font", "Rounded")),
        ("serif", pgettext_lazy("font", "Bookish")),
        ("mono", pgettext_lazy("font", "Typewriter")),
        ("heavy", pgettext_lazy("font", "Poster")),
        ("comic", pgettext_lazy("font", "Comic")),
    ],
    "size": [
        ("small", pgettext_lazy("text size", "Small")),
        ("medium", pgettext_lazy("text size", "Medium")),
        ("large", pgettext_lazy("text size", "Large")),
        ("huge", pgettext_lazy("text size", "Huge")),
    ],
    "background": [
        ("none", pgettext_lazy("caption background", "None")),
        ("soft", pgettext_lazy("caption background", "Soft")),
        ("solid", pgettext_lazy("caption background", "Solid")),
    ],
    "position": [
        ("bottom", pgettext_lazy("caption position", "Bottom")),
        ("top", pgettext_lazy("caption position", "Top")),
    ],
}
COLOURS = ("color", "highlight", "outline")
DEFAULTS = {
    "words": "highlight",
    "font": "sans",
    "size": "medium",
    "background": "none",
    "position": "bottom",
    "color": "#ffffff",
    "highlight": "#ffd84d",
    "outline": "#1d1631",
}
LEAST_CONTRAST = 3.0
"""Between letters and their outline, as WCAG asks of large text: the stream behind them may have any colour."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def style_of(channel: Channel) -> dict[str, str]:
    """The channel's style, whole; what is missing or unknown in its row takes its default."""
    stored = channel.caption_style if isinstance(channel.caption_style, Mapping) else {}
    style = DEFAULTS | {name: value for name, value in stored.items() if name in DEFAULTS and is_known(name, value)}
    return style if channel.captions else style | {"words": OFF}


def is_known(name: str, value: Any) -> bool:
    if name in COLOURS:
        return isinstance(value, str) and bool(_COLOUR.fullmatch(value))
    return any(value == key for key, _label in CHOICES[name])


def contrast(one: str, other: str) -> float:
    """Contrast of two colours `#rrggbb` by WCAG: 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
