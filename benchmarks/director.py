"""Whom she answers in a lively chat: the real director on virtual time, at 2, 10, 50 and 100 messages a second.

A reply takes 1.8 s until it is heard, 6 s of speech, and 2.5 s for each further message answered in it. A spammer calls
her every three seconds, many paste the same, moderators delete. What was paid goes before all else.

    python benchmarks/director.py [--minutes 30] [--seeds 3] [--json] [--strict]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from benchmarks.director_chat import NAME, chat
from workers.pipeline.director import REPEAT_SECONDS
from workers.pipeline.simulate import Answered, Deleted, Pace, simulate, simulated_director
from workers.pipeline.triggers import copy_key
from workers.pipeline.values import StreamEvent

RATES = (2, 10, 50, 100)
PAID_SECONDS = 60.0
LEAST = {2: {"viewers": 0.93}, 10: {"viewers": 0.60}}
MOST = {2: {"gini": 0.30}, 10: {"gini": 0.40}, 100: {"core": 0.10}}
LEAST_EVER = {"paid": 0.99}
MOST_EVER = {"stale_p95_s": 18.0, "repeats": 0.01, "deleted": 0}
"""Goals by messages a second, and those that hold for any number of them."""


TIMED = 4_000
"""Events after which what hearing them takes is known."""


@dataclass(frozen=True, slots=True)
class Result:
    """Shares are 0..1."""

    rate: float
    paid: float
    """Of what was paid for: answered within a minute."""
    viewers: float
    """Of those who called her, and whose words stood long enough: answered at least once."""
    gini: float
    """Inequality of the answers among those who called her: 0 when all had as many, 1 when one had all."""
    most: float
    """Share of the answers that the most answered chatter got."""
    stale_p95_s: float
    """Seconds from a message to the reply to it; of chat, not of what was paid."""
    repeats: float
    """Of the answers: to words that were answered in the five minutes before."""
    deleted: int
    """Answers chosen after the message was removed."""
    core: float
    """Of a processor core for taking in the chat at this rate."""

    def missed(self) -> list[str]:
        """The goals that are not reached, in words."""
        rate = round(self.rate)
        return goals.missed(asdict(self), most=MOST_EVER | MOST.get(rate, {}), least=LEAST_EVER | LEAST.get(rate, {}))


def measure(rate: float, *, minutes: float, seed: int, timed: bool = True) -> Result:
    """An evening; `core` stays 0 if it is not `timed`."""
    events = list(chat(rate, minutes=minutes, seed=seed))
    answers = list(simulate(iter(events), name=NAME, pace=Pace(), seed=seed))
    return judge(rate, events, answers, core=intake(events, rate, seed) if timed else 0.0)


def judge(rate: float, events: Sequence[StreamEvent | Deleted], answers: Sequence[Answered], *, core: float) -> Result:
    """What these replies are worth to those who wrote these messages."""
    messages = {event.id: event for event in events if isinstance(event, StreamEvent)}
    gone = {event.id: event.at for event in events if isinstance(event, Deleted)}
    last = max(answer.t_end for answer in answers)
    answered = [(answer.t_start, messages[number]) for answer in answers for number in answer.ids]
    begun = {event.id: at for at, event in answered}
    paid = [event for event in messages.values() if event.paid and event.at + PAID_SECONDS < last]
    callers = {
        event.chatter.id
        for event in messages.values()
        if not event.paid and NAME.lower() in event.text.lower() and event.id not in gone
    }
    counts = Counter(event.chatter.id for _, event in answered if not event.paid)
    staleness = sorted(at - event.at for at, event in answered if not event.paid)
    return Result(
        rate=rate,
        paid=_share(begun.get(event.id, float("inf")) - event.at <= PAID_SECONDS for event in paid),
        viewers=_share(caller in counts for caller in callers),
        gini=_gini([counts[caller] for caller in callers]),
        most=max(counts.values()) / counts.total(),
        stale_p95_s=staleness[min(len(staleness) - 1, round(0.95 * len(staleness)))],
        repeats=_repeats(answered),
        deleted=sum(gone.get(event.id, float("inf")) < at for at, event in answered),
        core=core,
    )


def intake(events: Sequence[StreamEvent | Deleted], rate: float, seed: int) -> float:
    """Share of a core that hearing (the beginning of) the chat alone takes, with a look at the queue each second."""
    director = simulated_director(NAME, seed)
    second, began = 0.0, time.process_time()
    heard = [event for event in events[:TIMED] if isinstance(event, StreamEvent)]
    for event in heard:
        director.offer(event, event.at)
        if event.at >= second:
            director.has_waiting(event.at)
            second = event.at + 1
    return (time.process_time() - began) / len(heard) * rate


def _repeats(answered: list[tuple[float, StreamEvent]]) -> float:
    last: dict[str, float] = {}
    again = 0
    for at, event in answered:
        key = copy_key(event.text)
        # Copies answered in the same reply are one answer to several.
        again += not event.paid and 0 < at - last.get(key, -REPEAT_SECONDS) < REPEAT_SECONDS
        last[key] = at
    return again / len(answered)


def _share(held: Iterable[bool]) -> float:
    values = list(held)
    return sum(values) / len(values) if values else 1.0


def _gini(counts: Sequence[int]) -> float:
    ranked = sorted(counts)
    total = sum(ranked)
    if not total:
        return 0.0
    weighted = sum(rank * count for rank, count in enumerate(ranked, start=1))
    return 2 * weighted / (len(ranked) * total) - (len(ranked) + 1) / len(ranked)


def middle(results: Sequence[Result]) -> Result:
    """The median of each figure; of what must never happen, the worst."""
    figures = {name: statistics.median(asdict(result)[name] for result in results) for name in asdict(results[0])}
    return Result(**figures | {"deleted": max(result.deleted for result in results)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seeds", type=int, default=3, help="chats for each rate; the median counts")
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    rows = [
        middle([measure(rate, minutes=options.minutes, seed=seed) for seed in range(options.seeds)]) for rate in RATES
    ]
    missed = [f"{goal} at {row.rate:g}/s" for row in rows for goal in row.missed()]
    if options.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "missed": missed}))
    else:
        print("".join(f"{name:>12}" for name in asdict(rows[0])))
        for row in rows:
            print("".join(f"{value:12.3f}" for value in asdict(row).values()))
        print(goals.told(missed))
    goals.end(missed, strict=options.strict)


if __name__ == "__main__":
    main()
