"""Who waits, who comes first, and who is no longer answered."""

import random

import pytest

from tests.workers.pipeline.chat import cheer, director, message, picked
from workers.pipeline.director import Director
from workers.pipeline.lanes import BATCH, LIFE, ROOM
from workers.pipeline.triggers import Lane
from workers.pipeline.values import EventKind, PersonaSnapshot, Triggers


def test_a_line_to_say_comes_first_then_what_was_paid_then_mentions_then_chatter() -> None:
    room = director(every_message=True)
    room.offer(message("nice", "a"), 0)
    room.offer(message("@Mika hi", "b"), 0)
    room.offer(cheer("woo", "c"), 0)
    room.offer(message("Welcome all", "owner", kind=EventKind.SAY), 0)
    assert [picked(room.pick(0)) for _ in range(5)] == [["Welcome all"], ["woo"], ["hi"], ["nice"], []]


def test_a_question_comes_before_chatter() -> None:
    room = director(every_message=True)
    room.offer(message("nice", "a"), 0)
    room.offer(message("what is your name", "b"), 0)
    assert picked(room.pick(0)) == ["what is your name"]


def test_an_event_offered_twice_is_answered_once() -> None:
    room = director()
    for event in (message("@Mika hi", id="x"), cheer("woo", "b", id="y")):
        room.offer(event, 0)
        room.offer(event, 0)
    assert picked(room.pick(0)) == ["woo"]
    assert picked(room.pick(0)) == ["hi"]
    room.offer(cheer("woo", "b", id="y"), 1)
    assert room.pick(1) is None
    assert room.refused() == []


@pytest.mark.parametrize(
    ("event", "lane"),
    [
        (message("@Mika hi"), Lane.MENTION),
        (message("is it late?"), Lane.QUESTION),
        (message("it is late"), Lane.CHATTER),
        (message("go go go go go go go go go go go go go go go go go go"), Lane.COPYPASTA),
        (message("", kind=EventKind.RAID), Lane.EVENT),
    ],
)
def test_each_lane_has_its_life(event, lane) -> None:  # type: ignore[no-untyped-def]
    for age, answered in ((LIFE[lane] - 0.1, True), (LIFE[lane] + 0.1, False)):
        room = director(every_message=True)
        room.offer(event, 0)
        assert (room.pick(age) is not None) is answered


def test_what_is_stale_on_arrival_is_not_answered() -> None:
    room = director()
    room.offer(message("@Mika hi", at=0), LIFE[Lane.MENTION] + 1)
    late = cheer("woo", at=0)
    room.offer(late, LIFE[Lane.PAID] + 1)
    assert room.pick(LIFE[Lane.PAID] + 1) is None
    assert [event for event, _ in room.refused()] == [late]


def test_a_paid_event_that_waits_too_long_comes_out_with_a_reason() -> None:
    room = director()
    event = cheer("woo")
    room.offer(event, 0)
    assert room.next_wake(0) == pytest.approx(LIFE[Lane.PAID])
    assert room.next_wake(LIFE[Lane.PAID] + 1) is None
    assert room.refused() == [(event, "it waited too long to be answered")]


def test_a_deleted_message_is_not_answered_even_when_the_deletion_comes_first() -> None:
    room = director()
    room.offer(message("@Mika hi", id="x"), 0)
    room.forget("x")
    room.forget("y")
    room.offer(message("@Mika yo", id="y"), 0)
    assert room.pick(0) is None


def test_a_deleted_paid_message_comes_out_with_a_reason_whenever_it_was_deleted() -> None:
    room = director()
    first, second = cheer("a", id="x"), cheer("b", id="y")
    room.offer(first, 0)
    room.forget("x")
    room.forget("y")
    room.offer(second, 0)
    assert room.pick(0) is None
    assert room.refused() == [(first, "the message was deleted"), (second, "the message was deleted")]


def test_a_banned_chatter_is_not_answered() -> None:
    room = director()
    room.offer(message("@Mika hi", "troll"), 0)
    room.offer(message("@Mika yo", "bob"), 0)
    room.forget_chatter("id-troll")
    assert picked(room.pick(0)) == ["yo"]
    assert room.pick(0) is None


def test_a_cleared_chat_leaves_only_what_was_paid() -> None:
    room = director(every_message=True)
    for event in (message("@Mika hi", "a"), message("nice", "b"), cheer("woo", "c")):
        room.offer(event, 0)
    room.forget_chat()
    assert picked(room.pick(0)) == ["woo"]
    assert room.pick(0) is None


def test_a_deleted_copy_takes_only_its_own_writer_out() -> None:
    room = director()
    room.offer(message("@Mika hello!", "a", id="x"), 0)
    room.offer(message("@mika HELLO", "b", id="y"), 0)
    room.forget("x")
    choice = room.pick(0)
    assert choice is not None
    assert [event.chatter.name for event in choice.events] == ["b"]


def test_copies_become_one_answer_to_the_chatters_who_wrote_them() -> None:
    room = director(every_message=True)
    for who in "abcde":
        room.offer(message("Hellooo!", who), 0)
    choice = room.pick(0)
    assert choice is not None
    assert len(choice.events) == BATCH
    assert len({event.chatter.id for event in choice.events}) == BATCH
    assert room.pick(0) is None


