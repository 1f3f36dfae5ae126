"""What is large cuts in: it is answered first, and what chat is told meanwhile ends with its sentence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workers.pipeline.chat import cheer, director, message, picked
from workers.pipeline.director import Choice, Director
from workers.pipeline.values import EventKind, StreamEvent


def raid(viewers: int, who: str = "raider", **fields: Any) -> StreamEvent:
    return message("", who, kind=EventKind.RAID, amount=viewers, **fields)


def gift(subs: int, who: str = "giver", **fields: Any) -> StreamEvent:
    return message("", who, kind=EventKind.GIFT, amount=subs, paid_id=2, **fields)


def answering(room: Director, event: StreamEvent) -> Choice:
    room.offer(event, 0)
    choice = room.pick(0)
    assert choice is not None
    return choice


@pytest.mark.parametrize(
    ("event", "cuts_in"),
    [
        (raid(20), True),
        (raid(19), False),
        (cheer("here", amount=1000), True),
        (cheer("here", amount=999), False),
        (message("here", kind=EventKind.TIP, amount=1000, title="$10", paid_id=3), True),
        (message("here", kind=EventKind.TIP, amount=999, title="$9.99", paid_id=3), False),
        (gift(2), True),
        (gift(1), False),
        (message("Mika, I gave 5000 bits"), False),
        (message("", kind=EventKind.FOLLOW, amount=9000), False),
    ],
)
def test_an_answer_to_chat_makes_way_for_what_is_large(event: StreamEvent, cuts_in: bool) -> None:
    room = director(cooldown=30)
    choice = answering(room, message("Mika hello", "ann"))
    room.offer(event, 1)
    assert room.must_make_way(choice) is cuts_in


def test_what_is_large_goes_before_all_that_waits() -> None:
    room = director(cooldown=30)
    choice = answering(room, message("Mika hello", "ann"))
    room.offer(cheer("small", amount=5), 1)
    room.offer(message("Mika, and me?", "ben"), 1)
    room.offer(raid(50), 1)
    assert room.waiting(1)[0].first.chatter.name == "raider"
    assert [event.kind for event in (room.pick(1) or choice).events] == [EventKind.RAID]
    assert picked(room.pick(1)) == ["small"]


@pytest.mark.parametrize("said", [cheer("thanks", amount=5), message("read this", kind=EventKind.SAY), raid(25)])
def test_what_was_paid_or_said_by_the_broadcaster_or_is_large_too_is_heard_out(said: StreamEvent) -> None:
    room = director()
    choice = answering(room, said)
    room.offer(gift(50), 1)
    assert not room.must_make_way(choice)


def test_who_wants_no_interruptions_gets_none() -> None:
    room = director(cut_in_bits=0, cut_in_raiders=0)
    choice = answering(room, message("Mika hello", "ann"))
    for event in (raid(5000), gift(100), cheer("", amount=100_000)):
        room.offer(event, 1)
    assert not room.must_make_way(choice)


def test_fifty_who_all_cut_in_are_still_thanked_in_one_line() -> None:
    room = director(cut_in_bits=500)
    for number in range(50):
        room.offer(gift(1, f"v{number}"), 0)
    choice = room.pick(0)
    assert choice is not None
    assert len(choice.events) == 50
    assert room.pick(0) is None


@pytest.mark.parametrize(
    ("text", "written", "raided", "greeted"),
    [("it rains", 0, 8, 30), ("do you like rain?", 0, 16, 40), ("Mika, do you like rain", 0, 33, 60)],
    ids=["chatter", "question", "mention"],
)
def test_who_was_not_heard_yet_comes_next_however_long_the_raid_is_greeted(
    text: str, written: float, raided: float, greeted: float
) -> None:
    room = director(every_message=True, cooldown=30, chatter_cooldown=60, replies_per_minute=2)
    room.offer(message(text, "ann", written), written)
    choice = room.pick(written + 1)
    assert choice is not None
    room.offer(raid(50, at=raided), raided)
    room.answered(choice, raided)
    room.put_back(choice, raided + 0.1)
    greeting = room.pick(raided)
    assert greeting is not None
    assert greeting.trigger == "raid"
    room.answered(greeting, greeted)
    again = room.pick(greeted)
    assert again is not None
    assert (again.trigger, again.text) == (choice.trigger, choice.text)
    assert room.pick(greeted) is None


def test_what_was_put_back_and_deleted_is_not_answered() -> None:
    room = director()
    choice = answering(room, message("Mika hello", "ann"))
    room.put_back(choice, 1)
    room.forget(choice.events[0].id)
    assert room.pick(1) is None
    room.put_back(choice, 2)
    assert room.pick(2) is None


def test_a_raid_that_nobody_could_be_shown_is_not_greeted_minutes_later() -> None:
    room = director()
    room.offer(raid(50), 0)
    assert room.pick(61) is None
