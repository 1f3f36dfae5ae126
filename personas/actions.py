"""Writes to personas. A change is a new published version; who she was stays readable."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from channels_app import push
from channels_app.actions import after_commit, record
from channels_app.models import Channel, User
from personas.defaults import default_values
from personas.look import look_of_her_own
from personas.models import Persona, PersonaVersion
from personas.snapshot import persona_of

FIELDS = (
    "name", "description", "style", "language", "mode", "mention", "misspelt", "nicknames", "command", "question",
    "first_message", "every_message", "chance", "events", "cheer_minimum", "cooldown", "chatter_cooldown",
    "replies_per_minute", "voice_engine", "voice_name", "voice_speed", "voice_pitch", "voice_instructions",
    "language_voices", "pronunciation", "mood", "palette", "avatar", "card", "lorebook",
)  # fmt: skip
"""What a person may shape; everything of a version but its place in history."""


@transaction.atomic
def save_persona(channel: Channel, *, acting_user: User | None, values: dict[str, Any]) -> PersonaVersion:
    """The version with these values: the present one when nothing changes, else a new published one.

    `values` may hold any of FIELDS; what is missing stays as it is.
    """
    # The channel row serialises two people who save at once; there may be no persona to lock yet.
    Channel.objects.select_for_update().get(pk=channel.pk)
    persona = persona_of(channel) or Persona.objects.get_or_create(channel=channel, is_active=True)[0]
    before = persona.published
    base = {name: getattr(before, name) for name in FIELDS} if before else {}
    wanted = base | {name: values[name] for name in FIELDS if name in values}
    if before is not None and wanted == base:
        return before
    newest = persona.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = PersonaVersion.objects.create(channel=channel, persona=persona, number=newest + 1, **wanted)
    version.publish()
    changed = sorted(name for name in wanted if wanted[name] != base.get(name))
    record(channel, acting_user, "persona.published", number=version.number, fields=changed)

    def tell() -> None:
        push.inbox_now(channel, {"t": "command", "name": "reload"})
        push.overlay_control_now(channel, {"t": "config"})

    after_commit(tell)
    return version


def create_default_persona(channel: Channel, language: str) -> PersonaVersion:
    """The persona of the channel; a ready-made one in this language ("en", "ru") where it has none. Safe to repeat."""
    persona = persona_of(channel)
    present = persona.published if persona else None
    if present is not None and not _waits_for_a_visitor(channel, present):
        return present
    return save_persona(channel, acting_user=None, values=_first_values(channel, language))


def _first_values(channel: Channel, language: str) -> dict[str, Any]:
    values = default_values(language)
    if channel.is_demo:
        # Whoever tries her out types a line and wants to hear an answer, without learning how she is called first.
        values |= {"every_message": True, "chatter_cooldown": 0, "replies_per_minute": 30}
    else:
        # The demo's visitors meet the character of the README; every other channel gets one of its own.
        values |= look_of_her_own(channel.public_id)
    return values


def _waits_for_a_visitor(channel: Channel, version: PersonaVersion) -> bool:
    """The demo opens before anybody is there to have a language: the first one who comes decides."""
    first = _first_values(channel, version.language)
    return channel.is_demo and version.number == 1 and all(getattr(version, name) == first[name] for name in first)
