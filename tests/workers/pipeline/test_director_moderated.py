"""What moderators do with those who wait: look at them, put one first, drop one."""

from __future__ import annotations

from tests.workers.pipeline.chat import cheer, director, message, picked
from workers.pipeline.director import COOL_OFF_SECONDS, Director
from workers.pipeline.lanes import CHOSEN_LIFE, LIFE, ROOM
from workers.pipeline.triggers import Lane
from workers.pipeline.values import EventKind


def names(room: Director, now: float = 0) -> list[str]:
    return [entry.first.text for entry in room.waiting(now)]


def test_they_are_shown_in_the_order_in_which_they_would_be_answered() -> None:
    room = director(every_message=True, nicknames=("mi",))
    room.offer(message("just nice", "a"), 0)
    room.offer(message("@Mika hi", "b"), 0)
    room.offer(cheer("woo", "c"), 0)
    room.offer(message("Welcome all", "owner", kind=EventKind.SAY), 0)
    shown = names(room)
    assert shown == ["Welcome all", "woo", "hi", "just nice"]
    assert [picked(room.pick(0))[0] for _ in range(4)] == shown


def test_one_whose_cooldown_lasts_stands_behind_those_who_may_be_answered() -> None:
    room = director(every_message=True, chatter_cooldown=30)
    room.offer(message("@Mika hi", "a"), 0)
    room.pick(0)
    room.offer(message("@Mika again", "a", 1), 1)
    room.offer(message("just nice", "b", 1), 1)
    assert names(room, 1) == ["just nice", "again"]


def test_what_expired_is_shown_no_more() -> None:
    room = director()
    room.offer(message("@Mika hi", "a"), 0)
    assert names(room, LIFE[Lane.MENTION] + 1) == []


def test_what_is_put_first_is_answered_before_what_was_paid_and_whatever_the_cooldown() -> None:
    room = director(every_message=True, cooldown=60, chatter_cooldown=60, replies_per_minute=1)
    room.offer(message("@Mika one", "a"), 0)
    room.pick(0)
    room.offer(cheer("woo", "c", 1), 1)
    room.offer(message("me please", "a", 1, id="wanted"), 1)
    room.put_first("wanted", 2)
    assert names(room, 2) == ["me please", "woo"]
    assert picked(room.pick(2)) == ["me please"]
    assert picked(room.pick(2)) == ["woo"]


def test_of_several_put_first_the_first_one_goes_first() -> None:
    room = director(every_message=True)
    for text in ("one", "two", "three"):
        room.offer(message(text, text, id=text), 0)
    room.put_first("three", 1)
    room.put_first("one", 2)
    room.put_first("three", 3)
    assert [picked(room.pick(4)) for _ in range(3)] == [["three"], ["one"], ["two"]]


def test_what_is_put_first_waits_longer_and_is_not_pushed_out_by_a_flood() -> None:
    room = director(every_message=True)
    room.offer(message("first of all", "a", id="wanted"), 0)
    room.put_first("wanted", 0)
    for number in range(ROOM[Lane.CHATTER] + 20):
        room.offer(message(f"{number} {number}", f"b{number}", 60), 60)
    assert names(room, 60)[0] == "first of all"
    assert len(room.waiting(60)) <= ROOM[Lane.CHATTER] + 1
    assert "first of all" not in names(room, CHOSEN_LIFE + 1)


def test_what_is_dropped_goes_with_its_copies_and_is_not_answered() -> None:
    room = director(every_message=True)
    for who in ("a", "b", "c", "d"):
        room.offer(message("POGGERS in the chat", who, id=who), 0)
    room.drop("b")
    assert names(room) == []
    assert room.pick(0) is None
    assert room.refused() == []


def test_something_paid_that_is_dropped_comes_out_with_its_reason_and_does_not_return() -> None:
    room = director()
    event = cheer("woo", "c", id="paid")
    room.offer(event, 0)
    room.drop("paid")
    [(refused, reason)] = room.refused()
    assert (refused.id, reason) == ("paid", "dropped by a moderator")
    room.offer(event, 1)
    assert room.pick(1) is None


def test_what_is_gone_already_is_neither_dropped_nor_put_first() -> None:
    room = director()
    room.drop("gone")
    room.put_first("gone", 0)
    assert room.pick(0) is None
    assert room.refused() == []


def test_who_broke_a_hard_rule_is_left_alone_for_a_while_but_for_what_was_paid() -> None:
    room = director()
    room.cool_off("id-a", 0)
    room.offer(message("@Mika sorry", "a", 1), 1)
    room.offer(message("@Mika hi", "b", 1), 1)
    room.offer(cheer("peace", "a"), 1)
    assert sorted(names(room, 1)) == ["hi", "peace"]
    over = COOL_OFF_SECONDS + 1
    room.offer(message("@Mika it is me", "a", over), over)
    assert "it is me" in names(room, over)
