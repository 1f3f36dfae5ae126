"""Decides what she answers next: who waits, for how long, whose turn it is. Pure: time and chance come from outside.

Policy and figures: one scored queue with lives, copy collapse and fairness. A queue in order of arrival, or "the last
ten", already fails at two messages a second. What was paid is never dropped silently: it is chosen, or comes out of
`refused` with a reason.
"""

from __future__ import annotations

import math
import random
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from workers.pipeline.triggers import Call, Lane, Listener, NoCall, copy_key
from workers.pipeline.values import PersonaSnapshot, StreamEvent

LIFE = {
    Lane.SAY: 300.0,
    Lane.PAID: 300.0,
    Lane.MENTION: 45.0,
    Lane.EVENT: 60.0,
    Lane.QUESTION: 30.0,
    Lane.CHATTER: 15.0,
    Lane.COPYPASTA: 10.0,
}
"""Seconds after which an answer would come too late (director facts)."""
WEIGHT = {Lane.MENTION: 3.0, Lane.EVENT: 2.0, Lane.QUESTION: 1.5, Lane.CHATTER: 0.6, Lane.COPYPASTA: 0.1}
CHAT_LANES = (Lane.MENTION, Lane.QUESTION, Lane.CHATTER, Lane.COPYPASTA)
ROOM = {Lane.MENTION: 200, Lane.EVENT: 30, Lane.QUESTION: 100, Lane.CHATTER: 100, Lane.COPYPASTA: 30}
"""Entries a lane keeps at most, the newest; SAY and PAID are bounded by their lives alone."""
COPY_BONUS = 0.4
"""Added to the weight for each doubling of the chatters who wrote the same."""
HALF_LIFE = 16.0
"""Seconds; with 20 the oldest twentieth of the answers came 23 s after the message, with 16 under 18 s."""
FIRST_TIME_FACTOR = 1.5
RECENT_SECONDS, RECENT_FACTOR = 60.0, 0.1
"""A chatter answered less than this long ago stands back behind the others."""
REPEAT_SECONDS, REPEAT_FACTOR = 300.0, 0.05
"""A text answered less than this long ago is hardly worth a second answer."""
FLOOR = 0.03
"""Merit below which she rather says nothing."""
WAITING_PER_CHATTER = 2
BATCH = 3
"""Messages of different chatters that one reply may answer."""
LONG_LANE = 3
"""Waiting mentions from which they are answered together."""
COMPANION_SHARE = 0.3
"""Of the best score: who stands so far behind is not taken along only because there is room in the reply."""
COPYPASTA_CHATTERS = 3
QUIET_CHATTERS = 2
"""With no more chatters than this in the last minute she answers repetitions too: a talk between two, not spam."""
MINUTE = 60.0
SEEN_EVENTS = 5000
KNOWN_CHATTERS = 2000
KNOWN_TEXTS = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """What she answers now: one event, or messages of up to three chatters. Event texts are free of the address."""

    events: tuple[StreamEvent, ...]
    trigger: str
    """What called her: mention, nickname, command, reply, every message, chance, say, or the kind of the event."""
    lane: str
    text: str
    """The words to answer, one line a message."""

    @property
    def paid(self) -> bool:
        return any(event.paid for event in self.events)


@dataclass(slots=True)
class _Entry:
    """Something that waits: an event, or the same words by several chatters."""

    lane: Lane
    trigger: str
    key: str
    events: list[StreamEvent]
    chatters: set[str] = field(default_factory=set)

    @property
    def first(self) -> StreamEvent:
        return self.events[0]

    @property
    def at(self) -> float:
        return min(event.at for event in self.events)

    def age(self, now: float) -> float:
        return max(0.0, now - self.at)


@dataclass(slots=True)
class _Known:
    """What the director remembers of a chatter."""

    answers: int = 0
    last: float = -math.inf


