"""Moderators and the queue of a live channel: what they see, and what becomes of what they drop or put first."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from channels_app import actions, talk
from channels_app.models import AuditEvent, Channel, PaidEvent, User
from tests.clock import until
from tests.dashboards import dashboard
from tests.fakes.provider import ProviderServer, reply
from tests.live import live, watching

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


async def test_they_see_who_is_answered_and_who_waits(stage: Channel, provider: ProviderServer) -> None:
    provider.chat.queue(reply("A first answer."))
    async with dashboard(stage) as seen, live(stage) as channel:
        channel.show.holding = True
        await channel.say("!ai hello", name="Mia")
        await until(lambda: bool(channel.show.utterances) and channel.show.utterances[0].complete)
        await channel.tell(t="queue")
        await until(lambda: bool(seen.queues) and bool(seen.queues[-1]["now"]))
        assert seen.queues[-1]["now"][0]["name"] == "Mia"
        assert seen.queues[-1]["waiting"] == []


async def test_what_is_dropped_is_not_answered_and_what_is_put_first_is_answered_first(
    stage: Channel, provider: ProviderServer, bob: User
) -> None:
    # Nobody listens yet, so that everybody waits.
    async with dashboard(stage) as seen, live(stage, overlay=False) as channel:
        await channel.say("!ai one", name="One")
        await channel.say("!ai two", name="Two")
        await channel.say("!ai three", name="Three")
        await seen.shows("one", "two", "three")
        await sync_to_async(actions.drop_waiting)(await fresh(stage), acting_user=bob, event=seen.id_of("two"))
        await seen.shows("one", "three")
        last = seen.waiting[-1]
        await sync_to_async(actions.answer_next)(await fresh(stage), acting_user=bob, event=seen.id_of(last))
        await until(lambda: seen.waiting[0] == last)
        assert seen.queues[-1]["waiting"][0]["chosen"]
        async with watching(stage):
            turns = await channel.settled(2)
    assert [turn.asked for turn in turns] == [last, *({"one", "three"} - {last})]
    assert [
        (row.action, row.actor_id)
        async for row in AuditEvent.objects.filter(action__startswith="queue.").order_by("pk")
    ] == [("queue.drop", bob.pk), ("queue.next", bob.pk)]


async def test_something_paid_that_is_dropped_is_refused_with_the_reason(
    stage: Channel, provider: ProviderServer, bob: User
) -> None:
    async with dashboard(stage) as seen, live(stage, overlay=False) as channel:
        await sync_to_async(talk.say_as)(stage, "Payer", "Cheer100 hi", "cheer", 100)
        await until(lambda: len(seen.waiting) == 1)
        assert seen.queues[-1]["waiting"][0]["paid"]
        await channel.tell(t="command", name="drop", event=seen.queues[-1]["waiting"][0]["id"])

        async def refused() -> bool:
            return (await PaidEvent.objects.aget(channel=stage)).state == "refused"

        await until(refused)
        await seen.shows()
        before = len(seen.queues)
        await channel.tell(t="paid")
        await channel.tell(t="queue")
        await until(lambda: len(seen.queues) > before)
        assert seen.waiting == []
    row = await PaidEvent.objects.aget(channel=stage)
    assert (row.state, row.reason) == ("refused", "dropped by a moderator")


async def fresh(channel: Channel) -> Channel:
    return await Channel.objects.aget(pk=channel.pk)
