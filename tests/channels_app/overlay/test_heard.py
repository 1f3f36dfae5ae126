"""The overlay's word about a turn, and what the dashboard then calls it."""

from __future__ import annotations

from typing import Any

import pytest

from channels_app.models import Channel, Turn
from channels_app.overlay.heard import Announced, mark_heard
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]


@pytest.mark.parametrize(
    ("before", "after"),
    [("thinking", "speaking"), ("speaking", "speaking"), ("spoken", "spoken"), ("interrupted", "interrupted")],
)
def test_an_open_turn_that_is_heard_is_being_spoken(channel: Channel, before: str, after: str) -> None:
    turn = factories.turn(channel, outcome=before)
    assert mark_heard(channel, str(turn.pk))
    assert Turn.objects.get(pk=turn.pk).outcome == after


ORPHAN = {"outcome": "interrupted", "reason": Turn.RUN_ENDED, "said": ""}


def test_of_a_turn_whose_run_died_the_page_tells_how_far_it_was_heard(channel: Channel) -> None:
    turn = factories.turn(channel, **ORPHAN)
    for words in ("Well, hello.", "Well, hello. I was asleep.", "Well, hello."):
        mark_heard(channel, str(turn.pk), words)
    turn.refresh_from_db()
    assert (turn.heard, turn.said) == ("Well, hello. I was asleep.",) * 2


@pytest.mark.parametrize("fields", [{"outcome": "interrupted", "reason": "skipped"}, ORPHAN | {"forgotten": True}])
def test_what_a_run_wrote_down_or_a_chatter_wants_forgotten_stays_as_it_is(
    channel: Channel, fields: dict[str, Any]
) -> None:
    turn = factories.turn(channel, **fields, heard="")
    mark_heard(channel, str(turn.pk), "Well, hello.")
    turn.refresh_from_db()
    assert turn.heard == ""


def test_sentences_are_heard_from_where_they_begin() -> None:
    told = Announced()
    told.note({"t": "sentence", "utt": 3, "at": 0.0, "text": "Of another page."})
    for _ in range(2):  # a page that comes back is told it again
        told.note({"t": "speech.begin", "utt": 4, "turn": "a"})
        told.note({"t": "sentence", "utt": 4, "at": 0.0, "text": "One."})
        told.note({"t": "sentence", "utt": 4, "at": 900.0, "text": "Two."})
    assert [told.until("a", position, "playing") for position in (0.0, 899.0, 900.0)] == ["One.", "One.", "One. Two."]
    for event in ("underrun", "interrupted", "ended"):
        heard = [told.until("a", position, event) for position in (0.0, 0.1, 900.0, 900.1)]
        assert heard == ["", "One.", "One.", "One. Two."]
    for utterance in range(5, 9):
        told.note({"t": "speech.begin", "utt": utterance, "turn": str(utterance)})
    assert told.until("a", 900.0, "playing") == ""
