"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    env = settings.ENV
    return {
        "has_twitch": env.has_twitch,
        "is_local_demo": env.is_loopback and not env.has_twitch,
        "uses_demo_brain": not env.has_llm,
        "uses_builtin_voice": not env.has_speech,
    }
