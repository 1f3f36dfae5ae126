"""What a channel may use. `billing` works it out from the plan and writes it onto the channel; all rooms read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from channels_app.models import Channel

BUILT_IN, PROVIDER, OWN = "built-in", "provider", "own"
"""Where a voice comes from: this machine, the platform's speech provider, the channel's own provider."""


@dataclass(frozen=True, slots=True)
class Entitlements:
    """Limits of a plan. None: without limit. Amounts count within one period, see `billing`."""

    plan: str = "unlimited"
    """Name of the plan in the catalogue; "unlimited" where the site sells nothing."""
    live_seconds: int | None = None
    replies: int | None = None
    characters: int | None = None
    """Spoken by a voice that costs money."""
    voices: tuple[str, ...] = (BUILT_IN, PROVIDER, OWN)
    avatar_kinds: tuple[str, ...] | None = None
    channels: int | None = None
    """The broadcaster's channels that may be live at once."""
    moderators: int | None = None
    history_days: int | None = None
    period_start: str | None = None
    """ISO 8601; when the present period began. None: with the calendar month (UTC)."""

    def stored(self) -> dict[str, Any]:
        """As it stands in `Channel.entitlements`."""
        return asdict(self)


UNLIMITED = Entitlements()


def entitlements_of(channel: Channel) -> Entitlements:
    """What stands on the channel; everything where nothing does. Fields of another release are passed over."""
    known = {field.name for field in fields(Entitlements)}
    kept = {name: value for name, value in channel.entitlements.items() if name in known}
    for name in ("voices", "avatar_kinds"):
        if isinstance(kept.get(name), list):
            kept[name] = tuple(kept[name])
    return Entitlements(**kept)
