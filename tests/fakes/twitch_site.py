"""The product's Django settings when it talks to the Twitch on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr

from aigirl_site.env import env
from tests.fakes.twitch import FakeTwitch


def _site_settings(twitch: FakeTwitch) -> dict[str, Any]:
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


@contextmanager
def connected(settings: Any, *, keepalive: float = 10.0, grace: float = 10.0) -> Iterator[FakeTwitch]:
    """A Twitch on loopback while the block runs, and the site set up to talk to it."""
    with FakeTwitch(keepalive=keepalive, grace=grace) as twitch:
        for name, value in _site_settings(twitch).items():
            setattr(settings, name, value)
        yield twitch
