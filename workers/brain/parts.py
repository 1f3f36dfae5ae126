"""A prompt in named pieces, so that whoever shapes a character can see what she is told, and how long it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

PartName = Literal[
    "rules", "persona", "instructions", "world", "examples", "knowledge", "summary", "facts", "lore", "turn", "event",
    "earlier", "reminder", "worn out", "request",
]  # fmt: skip
"""rules: ours. persona: who she is. instructions, reminder: a card's own. world, knowledge: lore that is always known,
before and after her. summary, facts: what is remembered. lore: what came up. turn: the talk so far. event: what is
answered, quoted. earlier: what its chatter said before. worn out: what not to say again. request: the last word."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece."""

    name: PartName
    text: str


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message to the model. `cache_after`: everything up to here is the same for each reply of the persona."""

    role: Literal["system", "user", "assistant"]
    content: str
    cache_after: bool = False
    parts: tuple[Part, ...] = field(default=(), compare=False)
    """The content in pieces, in its order."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something a model is asked in the background, with the form of its answer as a JSON schema."""

    name: str
    messages: tuple[PromptMessage, ...]
    schema: dict[str, Any]
    tokens: int
    """Limit of the answer."""


def message(
    role: Literal["system", "user", "assistant"],
    parts: Iterable[Part],
    *,
    cache_after: bool = False,
    between: str = "\n\n",
) -> PromptMessage:
    """A message made of those of the parts that say anything."""
    told = tuple(part for part in parts if part.text)
    return PromptMessage(role, between.join(part.text for part in told), cache_after, told)
