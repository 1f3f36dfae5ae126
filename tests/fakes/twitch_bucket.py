"""Points of the Twitch on loopback, and a list of subscriptions that is quick also when there are very many."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, SupportsIndex

if TYPE_CHECKING:
    from tests.fakes.twitch_world import Subscription


@dataclass
class Bucket:
    """Helix requests that are left. It fills all the time and is never fuller than `size`; each request takes one."""

    size: float = 800
    per_minute: float = 800
    now: Callable[[], float] = time.time
    refused: int = 0
    taken: int = 0
    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left, self._at = self.size, self.now()

    def fill(self) -> None:
        now = self.now()
        self.left = min(self.size, self.left + (now - self._at) * self.per_minute / 60)
        self._at = now

    def take(self, points: float = 1) -> bool:
        """Whether there was as much; by whom does not matter."""
        self.fill()
        if self.left < points:
            self.refused += 1
            return False
        self.left -= points
        self.taken += 1
        return True

    def headers(self) -> dict[str, str]:
        """As Twitch tells it: the reset is when the bucket is full again, in Unix seconds."""
        missing = (self.size - self.left) / self.per_minute * 60 if self.per_minute else 60
        return {
            "Ratelimit-Limit": str(int(self.size)),
            "Ratelimit-Remaining": str(int(self.left)),
            "Ratelimit-Reset": str(int(self.now() + missing + 0.999)),
        }


class Subscriptions(dict[str, "Subscription"]):
    """By id, in the order in which they were made; those of one channel are found without looking through all."""

    def __init__(self) -> None:
        super().__init__()
        self._order: list[str] = []
        self._by_channel: dict[str, dict[str, Subscription]] = {}
        self.cost = 0

    def __setitem__(self, key: str, value: Subscription) -> None:
        self._order.append(key)
        self._by_channel.setdefault(value.channel_id, {})[key] = value
        self.cost += value.cost
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        value = self[key]
        del self._by_channel[value.channel_id][key]
        self.cost -= value.cost
        super().__delitem__(key)

    def remove(self, key: str) -> bool:
        """Whether it was there."""
        if key not in self:
            return False
        del self[key]
        return True

    def clear(self) -> None:
        super().clear()
        self._order.clear()
        self._by_channel.clear()
        self.cost = 0

    def of(self, channel_id: str) -> list[Subscription]:
        return list(self._by_channel.get(channel_id, {}).values())

    def after(self, place: SupportsIndex) -> Iterator[tuple[int, Subscription]]:
        """From this place in the order on, each with the place behind it."""
        for number in range(int(place), len(self._order)):
            if (found := self.get(self._order[number])) is not None:
                yield number + 1, found
