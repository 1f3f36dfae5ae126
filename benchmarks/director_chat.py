"""A made-up chat for the director: people who talk, call her, pay, copy each other, spam, and are deleted. Seeded."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from workers.pipeline.simulate import Deleted
from workers.pipeline.values import Chatter, EventKind, StreamEvent

NAME = "Mika"
CHATTERS_PER_RATE = 75
"""For each message a second: each writes about every seventy-five seconds, few much and many little."""
MENTION_SHARE, QUESTION_SHARE = 0.08, 0.10
"""Of the messages: those that call her, and other questions."""
PAID_SECONDS, SPAM_SECONDS = 45.0, 3.0
"""Between cheers, and between the messages of the one spammer, all of which call her."""
WAVE_SECONDS, WAVE_LASTS, WAVE_SHARE = 120.0, 10.0, 0.5
"""How often many paste the same, for how long, and how many of the messages then are copies."""
DELETED_SHARE, DELETED_AFTER = 0.03, 6.0
"""Of the messages, and how many seconds later on average a moderator removes them."""
_WORDS = """
nice play that boss again cat chat stream music tonight maybe really never always why not this game level run build
jump save door left right wait what yes song story weather coffee sleep early late friend clip title mod emote hype
"""
WORDS = _WORDS.split()


def chat(rate: float, *, minutes: float, seed: int = 0) -> Iterator[StreamEvent | Deleted]:
    """All that happens, rising in time: about `rate` messages a second, and besides them the spammer's."""
    rng = random.Random(seed)
    numbers = itertools.count(1)
    end = minutes * 60
    happened: list[StreamEvent | Deleted] = []

    def add(at: float, who: str, text: str, kind: EventKind = EventKind.MESSAGE, amount: int = 0) -> None:
        event = StreamEvent(f"m{next(numbers)}", kind, Chatter(who, who), text, at, amount=amount)
        happened.append(event)
        if kind is EventKind.MESSAGE and rng.random() < DELETED_SHARE:
            happened.append(Deleted(at + rng.expovariate(1 / DELETED_AFTER), event.id))

    chatters = [f"viewer{number}" for number in range(max(3, round(rate * CHATTERS_PER_RATE)))]
    talk = list(itertools.accumulate(rng.lognormvariate(0, 1) for _ in chatters))
    for at in _moments(rng, 1 / rate, end):
        who = rng.choices(chatters, cum_weights=talk)[0]
        wave, into = divmod(at, WAVE_SECONDS)
        copied = into < WAVE_LASTS and rng.random() < WAVE_SHARE
        add(at, who, _words(random.Random(wave), 6) if copied else _line(rng))
    for at in _moments(rng, PAID_SECONDS, end):
        add(at, f"payer{rng.randrange(20)}", _words(rng, 5), EventKind.CHEER, rng.choice([100, 500]))
    for at in itertools.takewhile(lambda at: at < end, itertools.count(SPAM_SECONDS, SPAM_SECONDS)):
        add(at, "spammer", rng.choice([f"@{NAME} say my name", f"{NAME} hello {_words(rng, 2)}"]))
    yield from sorted(happened, key=lambda each: each.at)


def _moments(rng: random.Random, mean: float, end: float) -> Iterator[float]:
    at = 0.0
    while (at := at + rng.expovariate(1 / mean)) < end:
        yield at


def _line(rng: random.Random) -> str:
    kind = rng.random()
    if kind < MENTION_SHARE:
        return f"{rng.choice([f'@{NAME}', f'{NAME},', f'hey {NAME}'])} {_words(rng, rng.randint(2, 9))}"
    if kind < MENTION_SHARE + QUESTION_SHARE:
        return f"what about {_words(rng, rng.randint(2, 6))}?"
    return _words(rng, rng.randint(1, 10))


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, k=count))
