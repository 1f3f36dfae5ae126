"""What a channel's plan says of how she may look and sound."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from channels_app.actions import PlanLimit
from channels_app.entitlements import BUILT_IN, OWN, PROVIDER, entitlements_of
from channels_app.models import Channel, ProviderAccess
from personas.look import channel_look
from personas.snapshot import persona_of

HOSTED = "openai"
"""The engine whose voices a speech provider speaks; all others speak on this machine."""


def voice_refused(channel: Channel, voice: str) -> SafeString | None:
    """Why a voice ("engine:name") is not for this channel, with the way up; None where it is."""
    source = BUILT_IN
    if voice.partition(":")[0] == HOSTED:
        own = ProviderAccess.objects.filter(channel=channel, kind=ProviderAccess.Kind.SPEECH).exists()
        source = OWN if own else PROVIDER
    if source in entitlements_of(channel).voices:
        return None
    return PlanLimit(_("Your plan has the built-in voices, and those of a provider of your own.")).with_way_up(channel)


def look_refused(channel: Channel, kind: str) -> SafeString | None:
    """Why she may not be of this kind on this channel, with the way up; None where she may."""
    kinds = entitlements_of(channel).avatar_kinds
    if kinds is None or kind in kinds:
        return None
    return PlanLimit(_("Your plan has the drawn character only.")).with_way_up(channel)


def changed_voices(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Fields with another voice than before: what was chosen under a larger plan may stay as it is."""
    return [field for field, voice in after.items() if voice and voice != before.get(field)]


def show_within_plan(channel: Channel) -> bool:
    """Puts the look on stage that the plan allows: the chosen one, or the drawn one in its place. Whether that changed
    anything."""
    persona = persona_of(channel)
    if persona is None or persona.published is None:
        return False
    look = channel_look(persona.published, entitlements_of(channel).avatar_kinds)
    return bool(Channel.objects.filter(pk=channel.pk).exclude(look=look).update(look=look))
