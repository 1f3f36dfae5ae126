"""What is paid for: how much of it was used, and what it cost as far as anybody knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply consumed. `exact` is False where the provider sent no figures and they were estimated."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    characters: int = 0
    cost_micros: int = 0
    """Millionths of a US dollar."""
    exact: bool = False
    priced: bool = True
    """False where nobody knows what some of it costs: it counts as nothing."""

    def __add__(self, other: Usage) -> Usage:
        """Both together; exact where both are. What consumed nothing changes nothing."""
        if other == Usage():
            return self
        if self == Usage():
            return other
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.characters + other.characters,
            self.cost_micros + other.cost_micros,
            self.exact and other.exact,
            self.priced and other.priced,
        )
