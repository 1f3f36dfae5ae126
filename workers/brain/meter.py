"""What a reply costs where the provider sent no figures: estimated, by what its exact figures taught before."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from workers.brain.catalogue import TokenCount
from workers.brain.endpoint import ChatEndpoint

CACHE_LIFE = 1800.0
"""Seconds a provider keeps a prompt's beginning at least, from its last use."""
WEIGHT = 0.2
"""Of the newest exact figure in the average."""
PLACES, PERSONAS = 500, 5_000


@dataclass(slots=True)
class _Ratio:
    """Real tokens for each estimated one."""

    prompt: float = 1.0
    completion: float = 1.0
    seen: bool = False


class Experience:
    """Shared by all brains of a process. `now` is seconds of any one clock."""

    def __init__(self) -> None:
        self._ratios: OrderedDict[tuple[str, str], _Ratio] = OrderedDict()
        self._cached: OrderedDict[tuple[str, str, str], tuple[int, float]] = OrderedDict()

    def note(
        self, endpoint: ChatEndpoint, cache_key: str, *, guessed: TokenCount, exact: TokenCount, now: float
    ) -> None:
        """The provider's own figures for a whole reply that was guessed to be so long."""
        place = (endpoint.place, endpoint.model)
        ratio = self._ratios.pop(place, _Ratio())
        weight = WEIGHT if ratio.seen else 1.0
        if guessed.prompt and exact.prompt:
            ratio.prompt += weight * (exact.prompt / guessed.prompt - ratio.prompt)
        if guessed.completion and exact.completion:
            ratio.completion += weight * (exact.completion / guessed.completion - ratio.completion)
        ratio.seen = True
        self._ratios[place] = ratio
        _trim(self._ratios, PLACES)
        # What was written now is what the next reply of the persona finds.
        self._cached[(*place, cache_key)] = (exact.cached + exact.written, now)
        self._cached.move_to_end((*place, cache_key))
        _trim(self._cached, PERSONAS)

    def estimate(self, endpoint: ChatEndpoint, cache_key: str, guessed: TokenCount, *, now: float) -> TokenCount:
        """What a reply of about this length counts, that sent no figures."""
        place = (endpoint.place, endpoint.model)
        ratio = self._ratios.get(place, _Ratio())
        cached, at = self._cached.get((*place, cache_key), (0, now))
        prompt = round(guessed.prompt * ratio.prompt)
        return TokenCount(
            prompt=prompt,
            completion=round(guessed.completion * ratio.completion),
            cached=min(cached, prompt) if now - at < CACHE_LIFE else 0,
        )


def _trim(memory: OrderedDict[Any, Any], size: int) -> None:
    while len(memory) > size:
        memory.popitem(last=False)
