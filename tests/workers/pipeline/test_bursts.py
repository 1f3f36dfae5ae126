"""Many who do the same at once are thanked in one line, and nobody who paid is left out."""

from __future__ import annotations

from typing import NoReturn

import pytest

from tests.fakes.line import MarkerGate
from tests.virtual_time import virtual
from tests.workers.brain.requests import ask
from tests.workers.pipeline.chat import cheer, director, message
from workers.brain.prompt import build_messages
from workers.brain.scripted import ScriptedBrain
from workers.pipeline.admission import admit
from workers.pipeline.values import UNNAMED, EventKind


@pytest.mark.parametrize(
    ("kind", "lines"),
    [(EventKind.GIFT, 1), (EventKind.SUB, 1), (EventKind.FOLLOW, 1), (EventKind.RAID, 1)],
)
def test_fifty_at_once_are_one_line(kind: EventKind, lines: int) -> None:
    room = director()
    for number in range(30 if kind in {EventKind.FOLLOW, EventKind.RAID} else 50):
        room.offer(message("", f"v{number}", number / 100, kind=kind, amount=1, paid_id=number), number / 100)
    said = []
    while (choice := room.pick(5.0)) is not None:
        said.append(choice)
        room.answered(choice, 5.0)
    assert len(said) == lines
    assert len({event.id for event in said[0].events}) == len(said[0].events) >= 30
    assert room.refused() == []


def test_what_comes_while_she_thanks_the_first_is_thanked_together_afterwards() -> None:
    room = director()
    room.offer(message("", "first", 0, kind=EventKind.SUB, paid_id=1), 0)
    assert len((room.pick(0) or _nobody()).events) == 1
    for number in range(49):
        room.offer(message("", f"v{number}", 1, kind=EventKind.SUB, paid_id=number + 2), 1)
    assert len((room.pick(6) or _nobody()).events) == 49
    assert room.pick(6) is None


def test_whoever_writes_something_or_did_something_else_gets_an_answer_of_their_own() -> None:
    room = director()
    room.offer(message("", "a", 0, kind=EventKind.SUB, paid_id=1), 0)
    room.offer(message("three years already!", "b", 1, kind=EventKind.SUB, paid_id=2), 1)
    room.offer(cheer("", "c", 2), 2)
    room.offer(cheer("", "c2", 2), 2)
    room.offer(message("", "d", 3, kind=EventKind.SUB, paid_id=4), 3)
    said = []
    while (choice := room.pick(4)) is not None:
        said.append([event.chatter.name for event in choice.events])
    assert said == [["a", "d"], ["b"], ["c", "c2"]]


def test_a_model_hears_three_of_them_and_how_many_the_others_are() -> None:
    gifts = [message("", f"Giver{letter}", kind=EventKind.GIFT, amount=5) for letter in "abcdefgh"]
    admitted = admit(MarkerGate(), gifts, lambda text, default: default, "en")
    assert [event.chatter.name for event in admitted.events][3:] == [UNNAMED] * 5
    last = build_messages(ask(events=list(admitted.events)))[-1].content
    assert last.count('"from"') == 3
    assert '"others_who_did_the_same": 5, "gifted_subs": 25' in last


@virtual
async def test_the_demo_brain_names_one_and_counts_all() -> None:
    gifts = [message("", f"Giver{letter}", kind=EventKind.GIFT, amount=5) for letter in "abcd"]
    said = ""
    brain = ScriptedBrain()
    for _ in range(6):
        said += "".join([delta async for delta in brain.reply(ask(events=gifts))])
    assert "Givera and 3 more" in said
    assert "20 gifted subs" in said


def _nobody() -> NoReturn:
    raise AssertionError("nobody was picked")
