"""What a token may be good for. Its person's role in the channel comes first: a token never adds to that."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.models import Membership


class Scope(models.TextChoices):
    """One power."""

    CHANNEL_READ = "channel:read", _("Read the channel: state, settings")
    CHANNEL_WRITE = "channel:write", _("Change settings of the show")
    CHANNEL_RUN = "channel:run", _("Start and stop her")
    CHAT_SAY = "chat:say", _("Talk to her, and have her say a text")
    MODERATE = "moderate", _("Skip, silence, approve and reject")
    TURNS_READ = "turns:read", _("Read replies, and who waits for one")
    PERSONAS_READ = "personas:read", _("Read personas")
    PERSONAS_WRITE = "personas:write", _("Change and publish personas")
    USAGE_READ = "usage:read", _("Read what was used, and what it cost")


OWNERS = frozenset({Scope.CHANNEL_RUN, Scope.PERSONAS_READ, Scope.PERSONAS_WRITE, Scope.USAGE_READ})
"""What moderators cannot do on the dashboard either."""


def open_to(role: str) -> list[Scope]:
    """The scopes that mean something for a member with this role."""
    return [scope for scope in Scope if role == Membership.Role.OWNER or scope not in OWNERS]


def known(scopes: Iterable[str], role: str) -> list[str]:
    """Those of the scopes that this role may give, in the order of the list above."""
    wanted = set(scopes)
    return [scope.value for scope in open_to(role) if scope.value in wanted]
