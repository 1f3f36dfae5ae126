"""What she is, in one fixed line, for whoever asks with the command alone. Pure."""

from __future__ import annotations

from workers.pipeline.values import EventKind, PersonaSnapshot, StreamEvent

COMMAND = "!ai"
"""Alone it asks what she is, whatever calls her on the channel; with words behind it, it may be her own command."""
REST_SECONDS = 30.0
"""Between two answers. Twitch drops the same line within this time anyway."""
_LINES = {
    "en": "{name} is an AI character of {broadcaster}: a language model writes her words, and a made voice says them.",
    "ru": "{name} — ИИ-персонаж канала {broadcaster}: слова пишет языковая модель, голос искусственный.",
}


def asks(event: StreamEvent) -> bool:
    """Whether somebody asks in chat what she is."""
    return event.kind is EventKind.MESSAGE and event.text.strip().casefold() == COMMAND


class Disclosure:
    """When one channel's line is due."""

    def __init__(self) -> None:
        self._said_at = -REST_SECONDS

    def due(self, event: StreamEvent, persona: PersonaSnapshot, broadcaster: str, now: float) -> str:
        """The line for who asks (seconds on any clock); empty for ignored chatters and soon after the last one."""
        ignored = {event.chatter.id, event.chatter.name.lower()} & persona.triggers.ignored
        if ignored or now < self._said_at + REST_SECONDS:
            return ""
        self._said_at = now
        return line(persona.name, broadcaster, persona.language)


def line(name: str, broadcaster: str, language: str) -> str:
    return _LINES["ru" if language.startswith("ru") else "en"].format(name=name, broadcaster=broadcaster)
