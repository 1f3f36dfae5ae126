"""What personas do when something happens in the rooms below."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from channels_app.models import Channel
from personas.actions import create_default_persona


def give_persona(channel: Channel, **_kwargs: Any) -> None:
    """A channel somebody enters has a persona, in the language of whoever came first."""
    create_default_persona(channel, (get_language() or "en")[:2])
