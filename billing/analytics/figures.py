"""What a stretch of time comes to, and how stretches come together. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PAUSE = timedelta(hours=1)
"""After so long without a reply the next one begins another stream."""
LEAD = timedelta(minutes=5)
"""What was paid so long before the first reply of a stream belongs to it: she thanked for it with that reply."""
HEARD = ("spoken", "interrupted")
COSTS = ("reply", "other")
INCOMES = ("bits", "subs", "tips")
BIT_CENTS = 1
"""What Twitch pays a broadcaster for a bit."""
SUB_CENTS = {"1": 250, "2": 500, "3": 1250}
"""What a broadcaster usually keeps of a sub of each tier: half of its price in the United States. Contracts differ."""


def nearest_rank(values: Sequence[int], percent: int) -> int | None:
    """Of rising values the least that so many per cent do not pass: one that was really measured. None without any."""
    return values[max(0, -(-len(values) * percent // 100) - 1)] if values else None


@dataclass(frozen=True, slots=True)
class Reply:
    """One turn."""

    at: datetime
    person: int | None
    """Who was answered, as a number of that day's; None for what nobody asked."""
    outcome: str
    times: Mapping[str, int]
    """Milliseconds by stage, as `dashboard.state.stage_times` names them."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Something that cost or brought in money."""

    at: datetime
    micros: int
    """Millionths of a US dollar."""
    kind: str
    """Of `COSTS`, or of `INCOMES`."""
    exact: bool = True
    given: tuple[str, int] | None = None
    """A tip as it was given: currency, and millionths of it."""


@dataclass(slots=True)
class Figures:
    """A stretch of time, added up. `begin` and `end` are those of its first and last reply; None without any."""

    begin: datetime | None = None
    end: datetime | None = None
    outcomes: Counter[str] = field(default_factory=Counter)
    people: set[int] = field(default_factory=set)
    times: dict[str, list[int]] = field(default_factory=dict)
    micros: Counter[str] = field(default_factory=Counter)
    """By the kinds of `Amount`."""
    tips: Counter[str] = field(default_factory=Counter)
    """Millionths by currency, as they were given."""
    charged: int = 0
    """Replies that the ledger knows."""
    exact: bool = True
    """False where some cost is estimated."""

    @property
    def replies(self) -> int:
        return self.outcomes.total()

    @property
    def heard(self) -> int:
        return sum(self.outcomes[outcome] for outcome in HEARD)

    @property
    def cost_micros(self) -> int:
        return sum(self.micros[kind] for kind in COSTS)

    @property
    def income_micros(self) -> int:
        return sum(self.micros[kind] for kind in INCOMES)

    @property
    def cost_per_reply_micros(self) -> int | None:
        """None where no reply was charged."""
        return round(self.micros["reply"] / self.charged) if self.charged else None

    def share_of(self, name: str, percent: int) -> int | None:
        """Milliseconds of a stage under which so many per cent of its replies stayed; None without any."""
        return nearest_rank(sorted(self.times.get(name, ())), percent)

    def add_reply(self, reply: Reply) -> None:
        self.begin = reply.at if self.begin is None else min(self.begin, reply.at)
        self.end = reply.at if self.end is None else max(self.end, reply.at)
        self.outcomes[reply.outcome] += 1
        if reply.person is not None:
            self.people.add(reply.person)
        for name, milliseconds in reply.times.items():
            self.times.setdefault(name, []).append(milliseconds)

    def add_amount(self, amount: Amount) -> None:
        self.micros[amount.kind] += amount.micros
        if amount.given is not None:
            self.tips[amount.given[0]] += amount.given[1]
        self.charged += amount.kind == "reply"
        if amount.kind in COSTS:
            self.exact &= amount.exact

    def take(self, other: Figures) -> None:
        """Adds what another stretch came to."""
        begins = [at for at in (self.begin, other.begin) if at is not None]
        ends = [at for at in (self.end, other.end) if at is not None]
        self.begin, self.end = min(begins, default=None), max(ends, default=None)
        self.outcomes.update(other.outcomes)
        self.people |= other.people
        for name, values in other.times.items():
            self.times.setdefault(name, []).extend(values)
        self.micros.update(other.micros)
        self.tips.update(other.tips)
        self.charged += other.charged
        self.exact &= other.exact


def merged(stretches: Iterable[Figures]) -> Figures:
    total = Figures()
    for stretch in stretches:
        total.take(stretch)
    return total


def stretches(replies: Iterable[Reply], amounts: Iterable[Amount]) -> list[Figures]:
    """The streams there were, oldest first, and last, without a reply, what was spent and earned outside of them.

    `replies` come in rising time. An amount belongs to the stream it falls into, follows within
    `PAUSE` or goes before by `LEAD`.
    """
    found: list[Figures] = []
    for reply in replies:
        if not found or reply.at - _end_of(found[-1]) > PAUSE:
            found.append(Figures())
        found[-1].add_reply(reply)
    rest = Figures()
    for amount in amounts:
        _stretch_at(found, amount.at, rest).add_amount(amount)
    return [*found, rest]


def joined(days: Iterable[Sequence[Figures]]) -> list[Figures]:
    """The streams of days that follow each other: one that goes on past midnight is one."""
    found: list[Figures] = []
    for stretch in (stretch for day in days for stretch in day if stretch.begin is not None):
        if found and stretch.begin is not None and stretch.begin - _end_of(found[-1]) <= PAUSE:
            found[-1].take(stretch)
        else:
            found.append(merged([stretch]))
    return found


def _end_of(stretch: Figures) -> datetime:
    assert stretch.end is not None
    return stretch.end


def _stretch_at(found: Sequence[Figures], at: datetime, rest: Figures) -> Figures:
    for stretch in reversed(found):
        if stretch.begin is not None and stretch.begin - LEAD <= at:
            return stretch if at - _end_of(stretch) <= PAUSE else rest
    return rest
