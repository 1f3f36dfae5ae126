"""What is paid for: how much of it was used, and what it cost as far as anybody knows."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Rate:
    """One entry of a price list, as it stood when something was used."""

    what: str
    """Such as "gpt-6-luna at api.openai.com"."""
    dated: str
    """ISO date from which it holds; empty where whoever runs the site set the price."""
    micros: tuple[float, ...]
    """Millionths of a US dollar: for a token read, read from the cache, written to it, answered; or for a character."""


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
    cached_tokens: int = 0
    """Of the prompt's, those that were read from the provider's cache."""
    provider_characters: int = 0
    """Of the characters, those that a voice spoke which the platform pays for."""
    speech_ms: int = 0
    """Milliseconds of sound that were made."""
    own_micros: int = 0
    """Of the cost, what the channel pays to a provider of its own."""
    rates: tuple[Rate, ...] = ()
    """The prices it was reckoned with."""

    def __add__(self, other: Usage) -> Usage:
        """Both together; exact where both are. What consumed nothing changes nothing."""
        if other == Usage():
            return self
        if self == Usage():
            return other
        amounts = {
            field.name: getattr(self, field.name) + getattr(other, field.name)
            for field in fields(Usage)
            if field.name not in ("exact", "priced", "rates")
        }
        return Usage(
            **amounts,
            exact=self.exact and other.exact,
            priced=self.priced and other.priced,
            rates=tuple(dict.fromkeys((*self.rates, *other.rates))),
        )


@dataclass(slots=True)
class Meter:
    """Adds up what is consumed on the way. Implements the `Metered` port."""

    usage: Usage = Usage()

    def add(self, used: Usage) -> None:
        self.usage += used

    def take(self) -> Usage:
        """All that was added since the last time."""
        used, self.usage = self.usage, Usage()
        return used
