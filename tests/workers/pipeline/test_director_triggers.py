"""Which messages and events call her, and what is left of them to answer."""

from typing import Any

import pytest

from tests.workers.pipeline.chat import cheer, director, message, picked
from workers.pipeline.values import EventKind


@pytest.mark.parametrize(
    ("text", "trigger", "answered"),
    [
        ("@Mika how are you", "mention", "how are you"),
        ("mika, how are you", "mention", "how are you"),
        ("MIKAAA hi", "mention", "hi"),
        ("tell me Mika, is it late", "mention", "tell me Mika, is it late"),
        ("@Mika", "mention", "@Mika"),
        ("Foxy what now", "nickname", "what now"),
        ("!ai  tell a joke", "command", "tell a joke"),
        ("!AI", "command", "!AI"),
    ],
)
def test_a_call_is_answered_without_its_address(text: str, trigger: str, answered: str) -> None:
    room = director(nicknames=("foxy",))
    room.offer(message(text), 0)
    choice = room.pick(0)
    assert choice is not None
    assert (choice.trigger, choice.text, picked(choice)) == (trigger, answered, [answered])


@pytest.mark.parametrize(
    "text", ["hello all", "mikado is a game", "!so mika", "visit mika.com", "!aim high", "   ", "l'mika"]
)
def test_what_does_not_call_her_is_left_alone(text: str) -> None:
    room = director()
    room.offer(message(text), 0)
    assert room.pick(0) is None


def test_a_short_name_is_not_heard_in_another_words_ending() -> None:
    room = director("ai")
    room.offer(message("j'ai faim, said the mai"), 0)
    assert room.pick(0) is None
    room.offer(message("ai what is love"), 0)
    assert picked(room.pick(0)) == ["what is love"]


@pytest.mark.parametrize(
    ("events", "minimum", "amount", "answered"),
    [
        ({EventKind.CHEER}, 100, 100, True),
        ({EventKind.CHEER}, 100, 99, False),
        ({EventKind.SUB}, 1, 500, False),
    ],
)
def test_a_tip_counts_as_a_cheer_of_its_worth(
    events: set[EventKind], minimum: int, amount: int, *, answered: bool
) -> None:
    room = director(events=frozenset(events), cheer_minimum=minimum)
    room.offer(message("", "nora", kind=EventKind.TIP, amount=amount, title="$1", paid_id=1), 0)
    choice = room.pick(0)
    assert (choice is not None and choice.trigger == "tip") is answered


def test_a_reply_to_her_message_calls_her() -> None:
    room = director()
    room.offer(message("and then?", reply_to_character=True), 0)
    choice = room.pick(0)
    assert choice is not None
    assert choice.trigger == "reply"


@pytest.mark.parametrize(
    ("triggers", "text", "expected"),
    [
        ({"mention": False}, "@Mika hi", []),
        ({"command": ""}, "!ai hi", []),
        ({"command": "!fox"}, "!fox hi", ["hi"]),
        ({"every_message": True}, "nice weather", ["nice weather"]),
        ({"every_message": True}, "!so bob", []),
        ({"chance": 1.0}, "nice weather", ["nice weather"]),
        ({"chance": 0.0}, "nice weather", []),
        ({"ignored": frozenset({"bob"})}, "@Mika hi", []),
        ({"ignored": frozenset({"id-bob"})}, "@Mika hi", []),
    ],
)
def test_the_broadcasters_triggers_decide(triggers: dict[str, Any], text: str, expected: list[str]) -> None:
    room = director(**triggers)
    room.offer(message(text), 0)
    assert picked(room.pick(0)) == expected


def test_chance_answers_its_share_of_other_messages() -> None:
    room = director(chance=0.2, chatter_cooldown=0, replies_per_minute=10_000, seed=4)
    answered = 0
    for second in range(500):
        room.offer(message(f"word {second}", f"v{second}", second), second)
        answered += len(picked(room.pick(second)))
    assert 70 <= answered <= 130


def test_emotes_alone_are_no_call() -> None:
    room = director(every_message=True)
    room.offer(message("Kappa Kappa", emote_only=True), 0)
    assert room.pick(0) is None


@pytest.mark.parametrize(
    "kind", [EventKind.SUB, EventKind.GIFT, EventKind.RAID, EventKind.FOLLOW, EventKind.REDEMPTION]
)
def test_every_kind_of_event_is_answered_when_it_is_on(kind: EventKind) -> None:
    room = director()
    room.offer(message("", kind=kind, amount=5), 0)
    choice = room.pick(0)
    assert choice is not None
    assert (choice.trigger, choice.paid) == (kind.value, kind not in (EventKind.RAID, EventKind.FOLLOW))


def test_paid_events_that_are_switched_off_or_too_small_come_out_with_a_reason() -> None:
    room = director(events=frozenset({EventKind.CHEER}), cheer_minimum=50)
    small, sub = cheer("hi all", amount=10), message("", kind=EventKind.SUB)
    room.offer(small, 0)
    room.offer(sub, 0)
    assert room.pick(0) is None
    assert room.refused() == [(small, "below the minimum of 50 bits"), (sub, "reactions to sub are switched off")]
    assert room.refused() == []


def test_a_small_cheer_that_calls_her_is_answered_as_paid() -> None:
    room = director(cheer_minimum=50)
    room.offer(cheer("@Mika hi", amount=1), 0)
    choice = room.pick(0)
    assert choice is not None
    assert (choice.paid, choice.lane, choice.trigger, choice.text) == (True, "paid", "mention", "hi")
