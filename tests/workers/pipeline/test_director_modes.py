"""How outgoing she is: whom each mode lets in, and how long she waits."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from tests.workers.pipeline.chat import cheer, director, message, picked
from workers.pipeline.director import Director
from workers.pipeline.mode import Mode
from workers.pipeline.modes import POLICIES
from workers.pipeline.triggers import Listener, NoCall
from workers.pipeline.values import EventKind, PersonaSnapshot, StreamEvent, Triggers

PAID = [EventKind.CHEER, EventKind.SUB, EventKind.GIFT, EventKind.REDEMPTION]
FREE = [EventKind.RAID, EventKind.FOLLOW]


def room(mode: Mode, **triggers: Any) -> Director:
    return director(mode=mode, **triggers)


def heard(mode: Mode, event: StreamEvent, **triggers: Any) -> list[str]:
    place = room(mode, **triggers)
    place.offer(event, 0)
    return picked(place.pick(0))


def by(role: str, text: str = "Mika, hi") -> StreamEvent:
    event = message(text)
    badge: dict[str, Any] = {role: True} if role else {}
    return replace(event, chatter=replace(event.chatter, **badge))


def test_every_mode_has_a_policy() -> None:
    assert set(POLICIES) == set(Mode)


def test_the_normal_mode_changes_nothing() -> None:
    triggers = Triggers(question=True, chance=0.3, cooldown=4, replies_per_minute=20)
    assert POLICIES[Mode.NORMAL].shaped(triggers) == triggers


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("kind", PAID)
def test_what_was_paid_is_answered_in_every_mode(mode: Mode, kind: EventKind) -> None:
    assert heard(mode, message("woo", kind=kind, amount=100, paid_id=1)) == ["woo"]


@pytest.mark.parametrize("mode", Mode)
def test_a_line_she_is_asked_to_say_is_said_in_every_mode(mode: Mode) -> None:
    assert heard(mode, message("Hello all", "helper", kind=EventKind.SAY)) == ["Hello all"]


@pytest.mark.parametrize("mode", [Mode.PAID_ONLY, Mode.SUBS_ONLY])
def test_a_paid_event_that_is_switched_off_still_comes_out_with_its_reason(mode: Mode) -> None:
    place = room(mode, events=frozenset({EventKind.SUB}))
    event = cheer("hello all")
    place.offer(event, 0)
    assert place.pick(0) is None
    assert place.refused() == [(event, "reactions to cheer are switched off")]


@pytest.mark.parametrize("role", ["", "is_subscriber", "is_moderator", "is_vip", "is_broadcaster"])
def test_paid_only_leaves_chat_to_itself(role: str) -> None:
    assert heard(Mode.PAID_ONLY, by(role), every_message=True) == []


def test_a_small_cheer_that_calls_her_is_answered_in_paid_only_too() -> None:
    assert heard(Mode.PAID_ONLY, cheer("Mika, hi", amount=1), cheer_minimum=50) == ["hi"]


@pytest.mark.parametrize("role", ["is_subscriber", "is_moderator", "is_vip", "is_broadcaster"])
def test_subs_only_hears_those_who_belong(role: str) -> None:
    assert heard(Mode.SUBS_ONLY, by(role)) == ["hi"]
    assert heard(Mode.SUBS_ONLY, by(role, "nice weather")) == [], "the triggers still decide"


def test_subs_only_does_not_hear_the_others() -> None:
    assert heard(Mode.SUBS_ONLY, by("")) == []
    assert heard(Mode.SUBS_ONLY, by("", "nice weather"), every_message=True) == []


@pytest.mark.parametrize("kind", FREE)
def test_raids_and_follows_are_no_business_of_closed_modes(kind: EventKind) -> None:
    event = message("", kind=kind, amount=5)
    answers = {mode: heard(mode, event) == [""] for mode in Mode}
    assert answers == {mode: mode not in (Mode.PAID_ONLY, Mode.SUBS_ONLY) for mode in Mode}


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (Mode.PAID_ONLY, "she answers only what is paid for"),
        (Mode.SUBS_ONLY, "she answers only subscribers, VIPs and moderators"),
    ],
)
def test_who_is_left_out_is_told_why(mode: Mode, reason: str) -> None:
    listener = Listener("Mika", Triggers(mode=mode), random.Random(0))
    assert listener.hear(message("Mika, hi")) == NoCall(reason)


def test_a_chatty_character_answers_questions_and_a_quarter_of_what_is_said() -> None:
    assert heard(Mode.CHATTY, message("does anybody know this song?")) == ["does anybody know this song?"]
    place = room(Mode.CHATTY, chatter_cooldown=0, replies_per_minute=10_000)
    answered = 0
    for second in range(400):
        place.offer(message(f"word {second}", f"v{second}", second), second)
        answered += len(picked(place.pick(second)))
    assert 70 <= answered <= 130


def test_a_chatty_character_keeps_to_the_broadcasters_limits() -> None:
    place = room(Mode.CHATTY, replies_per_minute=2)
    answered = []
    for second in range(50):
        place.offer(message(f"Mika, word {second}", f"v{second}", second), second)
        answered += picked(place.pick(second))
    assert answered == ["word 0", "word 1"]


@pytest.mark.parametrize("text", ["nice weather", "does anybody know this song?"])
def test_a_shy_character_says_nothing_unless_called(text: str) -> None:
    loud = {"every_message": True, "question": True, "first_message": True, "chance": 1.0}
    assert heard(Mode.SHY, message(text), **loud) == []
    assert heard(Mode.SHY, message(f"Mika, {text}"), **loud) == [text]


def test_a_shy_character_waits_after_each_reply() -> None:
    place = room(Mode.SHY)
    place.offer(message("Mika, one", "a"), 0)
    choice = place.pick(0)
    assert choice is not None
    place.answered(choice, 6)
    place.offer(message("Mika, two", "b", 10), 10)
    assert place.pick(10) is None
    assert place.next_wake(10) == pytest.approx(11)
    assert picked(place.pick(21)) == ["two"]


def test_a_shy_character_lets_an_old_call_go() -> None:
    chat = [message(f"word {number}", f"v{number}") for number in range(5)]
    for mode, answered in ((Mode.NORMAL, ["hi"]), (Mode.SHY, [])):
        place = room(mode)
        for event in (message("Mika, hi"), *chat):
            place.offer(event, 0)
        assert picked(place.pick(43)) == answered


def test_a_shy_characters_longer_pauses_stay() -> None:
    shaped = POLICIES[Mode.SHY].shaped(Triggers(cooldown=40, chatter_cooldown=90, replies_per_minute=1))
    assert (shaped.cooldown, shaped.chatter_cooldown, shaped.replies_per_minute) == (40, 90, 1)


def test_another_mode_holds_from_the_next_message_on() -> None:
    place = room(Mode.NORMAL)
    place.use(PersonaSnapshot(2, "Mika", "", "", "en", Triggers(mode=Mode.PAID_ONLY)))
    place.offer(message("Mika, hi"), 0)
    assert place.pick(0) is None
