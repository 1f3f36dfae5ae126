"""Questions to nobody, and the first that a chatter says."""

from __future__ import annotations

import pytest

from tests.workers.pipeline.chat import cheer, director, message, picked
from workers.pipeline.triggers import is_question
from workers.pipeline.values import PersonaSnapshot, Triggers


@pytest.mark.parametrize(
    "text",
    [
        "does anybody know this song?",
        "wait, is this the last boss ?",
        "what game is this",
        "who's the guest today",
        "how long is the stream",
        "где вчерашняя запись",
        "а когда следующий стрим?",
        "как называется игра",
        "сколько часов наиграно",
        "これは何のゲームですか？",
    ],
)
def test_a_question_is_known_as_one(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "what a play",
        "what I like is the music",
        "how nice",
        "when I was young we had cartridges",
        "do it again",
        "will smith",
        "as if",
        "что за красота!",
        "как же красиво",
        "когда он придёт, начнём",
        "????",
        "watch https://example.com/v?id=12",
        "nice weather",
    ],
)
def test_what_only_looks_like_a_question_is_none(text: str) -> None:
    assert not is_question(text)


def test_a_question_to_nobody_is_answered_where_the_broadcaster_wants_it() -> None:
    for wanted, answered in ((True, ["what game is this?"]), (False, [])):
        room = director(question=wanted)
        room.offer(message("what game is this?"), 0)
        choice = room.pick(0)
        assert picked(choice) == answered
        assert choice is None or choice.trigger == "question"


def test_a_question_to_somebody_else_is_left_to_them() -> None:
    room = director(question=True)
    room.offer(message("@bob what game is this?"), 0)
    room.offer(message("bob what game is this?", to_somebody=True), 0)
    assert room.pick(0) is None


def test_those_who_call_her_go_before_those_who_ask_nobody() -> None:
    room = director(question=True)
    room.offer(message("what game is this?", "a"), 0)
    room.offer(message("Mika, hi", "b"), 0)
    assert picked(room.pick(0)) == ["hi"]
    assert picked(room.pick(0)) == ["what game is this?"]


def test_the_first_message_of_a_chatter_is_answered_and_no_other() -> None:
    room = director(first_message=True, chatter_cooldown=0)
    room.offer(message("hello all", "ann"), 0)
    choice = room.pick(0)
    assert choice is not None
    assert (picked(choice), choice.trigger) == (["hello all"], "first message")
    room.offer(message("nice weather", "ann", 1), 1)
    assert room.pick(1) is None


def test_without_the_trigger_newcomers_are_heard_like_everybody() -> None:
    room = director()
    room.offer(message("hello all", "ann"), 0)
    assert room.pick(0) is None


def test_emotes_and_commands_are_not_yet_somebodys_first_words() -> None:
    room = director(first_message=True)
    room.offer(message("Kappa", "ann", emote_only=True), 0)
    room.offer(message("!lurk", "ann"), 0)
    assert room.pick(0) is None
    room.offer(message("hello all", "ann"), 0)
    assert picked(room.pick(0)) == ["hello all"]


def test_whom_she_has_met_is_no_newcomer_in_a_new_run() -> None:
    room = director(first_message=True)
    room.introduce(["id-ann"])
    room.offer(message("hello again", "ann"), 0)
    room.offer(message("hello all", "ben"), 0)
    assert picked(room.pick(0)) == ["hello all"]
    assert room.pick(0) is None


def test_somebody_who_introduces_themselves_on_twitch_is_new_even_so() -> None:
    room = director(first_message=True)
    room.introduce(["id-ann"])
    room.offer(message("hello, I am new here", "ann", first_time=True), 0)
    assert picked(room.pick(0)) == ["hello, I am new here"]


def test_the_broadcasters_own_first_message_is_nothing_special() -> None:
    room = director(first_message=True)
    room.offer(message("hello all", "owner"), 0)
    assert room.pick(0) is None


def test_whom_she_has_just_answered_is_no_newcomer() -> None:
    room = director(first_message=True, chatter_cooldown=0)
    room.offer(cheer("woo", "ann"), 0)
    room.offer(message("!ai hello", "ben"), 0)
    assert [picked(room.pick(0)), picked(room.pick(0))] == [["woo"], ["hello"]]
    room.offer(message("nice weather", "ann", 1), 1)
    room.offer(message("nice music", "ben", 1), 1)
    assert room.pick(1) is None


def test_of_two_who_call_her_the_newcomer_is_first() -> None:
    room = director(first_message=True)
    room.introduce(["id-old"])
    room.offer(message("Mika, one", "old", 0.1), 0.1)
    room.offer(message("Mika, two", "new", 0), 0.1)
    assert picked(room.pick(0.1)) == ["two"]


def test_the_trigger_may_be_switched_on_in_mid_stream() -> None:
    room = director()
    room.offer(message("hello all", "ann"), 0)
    room.use(PersonaSnapshot(2, "Mika", "", "", "en", Triggers(first_message=True)))
    room.offer(message("nice weather", "ann", 1), 1)
    assert room.pick(1) is None, "she has heard Ann before"
    room.offer(message("hello all", "ben", 1), 1)
    assert picked(room.pick(1)) == ["hello all"]