class Director:
    """The queue of one channel. Call `pick` when she may speak next; `next_wake` tells when to ask again."""

    def __init__(self, persona: PersonaSnapshot, *, rng: random.Random) -> None:
        self._rng = rng
        self._lanes: dict[Lane, OrderedDict[str, _Entry]] = {lane: OrderedDict() for lane in Lane}
        self._waiting: Counter[str] = Counter()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._seen_paid: OrderedDict[str, None] = OrderedDict()
        self._forgotten: OrderedDict[str, None] = OrderedDict()
        self._present: OrderedDict[str, float] = OrderedDict()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._texts: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._refused: list[tuple[StreamEvent, str]] = []
        self._open: list[Choice] = []
        self._picked: deque[float] = deque()
        self._ended = -math.inf
        self.use(persona)

    def use(self, persona: PersonaSnapshot) -> None:
        """Other triggers from now on; what waits keeps waiting."""
        self._triggers = persona.triggers
        self._listener = Listener(persona.name, persona.triggers, self._rng)

    def offer(self, event: StreamEvent, now: float) -> None:
        """Something happened in the channel. What was offered or forgotten before is dropped."""
        if event.id in self._seen or event.id in self._seen_paid:
            return
        self._remember_event(event)
        if event.id in self._forgotten:
            self._refuse(event, "the message was deleted")
            return
        self._present[event.chatter.id] = now
        self._present.move_to_end(event.chatter.id)
        _trim(self._present, KNOWN_CHATTERS)
        call = self._listener.hear(event)
        if isinstance(call, NoCall):
            self._refuse(event, call.reason)
        elif now - event.at > LIFE[call.lane]:
            self._refuse(event, "it came too late to be answered")
        else:
            self._queue(replace(event, text=call.text), call)

    def let_return(self, event_id: str) -> None:
        """What was paid and picked, and then not heard, may be offered once more."""
        self._seen_paid.pop(event_id, None)

    def forget(self, message_id: str) -> None:
        """The message was deleted: it is not answered, even if it only arrives later."""
        self._forgotten[message_id] = None
        _trim(self._forgotten, SEEN_EVENTS)
        self._withdraw(lambda event: event.id == message_id, "the message was deleted")

    def forget_chatter(self, chatter_id: str) -> None:
        """The chatter was timed out or banned: nothing they wrote is answered."""
        self._withdraw(lambda event: event.chatter.id == chatter_id, "the chatter was timed out or banned")

    def forget_chat(self) -> None:
        """The whole chat was cleared: messages go; what was paid, and what the broadcaster asked for, stays."""
        for lane in CHAT_LANES:
            for entry in list(self._lanes[lane].values()):
                self._remove(entry)

    def refused(self) -> list[tuple[StreamEvent, str]]:
        """Paid events that will not be answered, each with its reason; each comes out once."""
        refused, self._refused = self._refused, []
        return refused

    def pick(self, now: float) -> Choice | None:
        """What to answer now, or None to stay silent. What is picked is out of the queue."""
        self._expire(now)
        for lane in (Lane.SAY, Lane.PAID):
            if self._lanes[lane]:
                return self._choose([min(self._lanes[lane].values(), key=lambda entry: entry.at)], now)
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
        together = [best]
        if best.lane is Lane.MENTION and len(self._lanes[Lane.MENTION]) >= LONG_LANE:
            least = COMPANION_SHARE * ranked[0][0]
            together += [entry for score, entry in ranked[1:] if entry.lane is Lane.MENTION and score >= least]
        return self._choose(together, now)

    def answered(self, choice: Choice, now: float) -> None:
        """The reply to this choice is over: spoken, interrupted or failed. The cooldown begins."""
        self._open = [other for other in self._open if other is not choice]
        self._ended = max(self._ended, now)

    def next_wake(self, now: float) -> float | None:
        """Seconds (> 0) until time alone may change what `pick` says or what is refused; None if it never will."""
        self._expire(now)
        moments = [entry.at + LIFE[Lane.PAID] for entry in self._lanes[Lane.PAID].values()]
        opens = self._chat_opens(now)
        for lane in WEIGHT:
            for entry in self._lanes[lane].values():
                moment = max(opens, self._chatter_opens(entry.first))
                if now < moment < entry.at + LIFE[lane]:
                    moments.append(moment)
        return max(0.01, min(moments) - now) if moments else None

    # Waiting

    def _queue(self, event: StreamEvent, call: Call) -> None:
        chat = call.lane in CHAT_LANES
        key = copy_key(event.text) if chat else event.id
        if chat and self._join_copies(event, call.lane, key):
            return
        if chat and self._waiting[event.chatter.id] >= WAITING_PER_CHATTER:
            self._drop_least_of(event.chatter.id)
        lane = self._lanes[call.lane]
        lane[key] = _Entry(call.lane, call.trigger, key, [event], {event.chatter.id})
        if chat:
            self._waiting[event.chatter.id] += 1
        if len(lane) > ROOM.get(call.lane, len(lane)):
            self._remove(next(iter(lane.values())))

    def _join_copies(self, event: StreamEvent, lane: Lane, key: str) -> bool:
        """Whether the same words wait already: the message then adds to their weight, and may be named with them."""
        entry = self._lanes[lane].get(key)
        if entry is None and lane is Lane.CHATTER:
            entry = self._lanes[Lane.COPYPASTA].get(key)
        if entry is None:
            return False
        new = event.chatter.id not in entry.chatters
        if new and len(entry.chatters) < KNOWN_CHATTERS:
            entry.chatters.add(event.chatter.id)
        if new and len(entry.events) < BATCH and self._waiting[event.chatter.id] < WAITING_PER_CHATTER:
            entry.events.append(event)
            self._waiting[event.chatter.id] += 1
        if entry.lane is Lane.CHATTER and len(entry.chatters) >= COPYPASTA_CHATTERS:
            del self._lanes[entry.lane][key]
            entry.lane = Lane.COPYPASTA
            self._lanes[Lane.COPYPASTA][key] = entry
        return True

    def _drop_least_of(self, chatter_id: str) -> None:
        """The least urgent, then oldest, of what this chatter has waiting."""
        own = [
            entry
            for lane in CHAT_LANES
            for entry in self._lanes[lane].values()
            if any(event.chatter.id == chatter_id for event in entry.events)
        ]
        least = min(own, key=lambda entry: (WEIGHT[entry.lane], entry.at))
        self._take_from(least, [event for event in least.events if event.chatter.id == chatter_id])

    def _remove(self, entry: _Entry) -> None:
        self._take_from(entry, list(entry.events))

    def _take_from(self, entry: _Entry, events: list[StreamEvent]) -> None:
        """These events no longer wait; an entry without events is gone."""
        for event in events:
            entry.events.remove(event)
            if entry.lane not in CHAT_LANES:
                continue
            if self._waiting[event.chatter.id] > 1:
                self._waiting[event.chatter.id] -= 1
            else:
                del self._waiting[event.chatter.id]
        if not entry.events:
            del self._lanes[entry.lane][entry.key]

    def _withdraw(self, which: Callable[[StreamEvent], bool], reason: str) -> None:
        for lane in self._lanes.values():
            for entry in list(lane.values()):
                gone = [event for event in entry.events if which(event)]
                for event in gone:
                    self._refuse(event, reason)
                if gone:
                    self._take_from(entry, gone)

    def _expire(self, now: float) -> None:
        for lane, entries in self._lanes.items():
            for entry in [entry for entry in entries.values() if entry.age(now) > LIFE[lane]]:
                for event in entry.events:
                    self._refuse(event, "it waited too long to be answered")
                self._remove(entry)

    def _refuse(self, event: StreamEvent, reason: str) -> None:
        if event.paid:
            self._refused.append((event, reason))

    def _remember_event(self, event: StreamEvent) -> None:
        # Paid events are offered again from their rows until done, however long the chat has gone on meanwhile.
        seen = self._seen_paid if event.paid else self._seen
        seen[event.id] = None
        _trim(seen, SEEN_EVENTS)

    # Choosing

    def _chat_opens(self, now: float) -> float:
        """From when chat may be answered: cooldown and replies per minute. What was paid does not wait for it."""
        while self._picked and self._picked[0] <= now - MINUTE:
            self._picked.popleft()
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

    def _answerable(self, now: float) -> list[_Entry]:
        return [
            entry for lane in WEIGHT for entry in self._lanes[lane].values() if self._chatter_opens(entry.first) <= now
        ]

    def _merit(self, entry: _Entry, now: float) -> float:
        """Worth of the words themselves, whoever wrote them."""
        merit = WEIGHT[entry.lane] + COPY_BONUS * math.log2(len(entry.chatters))
        merit *= math.pow(0.5, entry.age(now) / HALF_LIFE)
        return merit * (REPEAT_FACTOR if self._was_answered(entry.key, now) else 1.0)

    def _worth(self, entry: _Entry, now: float, quiet: bool) -> bool:
        if quiet:
            return True
        repeated_by_same = self._was_answered(entry.key, now) and self._texts[entry.key][1] == entry.first.chatter.id
        return not repeated_by_same and self._merit(entry, now) >= FLOOR

    def _score(self, entry: _Entry, now: float) -> float:
        """Merit, and fairness: those who were not answered yet come first."""
        known = self._known.get(entry.first.chatter.id, _Known())
        score = self._merit(entry, now) / (1 + known.answers)
        if now - known.last < RECENT_SECONDS:
            score *= RECENT_FACTOR
        return score * (FIRST_TIME_FACTOR if entry.first.chatter.is_first_time else 1.0)

    def _was_answered(self, key: str, now: float) -> bool:
        answered = self._texts.get(key)
        return answered is not None and now - answered[0] < REPEAT_SECONDS

    def _is_quiet(self, now: float) -> bool:
        while self._present and next(iter(self._present.values())) < now - MINUTE:
            self._present.popitem(last=False)
        return len(self._present) <= QUIET_CHATTERS

    def _choose(self, entries: list[_Entry], now: float) -> Choice:
        """Takes up to BATCH events of different chatters out of these entries, in their order."""
        best, head = entries[0], entries[0].first
        chosen: list[StreamEvent] = []
        for entry in entries:
            picked = [
                event
                for event in entry.events
                if all(event.chatter.id != other.chatter.id for other in chosen)
                and (event is head or self._chatter_opens(event) <= now)
            ]
            picked = picked[: BATCH - len(chosen)]
            if picked:
                chosen += picked
                self._texts[entry.key] = (now, picked[0].chatter.id)
                self._texts.move_to_end(entry.key)
                _trim(self._texts, KNOWN_TEXTS)
                self._remove(entry)
        for event in chosen:
            known = self._known.setdefault(event.chatter.id, _Known())
            known.answers, known.last = known.answers + 1, now
            self._known.move_to_end(event.chatter.id)
        _trim(self._known, KNOWN_CHATTERS)
        self._picked.append(now)
        text = "\n".join(event.text for event in chosen if event.text)
        choice = Choice(tuple(chosen), best.trigger, best.lane.value, text)
        self._open.append(choice)
        return choice


def _trim(memory: OrderedDict[str, Any], size: int) -> None:
    while len(memory) > size:
        memory.popitem(last=False)
