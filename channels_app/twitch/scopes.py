"""What a broadcaster is asked to allow, feature by feature. A token has only what was asked: so ask for the union."""

from __future__ import annotations

from collections.abc import Iterable

CHAT = ("user:read:chat", "user:bot", "channel:bot")
"""Reads chat and its deletions through the conduit. Nothing works without these."""
SIGN_IN = (*CHAT, "bits:read", "channel:read:subscriptions", "moderator:read:followers", "channel:read:redemptions")

FEATURES = {
    "reply": ("user:write:chat",),
    "fulfil": ("channel:manage:redemptions",),
}
"""Asked for only when the broadcaster wants the feature: the sign-in form posts its name in `features`."""


def wanted(features: str, granted: Iterable[str] = ()) -> list[str]:
    """Scopes to ask for: sign-in's, those of the features (names with commas), and those held already."""
    names = [name.strip() for name in features.split(",")]
    asked = [scope for name in names for scope in FEATURES.get(name, ())]
    return list(dict.fromkeys([*SIGN_IN, *asked, *granted]))
