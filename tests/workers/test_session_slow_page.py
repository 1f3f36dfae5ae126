"""What becomes of a turn whose sound the page that is heard could not take."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from channels_app import talk
from channels_app.models import Channel, PaidEvent
from tests.clock import until
from tests.fakes.provider import ProviderServer, reply
from tests.live import LiveChannel, live
from workers.performance import TOO_SLOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

LONG = (
    "The kettle sang all night about the harbour and its boats. Nobody listened to the kettle but the moon. "
    "In the morning there were seven ships, and every one of them was made of tea and had a name of its own. "
    "The moon went home without a word, and I have been looking for the eighth ship ever since that day."
)


async def drops(channel: LiveChannel, utterance: int) -> None:
    """As the web process says of the page that is heard."""
    await channel.tell(t="dropped", utts=[utterance], fence=channel.lease.fence, connection="page")


async def test_what_was_heard_of_it_is_what_stands_in_its_row(stage: Channel, provider: ProviderServer) -> None:
    provider.chat.queue(reply(LONG))
    async with live(stage) as channel:
        channel.show.holding = True
        await channel.say("!ai tell me a story")
        await until(lambda: bool(channel.show.utterances) and channel.show.utterances[0].seconds > 4)
        await drops(channel, 1)
        [turn] = await channel.settled()
    [utterance] = channel.show.utterances
    assert utterance.interrupted, "the pages that could have played on are told, too"
    assert not utterance.complete
    assert (turn.outcome, turn.reason) == ("interrupted", TOO_SLOW)
    assert turn.heard == "The kettle sang all night about the harbour and its boats."


async def test_what_was_paid_and_not_heard_is_answered_again(stage: Channel, provider: ProviderServer) -> None:
    provider.chat.queue(reply(LONG), reply("Thank you."))
    async with live(stage) as channel:
        channel.show.unplayed = {1}
        await sync_to_async(talk.say_as)(stage, "Payer", "hello", "redemption")
        await until(lambda: bool(channel.show.utterances) and channel.show.utterances[0].seconds > 1)
        assert (await PaidEvent.objects.aget(channel=stage)).state == "claimed"
        await drops(channel, 1)
        turns = await channel.settled(2)
    assert [(turn.outcome, turn.reason) for turn in turns] == [("failed", TOO_SLOW), ("spoken", "")]
    assert (await PaidEvent.objects.aget(channel=stage)).state == "spoken"


async def test_a_long_reply_is_made_and_told_no_faster_than_it_is_heard(
    stage: Channel, provider: ProviderServer
) -> None:
    provider.chat.queue(reply(LONG))
    async with live(stage) as channel:
        channel.show.holding = True
        await channel.say("!ai tell me a story")
        await until(lambda: bool(channel.show.utterances) and channel.show.utterances[0].seconds > 4)
        heard = channel.show.utterances[0].seconds
        assert heard < 7
        assert not channel.show.utterances[0].complete
        await channel.tell(t="command", name="skip")
        await channel.settled()
    assert channel.show.utterances[0].seconds < heard + 1
