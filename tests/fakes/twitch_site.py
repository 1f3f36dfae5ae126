"""The product's Django settings when it talks to the Twitch on loopback."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from aigirl_site.env import env
from tests.fakes.twitch import FakeTwitch


def site_settings(twitch: FakeTwitch) -> dict[str, Any]:
    """What to override in a test process; a process of its own takes `twitch.environment()` instead."""
    values = twitch.environment()
    typed = values | {"TWITCH_CLIENT_SECRET": SecretStr(values["TWITCH_CLIENT_SECRET"])}
    return {
        "ENV": env.model_copy(update=typed),
        "SOCIAL_AUTH_TWITCH_KEY": values["TWITCH_CLIENT_ID"],
        "SOCIAL_AUTH_TWITCH_SECRET": values["TWITCH_CLIENT_SECRET"],
        "SOCIAL_AUTH_TWITCH_AUTHORIZATION_URL": f"{values['TWITCH_AUTH_URL']}/authorize",
        "SOCIAL_AUTH_TWITCH_ACCESS_TOKEN_URL": f"{values['TWITCH_AUTH_URL']}/token",
    }
