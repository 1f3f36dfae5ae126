"""What she is, in one fixed line, for whoever asks with the command alone. Pure."""

from __future__ import annotations

from workers.pipeline.values import EventKind, StreamEvent

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


def line(name: str, broadcaster: str, language: str) -> str:
    return _LINES["ru" if language.startswith("ru") else "en"].format(name=name, broadcaster=broadcaster)
