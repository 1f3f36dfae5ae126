"""What a token may be good for. Its person's powers in the channel come first: a token never adds to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.powers import MEMBER, OWN, Power


class Scope(models.TextChoices):
    """One thing a program may do."""

    CHANNEL_READ = "channel:read", _("Read the channel: state, settings")
    CHANNEL_WRITE = "channel:write", _("Change settings of the show")
    CHANNEL_RUN = "channel:run", _("Start and stop her")
    CHAT_SAY = "chat:say", _("Talk to her, and have her say a text")
    TIPS_WRITE = "tips:write", _("Tell her of tips")
    MODERATE = "moderate", _("Skip, silence, approve and reject")
    TURNS_READ = "turns:read", _("Read replies, and who waits for one")
    PERSONAS_READ = "personas:read", _("Read personas")
    PERSONAS_WRITE = "personas:write", _("Change and publish personas")
    USAGE_READ = "usage:read", _("Read what was used, and what it cost")


POWERS: dict[Scope, str] = {
    Scope.CHANNEL_READ: MEMBER,
    Scope.CHANNEL_WRITE: Power.SHOW,
    Scope.CHANNEL_RUN: Power.RUN,
    Scope.CHAT_SAY: Power.TALK,
    Scope.TIPS_WRITE: OWN,
    Scope.MODERATE: Power.MODERATE,
    Scope.TURNS_READ: Power.HISTORY,
    Scope.PERSONAS_READ: Power.PERSONA,
    Scope.PERSONAS_WRITE: Power.PERSONA,
    Scope.USAGE_READ: Power.COSTS,
}
"""What its person needs to be able to do on the dashboard."""


def open_to(powers: Collection[str]) -> list[Scope]:
    """The scopes that mean something for a member with these powers."""
    return [scope for scope in Scope if POWERS[scope] == MEMBER or POWERS[scope] in powers]


def known(scopes: Iterable[str], powers: Collection[str]) -> list[str]:
    """Those of the scopes that somebody with these powers may give, in the order of the list above."""
    wanted = set(scopes)
    return [scope.value for scope in open_to(powers) if scope.value in wanted]
