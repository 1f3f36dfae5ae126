"""Whom a live channel answers: its mode, and whom it has met before."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from channels_app.models import Channel, Turn
from tests import factories
from tests.live import live
from workers.records import answered_chatters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


async def test_a_newcomer_is_answered_and_somebody_met_before_is_not(channel: Channel) -> None:
    await sync_to_async(_greets_newcomers)(channel)
    async with live(channel) as running:
        await running.say("hello everybody", name="Dora")
        await running.say("hello everybody here", name="Newcomer")
        [_before, turn] = await running.settled()
    assert (turn.chatter_name, turn.trigger) == ("Newcomer", "first message")


async def test_who_was_met_is_known_where_newcomers_are_greeted_from_now_on(channel: Channel) -> None:
    async with live(channel) as running:
        await sync_to_async(_greets_newcomers)(channel)
        await running.tell(t="command", name="reload")
        await running.say("hello everybody", name="Dora")
        await running.say("hello everybody here", name="Newcomer")
        [_before, turn] = await running.settled()
    assert (turn.chatter_name, turn.trigger) == ("Newcomer", "first message")


def _greets_newcomers(channel: Channel) -> None:
    factories.version(channel.personas.get(), first_message=True, chatter_cooldown=0)
    factories.turn(channel, chatter_id="dora", answered=Turn.barred("event-0", "dora"))


def test_only_this_channels_own_turns_tell_whom_it_met(channel: Channel) -> None:
    factories.turn(channel, answered=Turn.barred("event-1", "44"))
    factories.turn(factories.channel(), answered=Turn.barred("event-2", "55"))
    assert answered_chatters(channel.pk) == {"event-1", "44"}
