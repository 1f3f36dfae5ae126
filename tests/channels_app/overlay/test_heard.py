"""The overlay's word about a turn, and what the dashboard then calls it."""

from __future__ import annotations

import pytest

from channels_app.models import Channel, Turn
from channels_app.overlay.heard import mark_heard
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
