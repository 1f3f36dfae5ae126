"""Sentences are held back before they are heard: what moderators see of them, and what they can take away."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from channels_app import replies
from channels_app.models import Channel, PaidEvent, User
from channels_app.talk import say_as
from tests.clock import until
from tests.dashboards import dashboard
from tests.fakes.provider import ProviderServer, reply
from tests.live import live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


@pytest.fixture
async def held(stage: Channel) -> Channel:
    await Channel.objects.filter(pk=stage.pk).aupdate(delay_seconds=2)
    return stage


async def test_what_is_about_to_be_said_is_shown_and_taken_away_before_it_is_heard(
    held: Channel, provider: ProviderServer, bob: User
) -> None:
    provider.chat.queue(reply("Something awful. And more of it."), reply("Good evening."))
    async with dashboard(held) as seen, live(held) as channel:
        await channel.tell(t="queue")
        paid = await sync_to_async(say_as)(held, "Payer", "Cheer100 hi", "cheer", 100)
        await until(lambda: bool(seen.held) and bool(seen.held[0]["leaves"]))
        shown = seen.held[0]
        assert (shown["name"], shown["first"], shown["sentences"][0]) == ("Payer", 0, "Something awful.")
        assert 0 < shown["leaves"] - seen.queues[-1]["clock"] <= 2
        assert channel.show.states[-1] == "thinking"
        row = await Channel.objects.aget(pk=held.pk)
        await sync_to_async(replies.kill)(row, acting_user=bob, turn=shown["id"], first=shown["first"])
        [turn] = await channel.settled()
        assert channel.show.utterances == []
        await channel.say("!ai good evening", name="Ann")
        turns = await channel.settled(2)
        assert [utterance.turn for utterance in channel.show.utterances] == [str(turns[1].pk)]
    assert (turn.outcome, turn.reason) == ("interrupted", "taken away by a moderator before it was heard")
    assert (turn.heard, turns[1].heard) == ("", "Good evening.")
    event = await PaidEvent.objects.aget(event_id=paid)
    assert (event.state, event.reason) == ("refused", "taken away by a moderator before it was heard")
    assert "Something awful" not in str(provider.requests_to("/chat/completions")[-1].body["messages"])


async def test_a_message_deleted_while_its_reply_is_held_back_is_never_answered(
    held: Channel, provider: ProviderServer
) -> None:
    async with dashboard(held) as seen, live(held) as channel:
        await channel.tell(t="queue")
        message = await channel.say("!ai hello", name="Rude")
        await until(lambda: bool(seen.held) and bool(seen.held[0]["leaves"]))
        await channel.tell(t="deleted", message_id=message)
        [turn] = await channel.settled()
        assert (turn.outcome, turn.reason) == ("interrupted", "the message was deleted")
        await until(lambda: seen.held == [])
        await channel.say("!ai and me?", name="Kind")
        await channel.settled(2)
        assert len(channel.show.utterances) == 1
