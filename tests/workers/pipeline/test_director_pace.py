"""When she may speak: cooldowns, replies a minute, and when to ask again."""

import pytest

from tests.workers.pipeline.chat import cheer, director, message, picked
from workers.pipeline.values import EventKind


def test_after_a_reply_chat_waits_for_the_cooldown_and_is_woken_then() -> None:
    room = director(cooldown=5)
    room.offer(message("@Mika one", "a"), 0)
    choice = room.pick(0)
    assert choice is not None
    room.offer(message("@Mika two", "b", 1), 1)
    assert room.pick(1) is None
    assert room.next_wake(1) is None, "while she speaks, only the end of the reply changes anything"
    room.answered(choice, 8)
    assert room.pick(8) is None
    assert room.next_wake(8) == pytest.approx(5)
    assert picked(room.pick(13)) == ["two"]


def test_what_was_paid_and_what_the_broadcaster_asks_her_to_say_do_not_wait() -> None:
    room = director(cooldown=60, replies_per_minute=1)
    room.offer(message("@Mika one", "a"), 0)
    choice = room.pick(0)
    assert choice is not None
    room.answered(choice, 1)
    room.offer(message("Hello all", "owner", 1, kind=EventKind.SAY), 1)
    room.offer(cheer("woo", "b", 1), 1)
    assert picked(room.pick(1)) == ["Hello all"]
    assert picked(room.pick(1)) == ["woo"]


def test_without_cooldown_the_next_is_chosen_while_she_still_speaks() -> None:
    room = director()
    room.offer(message("@Mika one", "a"), 0)
    room.offer(message("@Mika two", "b"), 0)
    assert room.pick(0) is not None
    assert room.pick(0) is not None


def test_a_chatter_waits_for_the_own_cooldown_and_others_do_not() -> None:
    room = director(chatter_cooldown=10)
    room.offer(message("@Mika one", "a"), 0)
    room.pick(0)
    room.offer(message("@Mika two", "a", 2), 2)
    assert room.pick(2) is None
    assert room.next_wake(2) == pytest.approx(8)
    room.offer(message("@Mika three", "b", 2), 2)
    assert picked(room.pick(2)) == ["three"]
    assert picked(room.pick(10)) == ["two"]


def test_the_broadcaster_needs_not_wait_for_the_own_cooldown() -> None:
    room = director(chatter_cooldown=10)
    for text in ("@Mika one", "@Mika two"):
        room.offer(message(text, "owner"), 0)
        assert room.pick(0) is not None


def test_no_more_replies_a_minute_than_allowed() -> None:
    room = director(replies_per_minute=3)
    answered = []
    for second in range(120):
        room.offer(message(f"@Mika word {second}", f"v{second}", second), second)
        if room.pick(second):
            answered.append(second)
    assert answered == [0, 1, 2, 60, 61, 62]
    assert room.next_wake(119) == pytest.approx(1)


def test_no_replies_at_all_when_none_are_allowed() -> None:
    room = director(replies_per_minute=0)
    room.offer(message("@Mika hi"), 0)
    assert room.pick(0) is None
    assert room.next_wake(0) is None


def test_nothing_waiting_needs_no_waking() -> None:
    assert director().next_wake(0) is None


def test_new_triggers_hold_from_the_next_message_on() -> None:
    room = director()
    from workers.pipeline.values import PersonaSnapshot, Triggers

    room.use(PersonaSnapshot(2, "Rex", "", "", "en", Triggers()))
    room.offer(message("@Mika hi", "a"), 0)
    assert room.pick(0) is None
    room.offer(message("@Rex hi", "a"), 0)
    assert picked(room.pick(0)) == ["hi"]
