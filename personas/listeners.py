"""What personas do when something happens in the rooms below."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from channels_app import push
from channels_app.actions import after_commit
from channels_app.models import Channel
from personas.actions import create_default_persona
from personas.plan import show_within_plan


def give_persona(channel: Channel, **_kwargs: Any) -> None:
    """A channel somebody enters has a persona, in the language of whoever came first."""
    create_default_persona(channel, (get_language() or "en")[:2])


def keep_within_plan(channel: Channel, **_kwargs: Any) -> None:
    """Another plan: she is shown as it allows. What was chosen stays in the version for when it is allowed again."""
    if show_within_plan(channel):
        after_commit(lambda: push.overlay_control_now(channel, {"t": "config"}))
