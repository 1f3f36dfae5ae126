"""Decides what she answers next: who waits, for how long, whose turn it is. Pure: time and chance come from outside.

Policy and figures: one scored queue with lives, copy collapse and fairness. A queue in order of arrival, or "the last
ten", already fails at two messages a second. What was paid is never dropped silently: it is chosen, or comes out of
`refused` with a reason.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from workers.pipeline.bounded import Lately, note
from workers.pipeline.lanes import (
    BATCH,
    CAME_TOO_LATE,
    CHAT_LANES,
    CHOSEN_LIFE,
    KNOWN_CHATTERS,
    LEFT_ALONE,
    LIFE,
    MOST_MERGED,
    PUT_BACK_LIFE,
    SHED,
    WEIGHT,
    Entry,
    Lanes,
    is_wordless,
)
from workers.pipeline.modes import POLICIES
from workers.pipeline.triggers import Call, Lane, Listener, NoCall, copy_key, cuts_in, has_words
from workers.pipeline.values import EventKind, PersonaSnapshot, StreamEvent

COPY_BONUS = 0.4
"""Added to the weight for each doubling of the chatters who wrote the same."""
HALF_LIFE = 12.0
"""Seconds. Longer ones make answers later, shorter ones less even: `benchmarks/director.py`."""
FIRST_TIME_FACTOR = 1.5
RECENT_SECONDS, RECENT_FACTOR = 60.0, 0.1
"""A chatter answered less than this long ago stands back behind the others."""
REPEAT_SECONDS, REPEAT_FACTOR = 300.0, 0.05
"""A text answered less than this long ago is hardly worth a second answer."""
LONG_LANE = 3
"""Waiting mentions from which they are answered together."""
COMPANION_SHARE = 0.7
"""Of the best score: who stands further behind is not taken along only because there is room in the reply. At 0.3 those
answered a moment ago were."""
QUIET_CHATTERS = 2
"""With no more chatters than this in the last minute she answers repetitions too: a talk between two, not spam."""
COOL_OFF_SECONDS = 600.0
"""For which a chatter who broke a hard rule, or tried to give her orders, is left alone."""
MINUTE = 60.0
SEEN_EVENTS = 5000
HEARD_CHATTERS = 20_000
"""Whose first words she has seen, at most; by then those forgotten first have long left."""
KNOWN_TEXTS = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """What she answers now: one event, or messages of up to three chatters. Event texts are free of the address."""

    events: tuple[StreamEvent, ...]
    trigger: str
    """What called her: mention, nickname, misspelt name, command, reply, question, first message, every message,
    chance, say, or the kind of the event."""
    lane: str
    text: str
    """The words to answer, one line a message."""

    @property
    def paid(self) -> bool:
        return any(event.paid for event in self.events)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the director remembers of a chatter."""

    answers: int = 0
    last: float = -math.inf


