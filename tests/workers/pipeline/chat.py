"""Short words for events and directors in the director's tests."""

from __future__ import annotations

import itertools
import random
from typing import Any

from workers.pipeline.director import Choice, Director
from workers.pipeline.values import Chatter, EventKind, PersonaSnapshot, StreamEvent, Triggers

_numbers = itertools.count(1)


def director(name: str = "Mika", *, seed: int = 0, **triggers: Any) -> Director:
    persona = PersonaSnapshot(1, name, "", "", "en", Triggers(**triggers))
    return Director(persona, rng=random.Random(seed))


def message(
    text: str, who: str = "bob", at: float = 0.0, *, kind: EventKind = EventKind.MESSAGE, **fields: Any
) -> StreamEvent:
    chatter = Chatter(
        f"id-{who}", who, is_broadcaster=who == "owner", is_first_time=bool(fields.pop("first_time", False))
    )
    return StreamEvent(fields.pop("id", None) or f"m{next(_numbers)}", kind, chatter, text, at, **fields)


def cheer(text: str = "", who: str = "bob", at: float = 0.0, amount: int = 100, **fields: Any) -> StreamEvent:
    return message(text, who, at, kind=EventKind.CHEER, amount=amount, paid_id=1, **fields)


def picked(choice: Choice | None) -> list[str]:
    """Texts of the choice; empty for silence."""
    return [event.text for event in choice.events] if choice else []
