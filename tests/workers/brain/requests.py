"""Reply requests in one line."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from workers.pipeline.values import Chatter, EventKind, Exchange, PersonaSnapshot, ReplyRequest, StreamEvent

NOON = 1_795_521_600.0
"""Unix seconds of some noon in UTC."""
LUNA = PersonaSnapshot(version_id=7, name="Luna", description="A cheerful comet.", style="Short, warm.", language="en")


def event(text: str = "hello", kind: EventKind = EventKind.MESSAGE, **more: Any) -> StreamEvent:
    """What Mia wrote or did."""
    chatter = more.pop("chatter", Chatter(id="1", name="Mia"))
    return StreamEvent(id="e1", kind=kind, chatter=chatter, text=text, at=NOON, **more)


def said(text: str, reply: str = "Oh!", chatter_id: str = "1", name: str = "Mia") -> Exchange:
    """A past turn, by Mia where nobody else is named."""
    return Exchange(chatter_id=chatter_id, chatter_name=name, text=text, reply=reply)


def ask(
    text: str = "hello",
    *,
    events: Sequence[StreamEvent] = (),
    history: Sequence[Exchange] = (),
    language: str = "en",
    name: str = "Mia",
    channel: str = "c1",
    persona: PersonaSnapshot = LUNA,
    **changes: Any,
) -> ReplyRequest:
    """A request to answer Mia's message, or the given events."""
    request = ReplyRequest(
        channel_id=channel,
        broadcaster_name="Streamy",
        persona=persona,
        events=tuple(events) or (event(text, chatter=Chatter(id="1", name=name)),),
        history=tuple(history),
        language=language,
    )
    return dataclasses.replace(request, **changes)
