"""What a judge is asked of a text. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked of a text."""

    task: str
    """What the text is, for models that are told."""
    subject: str
    """What it is called in what is sent."""
    statements: Mapping[str, str]
    """Name -> what may be true of the text."""

    @property
    def told(self) -> str:
        return self.task + "".join(f"\n{name}: {statement}" for name, statement in self.statements.items())

    @property
    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"true": {"type": "array", "items": {"type": "string", "enum": list(self.statements)}}},
            "required": ["true"],
            "additionalProperties": False,
        }
