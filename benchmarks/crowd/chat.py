"""Ordinary chat in many channels, most of it not for her: straight into the inboxes, where the gateway puts it."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.crowd.audience import Playback
from benchmarks.crowd.wire import Wire

BEAT = 0.02
"""Seconds between two writes; what is due meanwhile goes together."""
CHATTERS = 40
ORDINARY = (
    "lol", "gg", "that was so close", "LUL LUL LUL", "how did he even survive that", "nice one", "hi all",
    "he should have gone left there", "KEKW", "pog", "someone clip that please", "the music in this game is so good",
    "I have been stuck on this boss for three days now and it does not get any better", "no way",
    "@Marek you were right about the sword", "hahaha", "this is my favourite part", "W", "good luck everyone",
    "my cat just walked over the keyboard sorry", "ez clap", "why is it so dark in there", "chat is wild today",
)  # fmt: skip


@dataclass
class Room:
    """One channel's chat."""

    channel: str
    playback: Playback
    per_second: float
    every: float
    """Seconds between two questions to her, on average."""
    chance: random.Random
    chatters: int = CHATTERS
    lines: Sequence[str] = ORDINARY
    chat_at: float = 0.0
    question_at: float = 0.0
    said: int = 0
    asked: int = 0


class Chat:
    """All rooms together, from one task."""

    def __init__(self, wire: Wire, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._wire = wire
        self._clock = clock
        self._numbers = itertools.count()
        self.rooms: list[Room] = []

    def add(
        self,
        channel: str,
        playback: Playback,
        *,
        per_second: float = 1.0,
        every: float = 30.0,
        chatters: int = CHATTERS,
    ) -> Room:
        """`per_second`: messages that are not for her; `every`: seconds between two questions (0: none)."""
        room = Room(channel, playback, per_second, every, random.Random(channel), chatters)
        self.rooms.append(room)
        return room

    async def talk(self, seconds: float) -> tuple[float, float]:
        """For so long, each room at moments of its own. When it began and ended, by its clock."""
        begin = self._clock()
        for room in self.rooms:
            room.chat_at = begin + room.chance.uniform(0, 1 / room.per_second if room.per_second else 0)
            room.question_at = begin + room.chance.uniform(0, room.every)
        while (now := self._clock()) < begin + seconds:
            due: list[tuple[str, dict[str, Any]]] = []
            for room in self.rooms:
                due += self._due(room, now)
            if due:
                self._wire.publish(due)
            await asyncio.sleep(BEAT)
        return begin, now

    def _due(self, room: Room, now: float) -> list[tuple[str, dict[str, Any]]]:
        due = []
        while room.per_second and room.chat_at <= now:
            room.chat_at += room.chance.uniform(0.5, 1.5) / room.per_second
            room.said += 1
            due.append(self.message(room, room.chance.choice(room.lines)))
        if room.every and room.question_at <= now:
            room.question_at = now + room.chance.uniform(0.7, 1.3) * room.every
            room.asked += 1
            number = str(room.chance.randrange(10**6))
            room.playback.asks(number)
            due.append(self.message(room, f"!ai message {number}", name=f"asker{room.asked % 7}"))
        return due

    def message(self, room: Room, text: str, name: str = "") -> tuple[str, dict[str, Any]]:
        """One line of a chatter, for the room's inbox."""
        name = name or f"viewer{room.chance.randrange(room.chatters)}"
        event = {
            "id": f"{room.channel}-{next(self._numbers)}",
            "kind": "message",
            "chatter": {"id": name, "name": name},
            "text": text,
            "at": time.time(),
        }
        return f"inbox.{room.channel}", {"type": "inbox.message", "body": {"t": "event", "event": event}}
