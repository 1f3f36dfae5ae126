"""A published persona version, frozen for a run."""

from __future__ import annotations

from typing import Any

from channels_app.models import Channel
from personas.character import character
from personas.models import Persona, PersonaVersion


def persona_of(channel: Channel) -> Persona | None:
    """The active persona with its published version loaded; None where the channel has none yet."""
    return (
        Persona.objects.filter(channel=channel, is_active=True, published__isnull=False)
        .select_related("published")
        .first()
    )


def draft_of(channel: Channel, number: int) -> PersonaVersion | None:
    """The draft of this number; None where there is none any more."""
    return channel.persona_versions.filter(persona__is_active=True, number=number, published_at=None).first()


def snapshot(channel: Channel) -> dict[str, Any] | None:
    """Plain values of the published version, as `workers` turns them into its frozen value; None without a persona."""
    persona = persona_of(channel)
    return snapshot_of(channel, persona.published) if persona is not None and persona.published is not None else None


def snapshot_of(channel: Channel, version: PersonaVersion) -> dict[str, Any]:
    """Plain values of any version, a draft too."""
    return {
        "version_id": version.pk,
        "number": version.number,
        "name": version.name,
        "description": version.description,
        "style": version.style,
        "language": version.language,
        "triggers": {
            "mode": version.mode,
            "mention": version.mention,
            "misspelt": version.misspelt,
            "nicknames": list(version.nicknames),
            "command": version.command,
            "question": version.question,
            "first_message": version.first_message,
            "every_message": version.every_message,
            "chance": version.chance,
            "events": list(version.events),
            "cheer_minimum": version.cheer_minimum,
            "cut_in_bits": version.cut_in_bits,
            "cut_in_raiders": version.cut_in_raiders,
            "cooldown": version.cooldown,
            "chatter_cooldown": version.chatter_cooldown,
            "replies_per_minute": version.replies_per_minute,
            "ignored": [str(name).lower() for name in channel.ignored_chatters],
        },
        "voice": {
            "engine": version.voice_engine,
            "name": version.voice_name,
            "language": version.language,
            "speed": version.voice_speed,
            "pitch": version.voice_pitch,
            "instructions": version.voice_instructions,
        },
        "language_voices": dict(version.language_voices),
        "pronunciation": [dict(row) for row in version.pronunciation],
        "character": character(version),
        "mood": version.mood,
        "palette": dict(version.palette),
        "safety_profile": channel.safety_profile,
        "banned_words": list(channel.banned_words),
        "allowed_words": list(channel.allowed_words),
    }
