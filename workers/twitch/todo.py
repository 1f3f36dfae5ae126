"""What is to be asked of Twitch about subscriptions, and in which order. Pure: changes in, the next step out.

Its cost follows what changed: a channel is weighed when something about it changes, and never else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from workers.twitch.rows import Known
from workers.twitch.subscriptions import ALL, CHAT_FIRST, TAKEN_BACK, bits


class Step(Enum):
    """Kinds of steps, the most urgent first."""

    FRESH = auto()
    """Chat of a channel that started just now: somebody waits for it."""
    CHAT = auto()
    TAKEN_BACK = auto()
    DROP = auto()
    """Ends a subscription that is of no use."""
    END = auto()
    """Ends all that a channel no longer needs."""
    NAME = auto()
    """Asks under which ids a channel's subscriptions exist."""
    REST = auto()


KINDS_OF = {Step.FRESH: CHAT_FIRST, Step.CHAT: CHAT_FIRST, Step.TAKEN_BACK: TAKEN_BACK, Step.REST: ALL}
PATIENT = tuple(step for step in Step if step is not Step.FRESH)


@dataclass(frozen=True, slots=True)
class Task:
    """`kind` is the number of the one to ask for; `subscription_id` is set for DROP alone."""

    step: Step
    channel: int = 0
    kind: int = 0
    subscription_id: str = ""


class Todo:
    """Sets of kinds by channel: `allowed` by the broadcaster, `enabled` at Twitch, `refused` by it, and those that have
    `rows`."""

    def __init__(self, known: Known) -> None:
        self.allowed: dict[int, int] = {}
        self.enabled, self.refused, self.rows = known.enabled, known.refused, known.rows
        self._busy: dict[int, int] = {}
        self._ending: set[int] = set()
        self._useless: deque[str] = deque()
        self._queues: dict[Step, dict[int, None]] = {step: {} for step in Step}

    @property
    def count(self) -> int:
        """Subscriptions we believe are enabled."""
        return sum(kinds.bit_count() for kinds in self.enabled.values())

    def held(self) -> dict[int, int]:
        """What is enabled and may be, of all channels."""
        return {channel: kinds & self.allowed.get(channel, 0) for channel, kinds in self.enabled.items()}

    def lacking(self, channel: int) -> int:
        """What this channel should have and does not, as far as nobody is at it."""
        held = self.enabled.get(channel, 0) | self.refused.get(channel, 0) | self._busy.get(channel, 0)
        return self.allowed.get(channel, 0) & ~held

    def surplus(self, channel: int) -> int:
        """What has a row and should not."""
        return self.rows.get(channel, 0) & ~self.refused.get(channel, 0) & ~self.allowed.get(channel, 0)

    # Changes

    def allow(self, channel: int, kinds: int, *, waited_for: bool = False) -> None:
        """Kinds this channel may have; none: it does not run. `waited_for`: somebody started it just now."""
        self.allowed[channel] = kinds
        if not kinds:
            del self.allowed[channel]
            self._queues[Step.FRESH].pop(channel, None)
        elif waited_for:
            self._queues[Step.FRESH][channel] = None
        self._weigh(channel)

    def enable(self, channel: int, kind: int) -> None:
        for held in (self.enabled, self.rows):
            held[channel] = held.get(channel, 0) | 1 << kind
        self._weigh(channel)

    def refuse(self, channel: int, kind: int) -> None:
        for held in (self.refused, self.rows):
            held[channel] = held.get(channel, 0) | 1 << kind
        self.enabled[channel] = self.enabled.get(channel, 0) & ~(1 << kind)
        self._weigh(channel)

    def pardon(self, channel: int, kind: int) -> None:
        """The broadcaster signed in again: what was refused may be asked for once more."""
        self.refused[channel] = self.refused.get(channel, 0) & ~(1 << kind)
        self._weigh(channel)

    def lose(self, channel: int, kinds: int) -> None:
        """Twitch has forgotten these."""
        self.enabled[channel] = self.enabled.get(channel, 0) & ~kinds
        self._weigh(channel)

    def forget(self, channel: int, kinds: int) -> None:
        """They were ended, and their rows are gone."""
        for held in (self.enabled, self.rows):
            held[channel] = held.get(channel, 0) & ~kinds
        self._weigh(channel)

    def drop(self, subscription_id: str) -> None:
        self._useless.append(subscription_id)

    def name(self, channel: int) -> None:
        self._queues[Step.NAME][channel] = None

    def _weigh(self, channel: int) -> None:
        lacking = self.lacking(channel)
        for step in (Step.CHAT, Step.TAKEN_BACK, Step.REST):
            if lacking & KINDS_OF[step]:
                self._queues[step][channel] = None
            else:
                self._queues[step].pop(channel, None)
        if self.surplus(channel) and channel not in self._ending:
            self._queues[Step.END][channel] = None
        else:
            self._queues[Step.END].pop(channel, None)

    # Steps

    def next(self, steps: Sequence[Step]) -> Task | None:
        """The most urgent thing of these kinds, which is nobody else's until it is `released`."""
        for step in steps:
            if step is Step.DROP:
                if self._useless:
                    return Task(step, subscription_id=self._useless.popleft())
                continue
            queue = self._queues[step]
            while queue:
                channel = next(iter(queue))
                if step in KINDS_OF and (kinds := self.lacking(channel) & KINDS_OF[step]):
                    kind = next(bits(kinds))
                    self._busy[channel] = self._busy.get(channel, 0) | 1 << kind
                    self._queues[Step.FRESH].pop(channel, None)
                    self._weigh(channel)
                    return Task(step, channel, kind)
                del queue[channel]
                if step is Step.END:
                    self._ending.add(channel)
                if step not in KINDS_OF:
                    return Task(step, channel)
        return None

    def again(self, task: Task) -> None:
        """It failed. What a channel lacks or has too much comes up by itself; this is for the rest."""
        if task.step is Step.DROP:
            self.drop(task.subscription_id)
        elif task.step is Step.NAME:
            self.name(task.channel)

    def released(self, task: Task) -> None:
        """Somebody is no longer at it; what is not done comes up again, behind the others."""
        if task.step in KINDS_OF:
            self._busy[task.channel] &= ~(1 << task.kind)
            if not self._busy[task.channel]:
                del self._busy[task.channel]
        self._ending.discard(task.channel)
        if task.channel:
            self._weigh(task.channel)

    def unwritten(self, channels: Iterable[int]) -> list[tuple[int, int]]:
        """What these channels may have and has no row yet."""
        return [
            (channel, kind)
            for channel in channels
            for kind in bits(self.allowed.get(channel, 0) & ~self.rows.get(channel, 0))
        ]

    def written(self, places: Iterable[tuple[int, int]]) -> None:
        """These have rows now."""
        for channel, kind in places:
            self.rows[channel] = self.rows.get(channel, 0) | 1 << kind
            self._weigh(channel)
