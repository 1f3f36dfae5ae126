"""What she looks like: the parts there are, a look of her own for every channel, and the object the overlay draws from.

The names are those of `overlay_static/src/avatars/look.ts`; a test holds the two together.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FACES = [("soft", _("Soft")), ("sharp", _("Sharp")), ("gentle", _("Gentle")), ("cool", _("Cool"))]
HAIR = [
    ("twintails", _("Twin tails")),
    ("long", _("Long and straight")),
    ("bob", _("Bob")),
    ("ponytail", _("Ponytail")),
    ("waves", _("Long waves")),
]
FRINGES = [
    ("choppy", _("Choppy")),
    ("straight", pgettext_lazy("fringe", "Straight")),
    ("swept", _("Swept aside")),
    ("curtain", _("Parted")),
]
OUTFITS = [
    ("jacket", _("Jacket")),
    ("sailor", _("Sailor suit")),
    ("knit", _("Pullover")),
    ("gothic", _("Cape and lace")),
]
ACCESSORIES = [
    ("bows", _("Bows")),
    ("star", _("Star pin")),
    ("flower", _("Flower")),
    ("cat_ears", _("Cat ears")),
    ("headphones", _("Headphones")),
    ("glasses", _("Glasses")),
    ("choker", _("Choker")),
    ("cowlick", _("Cowlick")),
]
KINDS = [("svg", _("Drawn for you")), ("png", _("My own pictures"))]

SKINS = ("#fff0e8", "#ffe6db", "#f6d0b8", "#e0ac86", "#b97d56", "#7d4f35")
PALETTES = (
    (_("Dusk"), {"hair": "#8a78f0", "eyes": "#2f9df0", "outfit": "#3b4184", "accent": "#ff6f9f"}),
    (_("Ember"), {"hair": "#d9573b", "eyes": "#3fae7a", "outfit": "#4a2b33", "accent": "#ffc14d"}),
    (_("Mint"), {"hair": "#5ecfb1", "eyes": "#d86ea8", "outfit": "#24525c", "accent": "#ffe07a"}),
    (_("Sakura"), {"hair": "#f3a6c0", "eyes": "#8a6bd8", "outfit": "#6a3d5c", "accent": "#7fd4ff"}),
    (_("Midnight"), {"hair": "#3a3f63", "eyes": "#e2b04a", "outfit": "#23263d", "accent": "#8e7bff"}),
    (_("Snow"), {"hair": "#dfe6f5", "eyes": "#d64c67", "outfit": "#5b6b8f", "accent": "#6fd3ff"}),
    (_("Honey"), {"hair": "#f0c368", "eyes": "#4c8fd6", "outfit": "#2f5d50", "accent": "#ff7f6b"}),
    (_("Cocoa"), {"hair": "#6b4636", "eyes": "#58a55c", "outfit": "#8c4a4a", "accent": "#f2c6a0"}),
    (_("Raven"), {"hair": "#2e2b3a", "eyes": "#d64c67", "outfit": "#3b2340", "accent": "#c22f4f"}),
    (_("Lagoon"), {"hair": "#4a9fe0", "eyes": "#f08a4b", "outfit": "#1f4a63", "accent": "#5fe0c0"}),
)
"""Colours that go together; skin is chosen for itself."""

MOOD_SLOTS = ("happy", "sad", "angry", "surprised", "shy", "smug", "thinking")
SLOTS = (
    "idle", "half", "talk", "blink", "offline",
    *(slot for mood in MOOD_SLOTS for slot in (mood, f"{mood}_half", f"{mood}_talk", f"{mood}_blink")),
)  # fmt: skip
"""What one of her own pictures may be shown for."""

DEFAULT_DRAWN: dict[str, Any] = {
    "face": "soft",
    "hair": "twintails",
    "fringe": "choppy",
    "outfit": "jacket",
    "accessories": ["bows", "star", "choker", "cowlick"],
}
DEFAULT_OWN: dict[str, Any] = {"pictures": {}, "mouth": {"half": 0.18, "open": 0.5, "hysteresis": 0.06}, "bounce": 8}


def default_palette() -> dict[str, str]:
    return {**PALETTES[0][1], "skin": SKINS[1]}


def default_avatar() -> dict[str, Any]:
    """Which kind she is, what the drawn one wears, and her own pictures; both are kept, whichever is shown."""
    return {"kind": "svg", "drawn": dict(DEFAULT_DRAWN), "own": dict(DEFAULT_OWN)}


def look_of_her_own(seed: str) -> dict[str, Any]:
    """`avatar` and `palette` for a new persona: always the same for the same seed, hardly ever for two."""
    chance = random.Random(seed)
    head = chance.choice(["bows", "cat_ears", "headphones", ""])
    small = chance.sample(["star", "flower", "choker", "cowlick"], 2)
    glasses = ["glasses"] if chance.random() < 0.2 else []
    drawn = {
        "face": chance.choice(FACES)[0],
        "hair": chance.choice(HAIR)[0],
        "fringe": chance.choice(FRINGES)[0],
        "outfit": chance.choice(OUTFITS)[0],
        "accessories": [name for name, _label in ACCESSORIES if name in [head, *small, *glasses]],
    }
    _name, colours = chance.choice(PALETTES)
    return {
        "avatar": default_avatar() | {"drawn": drawn},
        "palette": {**colours, "skin": chance.choice(SKINS)},
    }


def avatar_spec(avatar: Mapping[str, Any], palette: Mapping[str, str]) -> dict[str, Any]:
    """The `avatar` object of the overlay protocol. Without a resting picture of her own she is drawn."""
    own = DEFAULT_OWN | dict(avatar.get("own") or {})
    if avatar.get("kind") == "png" and own["pictures"].get("idle"):
        return {
            "kind": "png",
            "pictures": {slot: picture_address(name) for slot, name in own["pictures"].items()},
            "mouth": own["mouth"],
            "bounce": own["bounce"],
        }
    drawn = DEFAULT_DRAWN | dict(avatar.get("drawn") or {})
    return {"kind": "svg", **drawn, "palette": default_palette() | dict(palette)}


def with_pictures_there(avatar: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The look without pictures that were deleted since; drawn again where none is left to rest in."""
    own = dict(avatar.get("own") or {})
    kept = {slot: name for slot, name in (own.get("pictures") or {}).items() if name in names}
    if kept == (own.get("pictures") or {}):
        return dict(avatar)
    kind = avatar.get("kind") if kept.get("idle") else "svg"
    return dict(avatar) | {"kind": kind, "own": own | {"pictures": kept}}


def picture_address(name: str) -> str:
    return f"/media/avatars/{name}"


def channel_look(version: Any, kinds: Collection[str] | None = None) -> dict[str, Any]:
    """What the channel row keeps of a version for the overlay. Of a kind not among `kinds` she is drawn instead; None
    allows all."""
    avatar = version.avatar
    if kinds is not None and avatar.get("kind") not in kinds:
        avatar = dict(avatar) | {"kind": "svg"}
    return {
        "name": version.name,
        "language": version.language,
        "mood": version.mood,
        "avatar": avatar_spec(avatar, version.palette),
    }
