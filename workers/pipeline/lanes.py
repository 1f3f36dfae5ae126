"""Who waits for an answer, each in the lane of its urgency. Copies wait as one, and nobody waits with many. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workers.pipeline.triggers import Call, Lane, copy_key
from workers.pipeline.values import EventKind, StreamEvent

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
CHOSEN_LIFE = 300.0
"""Seconds that something waits at least after a moderator has put it first."""
PUT_BACK_LIFE = 60.0
"""The same of what made way for something larger before a sound of its answer was heard."""
WEIGHT = {Lane.MENTION: 3.0, Lane.EVENT: 2.0, Lane.QUESTION: 1.5, Lane.CHATTER: 0.6, Lane.COPYPASTA: 0.1}
CHAT_LANES = (Lane.MENTION, Lane.QUESTION, Lane.CHATTER, Lane.COPYPASTA)
ROOM = {Lane.MENTION: 200, Lane.EVENT: 30, Lane.QUESTION: 100, Lane.CHATTER: 100, Lane.COPYPASTA: 30}
"""Entries a lane keeps at most, the newest; SAY and PAID are bounded by their lives alone."""
WAITING_PER_CHATTER = 2
BATCH = 3
"""Messages of different chatters that one reply may answer."""
MERGED = frozenset({EventKind.FOLLOW, EventKind.SUB, EventKind.GIFT, EventKind.CHEER, EventKind.RAID})
"""Kinds of which several without words are answered in one line."""
MOST_MERGED = 100
COPYPASTA_CHATTERS = 3
WAITED_TOO_LONG = "it waited too long to be answered"
CAME_TOO_LATE = "it came too late to be answered"
LEFT_ALONE = "the chatter is left alone for a while"
LANE_FULL = "too many others waited for an answer"
CHATTER_FULL = "the chatter has newer ones waiting"
SHED = {
    WAITED_TOO_LONG: "stale",
    CAME_TOO_LATE: "late",
    LEFT_ALONE: "left_alone",
    LANE_FULL: "lane_full",
    CHATTER_FULL: "chatter_full",
}
"""Reasons that lie in how much there is and how little time, in the one word they are counted by."""
KNOWN_CHATTERS = 2000


@dataclass(slots=True)
class Entry:
    """Something that waits: an event, or the same words by several chatters."""

    lane: Lane
    trigger: str
    key: str
    events: list[StreamEvent]
    chatters: set[str] = field(default_factory=set)
    """All who wrote it, those of the events among them."""
    chosen_at: float | None = None
    """When it was put first: by a moderator, because it cuts in, or because it was put back."""
    kept_until: float = 0.0
    """It waits so long at least, whatever the life of its lane."""

    @property
    def first(self) -> StreamEvent:
        return self.events[0]

    @property
    def at(self) -> float:
        return min(event.at for event in self.events)

    @property
    def ends(self) -> float:
        """From when on an answer would come too late."""
        return max(self.at + LIFE[self.lane], self.kept_until)

    def age(self, now: float) -> float:
        return max(0.0, now - self.at)


def is_wordless(entry: Entry) -> bool:
    """Whether it is something that many may do at once and that says nothing by itself."""
    return entry.first.kind in MERGED and not entry.first.text.strip()


class Lanes:
    """Everything that waits. `refuse` is told of each event that goes without an answer for a reason."""

    def __init__(self, refuse: Callable[[StreamEvent, str], object]) -> None:
        self._refuse = refuse
        self._lanes: dict[Lane, dict[str, Entry]] = {lane: {} for lane in Lane}
        self._waiting: Counter[str] = Counter()

    def __getitem__(self, lane: Lane) -> dict[str, Entry]:
        return self._lanes[lane]

    def __iter__(self) -> Iterator[Entry]:
        """All entries, lane by lane, the most urgent lane first."""
        for entries in self._lanes.values():
            yield from entries.values()

    def find(self, event_id: str) -> Entry | None:
        return next((entry for entry in self if any(event.id == event_id for event in entry.events)), None)

    def burst(self, entry: Entry) -> list[Entry]:
        """The entry with all that wait of its kind and have no words to be answered: one line thanks for all."""
        if not is_wordless(entry):
            return [entry]
        kind = entry.first.kind
        alike = [other for other in self._lanes[entry.lane].values() if is_wordless(other) and other.first.kind is kind]
        others = sorted((other for other in alike if other is not entry), key=lambda other: other.at)
        return [entry, *others[: MOST_MERGED - 1]]

    def add(self, event: StreamEvent, call: Call) -> None:
        chat = call.lane in CHAT_LANES
        key = copy_key(event.text) if chat else event.id
        if chat and self._join_copies(event, call.lane, key):
            return
        if chat and self._waiting[event.chatter.id] >= WAITING_PER_CHATTER:
            self._drop_least_of(event.chatter.id)
        lane = self._lanes[call.lane]
        lane[key] = Entry(call.lane, call.trigger, key, [event], {event.chatter.id})
        if chat:
            self._waiting[event.chatter.id] += 1
        if len(lane) > ROOM.get(call.lane, len(lane)):
            oldest = next(entry for entry in lane.values() if entry.chosen_at is None)
            self._turn_away(oldest, list(oldest.events), LANE_FULL)

    def remove(self, entry: Entry) -> None:
        self._take_from(entry, list(entry.events))

    def withdraw(self, which: Callable[[StreamEvent], bool], reason: str) -> None:
        for entry in list(self):
            if gone := [event for event in entry.events if which(event)]:
                self._turn_away(entry, gone, reason)

    def expire(self, now: float) -> None:
        for entry in [entry for entry in self if now > entry.ends]:
            self._turn_away(entry, list(entry.events), WAITED_TOO_LONG)

    def _join_copies(self, event: StreamEvent, lane: Lane, key: str) -> bool:
        """Whether the same words wait already: the message then adds to their weight, and may be named with them."""
        entry = self._lanes[lane].get(key)
        if entry is None and lane is Lane.CHATTER:
            entry = self._lanes[Lane.COPYPASTA].get(key)
        if entry is None:
            return False
        new = event.chatter.id not in entry.chatters and len(entry.chatters) < KNOWN_CHATTERS
        if new:
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
            if chatter_id in entry.chatters and any(event.chatter.id == chatter_id for event in entry.events)
        ]
        least = min(own, key=lambda entry: (entry.chosen_at is not None, WEIGHT[entry.lane], entry.at))
        self._turn_away(least, [event for event in least.events if event.chatter.id == chatter_id], CHATTER_FULL)

    def _turn_away(self, entry: Entry, events: list[StreamEvent], reason: str) -> None:
        for event in events:
            self._refuse(event, reason)
        self._take_from(entry, events)

    def _take_from(self, entry: Entry, events: list[StreamEvent]) -> None:
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