def test_more_copies_weigh_more() -> None:
    room = director()
    for who in "ab":
        room.offer(message("@Mika sing", who), 0)
    room.offer(message("@Mika dance", "c"), 0)
    assert picked(room.pick(0)) == ["sing", "sing"]


def test_a_chatter_has_at_most_two_messages_waiting_the_newest() -> None:
    room = director(chatter_cooldown=0)
    for text in ("@Mika one", "@Mika two", "@Mika three", "@Mika four"):
        room.offer(message(text, "spammer"), 0)
    assert [picked(room.pick(0)) for _ in range(3)] == [["three"], ["four"], []]


def test_mentions_of_different_chatters_are_answered_together_when_many_wait() -> None:
    room = director()
    for number in range(4):
        room.offer(message(f"@Mika question {number}", f"v{number}", number), number)
    room.offer(message("@Mika another", "v3", 3), 3)
    choice = room.pick(4)
    assert choice is not None
    assert len(choice.events) == BATCH
    assert len({event.chatter.id for event in choice.events}) == BATCH
    assert choice.text.count("\n") == BATCH - 1


def test_what_was_paid_is_answered_alone() -> None:
    room = director()
    for number in range(5):
        room.offer(message(f"@Mika question {spelled(number)}", f"v{number}"), 0)
    room.offer(cheer("woo", "rich"), 0)
    assert picked(room.pick(0)) == ["woo"]


def test_chatters_who_were_not_answered_come_first() -> None:
    room = director(chatter_cooldown=0)
    room.offer(message("@Mika one", "a"), 0)
    room.pick(0)
    room.offer(message("@Mika two", "a", 5), 5)
    room.offer(message("@Mika three", "b", 1), 5)
    assert picked(room.pick(5)) == ["three"]


def test_a_repeated_text_is_not_answered_again_in_a_busy_chat() -> None:
    room = director(chatter_cooldown=0)
    for number in range(5):
        room.offer(message("lively", f"v{number}"), 0)
    room.offer(message("@Mika buy followers", "spammer"), 0)
    assert room.has_waiting(0)
    assert picked(room.pick(0)) == ["buy followers"]
    room.offer(message("@Mika BUY followers!!", "spammer", 20), 20)
    assert room.pick(20) is None
    assert not room.has_waiting(20), "she does not listen to what she will not answer"


def test_in_a_talk_between_two_a_repeated_text_is_answered() -> None:
    room = director(chatter_cooldown=0)
    for second in (0, 20, 40):
        room.offer(message("@Mika hello", "bob", second), second)
        assert picked(room.pick(second)) == ["hello"]


def spelled(number: int) -> str:
    """A word of its own for each number: repeated digits would count as a stretched copy."""
    return "".join("abcdefghij"[int(digit)] + "x" for digit in str(number))


def test_the_lanes_are_bounded_and_keep_the_newest() -> None:
    room = director(chatter_cooldown=0, replies_per_minute=10_000)
    for number in range(ROOM[Lane.MENTION] + 50):
        room.offer(message(f"@Mika question {spelled(number)}", f"v{number}"), 0)
    answered: list[str] = []
    while choice := room.pick(0):
        answered += picked(choice)
    assert sorted(answered) == sorted(f"question {spelled(number)}" for number in range(50, ROOM[Lane.MENTION] + 50))


def test_what_goes_unanswered_for_too_much_of_it_is_told_by_reason() -> None:
    shed: list[str] = []
    persona = PersonaSnapshot(1, "Mika", "", "", "en", Triggers(every_message=True))
    room = Director(persona, rng=random.Random(0), shed=shed.append)
    room.offer(message("@Mika too late", at=0), LIFE[Lane.MENTION] + 1)
    assert shed == ["late"]
    for text in ("@Mika one", "@Mika two", "@Mika three"):
        room.offer(message(text, "bob"), 0)
    assert shed == ["late", "chatter_full"]
    for number in range(ROOM[Lane.MENTION] - 1):
        room.offer(message(f"@Mika {spelled(number)}", f"chatter{number}"), 0)
    assert shed == ["late", "chatter_full", "lane_full"]
    room.cool_off("id-rude", 0)
    room.offer(message("@Mika rude", "rude"), 0)
    assert shed[3:] == ["left_alone"]
    room.next_wake(LIFE[Lane.MENTION] + 1)
    assert shed[4:] == ["stale"] * ROOM[Lane.MENTION]


def test_what_nobody_meant_for_her_is_not_told_as_dropped() -> None:
    shed: list[str] = []
    room = Director(PersonaSnapshot(1, "Mika", "", "", "en", Triggers()), rng=random.Random(0), shed=shed.append)
    room.offer(message("hello bob"), 0)
    room.offer(message("@Mika hello", id="m"), 0)
    room.forget("m")
    assert shed == []


def test_only_what_may_be_answered_or_must_be_refused_asks_for_a_look() -> None:
    queue = director()
    called = message("Mika hi")
    assert queue.offer(called, 0.0)
    assert not queue.offer(called, 0.0)
    assert not queue.offer(message("nothing for her"), 0.0)
    assert not queue.offer(message("!ai too late", at=-1000.0), 0.0)
    assert queue.offer(cheer("", amount=0), 0.0)
    assert len(queue.refused()) == 1