class Director:
    """The queue of one channel. Call `pick` when she may speak next; `next_wake` tells when to ask again."""

    def __init__(
        self, persona: PersonaSnapshot, *, rng: random.Random, shed: Callable[[str], None] = lambda reason: None
    ) -> None:
        """`shed` is told, by a word of `SHED`, of each line that goes unanswered as there are too many."""
        self._rng, self._shed = rng, shed
        self._lanes = Lanes(self._refuse)
        self._seen = Lately()
        self._seen_paid: dict[str, None] = {}
        self._forgotten: dict[str, None] = {}
        self._present: dict[str, float] = {}
        self._known: dict[str, _Known] = {}
        self._cooling: dict[str, float] = {}
        """Chatters who broke a hard rule -> until when they are left alone."""
        self._heard: dict[str, None] = {}
        self._texts: dict[str, tuple[float, str]] = {}
        self._refused: list[tuple[StreamEvent, str]] = []
        self._open: list[Choice] = []
        self._picked: list[float] = []
        self._ended = -math.inf
        self.use(persona)

    def use(self, persona: PersonaSnapshot) -> None:
        """Other triggers from now on; what waits keeps waiting."""
        policy = POLICIES[persona.triggers.mode]
        self._triggers, self._floor = policy.shaped(persona.triggers), policy.floor
        self._listener = Listener(persona.name, persona.triggers, self._rng)

    def cool_off(self, chatter_id: str, now: float) -> None:
        """Nothing unpaid of this chatter is answered for a while, whatever it says."""
        note(self._cooling, chatter_id, now + COOL_OFF_SECONDS, KNOWN_CHATTERS)

    def introduce(self, chatter_ids: Iterable[str]) -> None:
        """These have been answered before: what they write now is not their first message."""
        for chatter_id in chatter_ids:
            note(self._heard, chatter_id, None, HEARD_CHATTERS)

    def offer(self, event: StreamEvent, now: float) -> bool:
        """Something happened in the channel. What was offered or forgotten before is dropped. False where nothing came
        of it, as of most of a chat: nobody need ask again for its sake."""
        if event.id in self._seen or event.id in self._seen_paid:
            return False
        self._remember_event(event)
        if event.id in self._forgotten:
            return self._refuse(event, "the message was deleted")
        note(self._present, event.chatter.id, now, KNOWN_CHATTERS)
        if not event.paid and now < self._cooling.get(event.chatter.id, -math.inf):
            return self._refuse(event, LEFT_ALONE)
        event = self._noticed(event)
        call = self._listener.hear(event)
        if isinstance(call, NoCall):
            return self._refuse(event, call.reason)
        if now - event.at > LIFE[call.lane]:
            return self._refuse(event, CAME_TOO_LATE)
        self._lanes.add(replace(event, text=call.text), call)
        if self._cuts_in(event):
            self._put_first(event.id, now)
        return True

    def let_return(self, event_id: str) -> None:
        """What was paid and picked, and then not heard, may be offered once more."""
        self._seen_paid.pop(event_id, None)

    def forget(self, message_id: str) -> None:
        """The message was deleted: it is not answered, even if it only arrives later."""
        note(self._forgotten, message_id, None, SEEN_EVENTS)
        self._lanes.withdraw(lambda event: event.id == message_id, "the message was deleted")

    def forget_chatter(self, chatter_id: str) -> None:
        """The chatter was timed out or banned: nothing they wrote is answered."""
        self._lanes.withdraw(lambda event: event.chatter.id == chatter_id, "the chatter was timed out or banned")

    def forget_person(self, chatter_id: str) -> None:
        """The chatter wants to be forgotten: nothing they wrote is answered, and she has never met them."""
        self._lanes.withdraw(lambda event: event.chatter.id == chatter_id, "the chatter asked to be forgotten")
        for memory in (self._present, self._known, self._heard):
            memory.pop(chatter_id, None)

    def forget_chat(self) -> None:
        """The whole chat was cleared: messages go; what was paid, and what the broadcaster asked for, stays."""
        for lane in CHAT_LANES:
            for entry in list(self._lanes[lane].values()):
                self._lanes.remove(entry)

    def drop(self, event_id: str) -> None:
        """A moderator wants no answer to it, nor to those who wrote the same."""
        if (entry := self._lanes.find(event_id)) is not None:
            dropped = {event.id for event in entry.events}
            self._lanes.withdraw(lambda event: event.id in dropped, "dropped by a moderator")

    def put_first(self, event_id: str, now: float) -> None:
        """A moderator wants it answered next, before everything else and whatever it cost. Of several the first."""
        self._put_first(event_id, now, kept=CHOSEN_LIFE)

    def must_make_way(self, choice: Choice) -> bool:
        """Whether the reply to this choice ends with the sentence that is heard: something larger waits."""
        if choice.paid or choice.lane == Lane.SAY or any(self._cuts_in(event) for event in choice.events):
            return False
        return any(self._cuts_in(entry.first) for entry in self._lanes)

    def put_back(self, choice: Choice, now: float) -> None:
        """The reply made way before a sound of it was heard: what it answers is answered right after what cut in."""
        if self._picked:
            # It was no reply: of those within the minute one counts less.
            self._picked.pop()
        for event in choice.events:
            if event.id not in self._forgotten:
                answers = self._known.get(event.chatter.id, _Known(1)).answers
                # It holds up neither them nor their words that an answer was begun.
                note(self._known, event.chatter.id, _Known(answers - 1), KNOWN_CHATTERS)
                self._texts.pop(copy_key(event.text), None)
                self._lanes.add(event, Call(Lane(choice.lane), choice.trigger, event.text))
                self._put_first(event.id, now, kept=PUT_BACK_LIFE)

    def has_waiting(self, now: float) -> bool:
        """Whether somebody has been heard and will be answered if there is time for it."""
        self._lanes.expire(now)
        quiet = self._is_quiet(now)
        return any(
            entry.lane not in WEIGHT or entry.chosen_at is not None or self._worth(entry, now, quiet)
            for entry in self._lanes
        )

    def waiting(self, now: float) -> list[Entry]:
        """What waits, in about the order in which it would be answered if nothing else came."""
        self._lanes.expire(now)

        def rank(entry: Entry) -> tuple[float, ...]:
            if entry.chosen_at is not None:
                return 0, entry.chosen_at
            if entry.lane in (Lane.SAY, Lane.PAID):
                return (1 if entry.lane is Lane.SAY else 2), entry.at
            return 3, max(0.0, self._chatter_opens(entry.first) - now), -self._score(entry, now)

        return sorted(self._lanes, key=rank)

    def refused(self) -> list[tuple[StreamEvent, str]]:
        """Paid events that will not be answered, each with its reason; each comes out once."""
        refused, self._refused = self._refused, []
        return refused

    def pick(self, now: float) -> Choice | None:
        """What to answer now, or None to stay silent. What is picked is out of the queue."""
        self._lanes.expire(now)
        if chosen := [entry for entry in self._lanes if entry.chosen_at is not None]:
            return self._choose(self._lanes.burst(min(chosen, key=lambda entry: entry.chosen_at or 0.0)), now)
        for lane in (Lane.SAY, Lane.PAID):
            if self._lanes[lane]:
                return self._choose(self._lanes.burst(min(self._lanes[lane].values(), key=lambda entry: entry.at)), now)
        if self._chat_opens(now) > now:
            return None
        quiet = self._is_quiet(now)
        ranked = sorted(
            ((self._score(entry, now), entry) for entry in self._answerable(now) if self._worth(entry, now, quiet)),
            key=lambda scored: scored[0],
            reverse=True,
        )
        if not ranked:
            return None
        best = ranked[0][1]
        together = self._lanes.burst(best)
        if best.lane is Lane.MENTION and len(self._lanes[Lane.MENTION]) >= LONG_LANE:
            least = COMPANION_SHARE * ranked[0][0]
            together += [entry for score, entry in ranked[1:] if entry.lane is Lane.MENTION and score >= least]
        return self._choose(together, now)

    def may_talk(self, now: float) -> bool:
        """Whether she may say something of her own accord: nobody waits, and cooldown and budget allow it."""
        return self._chat_opens(now) <= now and not self.has_waiting(now)

    def count(self, choice: Choice, now: float) -> None:
        """She says something that nobody waited for: it counts like any reply."""
        self._picked.append(now)
        self._open.append(choice)

    def answered(self, choice: Choice, now: float) -> None:
        """The reply to this choice is over: spoken, interrupted or failed. The cooldown begins."""
        self._open = [other for other in self._open if other is not choice]
        self._ended = max(self._ended, now)

    def set_aside(self, choice: Choice) -> None:
        """The reply to this choice waits for a moderator: until it is over, its cooldown holds up nobody."""
        self._open = [other for other in self._open if other is not choice]

    def next_wake(self, now: float) -> float | None:
        """Seconds (> 0) until time alone may change what `pick` says or what is refused; None if it never will."""
        self._lanes.expire(now)
        moments = [entry.ends for entry in self._lanes[Lane.PAID].values()]
        opens = self._chat_opens(now)
        for lane in WEIGHT:
            for entry in self._lanes[lane].values():
                moment = max(opens, self._chatter_opens(entry.first))
                if now < moment < entry.ends:
                    moments.append(moment)
        return max(0.01, min(moments) - now) if moments else None

    def _put_first(self, event_id: str, now: float, *, kept: float = 0.0) -> None:
        if (entry := self._lanes.find(event_id)) is not None:
            entry.chosen_at = now if entry.chosen_at is None else entry.chosen_at
            entry.kept_until = max(entry.kept_until, now + kept)

    def _cuts_in(self, event: StreamEvent) -> bool:
        return cuts_in(event, self._triggers)

    def _noticed(self, event: StreamEvent) -> StreamEvent:
        """The event, marked where it is the first a chatter says."""
        if event.kind is not EventKind.MESSAGE or not has_words(event):
            return event
        met = event.chatter.id in self._heard or event.chatter.id in self._known
        first = not met and not event.chatter.is_broadcaster
        note(self._heard, event.chatter.id, None, HEARD_CHATTERS)
        return replace(event, first_words=True) if first and self._triggers.first_message else event

    def _refuse(self, event: StreamEvent, reason: str) -> bool:
        """Whether anybody must be told: of what was paid."""
        if reason in SHED:
            self._shed(SHED[reason])
        if event.paid:
            self._refused.append((event, reason))
        return event.paid

    def _remember_event(self, event: StreamEvent) -> None:
        if not event.paid:
            self._seen.add(event.id)
        else:  # offered again from its row until it is done, however long the chat has gone on meanwhile
            note(self._seen_paid, event.id, None, SEEN_EVENTS)

    # Choosing

    def _chat_opens(self, now: float) -> float:
        """From when chat may be answered: cooldown and replies per minute. What was paid does not wait for it."""
        while self._picked and self._picked[0] <= now - MINUTE:
            del self._picked[0]
        opens = -math.inf
        if self._triggers.cooldown > 0:
            # While a reply is still heard nobody knows when its cooldown will end; `answered` will tell.
            opens = math.inf if self._open else self._ended + self._triggers.cooldown
        limit = self._triggers.replies_per_minute
        if len(self._picked) >= limit:
            opens = max(opens, self._picked[-limit] + MINUTE if limit > 0 else math.inf)
        return opens

    def _chatter_opens(self, event: StreamEvent) -> float:
        if event.chatter.is_broadcaster:
            return -math.inf
        known = self._known.get(event.chatter.id)
        return known.last + self._triggers.chatter_cooldown if known else -math.inf

    def _answerable(self, now: float) -> list[Entry]:
        return [
            entry for lane in WEIGHT for entry in self._lanes[lane].values() if self._chatter_opens(entry.first) <= now
        ]

    def _merit(self, entry: Entry, now: float) -> float:
        """Worth of the words themselves, whoever wrote them."""
        merit = WEIGHT[entry.lane] + COPY_BONUS * math.log2(len(entry.chatters))
        merit *= math.pow(0.5, entry.age(now) / HALF_LIFE)
        return merit * (REPEAT_FACTOR if self._was_answered(entry.key, now) else 1.0)

    def _worth(self, entry: Entry, now: float, quiet: bool) -> bool:
        if quiet:
            return True
        repeated_by_same = self._was_answered(entry.key, now) and self._texts[entry.key][1] == entry.first.chatter.id
        return not repeated_by_same and self._merit(entry, now) >= self._floor

    def _score(self, entry: Entry, now: float) -> float:
        """Merit, and fairness: those who were not answered yet come first."""
        known = self._known.get(entry.first.chatter.id, _Known())
        score = self._merit(entry, now) / (1 + known.answers)
        if now - known.last < RECENT_SECONDS:
            score *= RECENT_FACTOR
        newcomer = entry.first.chatter.is_first_time or entry.first.first_words
        return score * (FIRST_TIME_FACTOR if newcomer else 1.0)

    def _was_answered(self, key: str, now: float) -> bool:
        answered = self._texts.get(key)
        return answered is not None and now - answered[0] < REPEAT_SECONDS

    def _is_quiet(self, now: float) -> bool:
        while self._present and next(iter(self._present.values())) < now - MINUTE:
            del self._present[next(iter(self._present))]
        return len(self._present) <= QUIET_CHATTERS

    def _choose(self, entries: list[Entry], now: float) -> Choice:
        """Takes up to BATCH events of different chatters out of these entries, in their order."""
        best, head = entries[0], entries[0].first
        chosen: list[StreamEvent] = []
        most = MOST_MERGED if len(entries) > 1 and is_wordless(best) else BATCH
        for entry in entries:
            picked = [
                event
                for event in entry.events
                if most is MOST_MERGED
                or (
                    all(event.chatter.id != other.chatter.id for other in chosen)
                    and (event is head or self._chatter_opens(event) <= now)
                )
            ]
            picked = picked[: most - len(chosen)]
            if picked:
                chosen += picked
                note(self._texts, entry.key, (now, picked[0].chatter.id), KNOWN_TEXTS)
                self._lanes.remove(entry)
        for event in chosen:
            known = self._known.get(event.chatter.id, _Known())
            note(self._known, event.chatter.id, _Known(known.answers + 1, now), KNOWN_CHATTERS)
        self._picked.append(now)
        text = "\n".join(event.text for event in chosen if event.text)
        choice = Choice(tuple(chosen), best.trigger, best.lane.value, text)
        self._open.append(choice)
        return choice
