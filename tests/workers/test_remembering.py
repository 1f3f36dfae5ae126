"""What a live channel learns from what was heard, keeps within bounds, and recalls for the next answer."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from billing.models import UsageRecord
from channels_app import forgetting, memory_actions, moderation
from channels_app.models import Channel, MemoryFact, StreamSummary, Turn
from channels_app.models.channel import APPROVAL_SECONDS
from channels_app.models.memory import FACTS_PER_CHATTER
from tests import factories
from tests.fakes.provider import ProviderServer, Timings, reply, slow, status
from tests.workers.memory_room import heard, notes, remembering
from workers import memory_rows
from workers.brain.memory import Remark
from workers.memory_rows import Learned
from workers.pipeline.admission import Admission
from workers.pipeline.values import Chatter
from workers.remembering import MANY, RECALL_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

hear = sync_to_async(heard)


async def facts(channel: Channel, chatter: str = "44") -> list[str]:
    return [row.text async for row in MemoryFact.objects.filter(channel=channel, chatter_id=chatter)]


def asked(text: str, chatter: str = "44") -> Admission:
    return Admission((factories.event(text, chatter=Chatter(chatter, "Dora")),))


async def learn(channel: Channel, provider: ProviderServer, *found: tuple[int, str], summary: str = "Cats.") -> None:
    provider.chat.queue(reply(notes(summary, found)))
    await (await remembering(channel)).look()


async def test_what_was_heard_becomes_a_summary_and_facts_with_source_end_and_price(
    channel: Channel, provider: ProviderServer
) -> None:
    turn = await hear(channel, "I have a cat named Barsik")
    await hear(channel, "I love chess", "45")
    await learn(channel, provider, (1, "Has a cat named Barsik"), (2, "Loves chess"), (9, "Is nobody"))
    fact = await MemoryFact.objects.aget(chatter_id="44")
    assert (fact.text, fact.chatter_name, fact.source_id) == ("Has a cat named Barsik", "Dora", turn.event_id)
    assert fact.expires_at is not None
    assert fact.expires_at > timezone.now() + timedelta(days=30)
    assert await facts(channel, "45") == ["Loves chess"]
    assert (await StreamSummary.objects.aget(channel=channel)).text == "Cats."
    record = await UsageRecord.objects.aget(channel=channel)
    assert (record.kind, record.exact) == ("memory", True)
    assert record.prompt_tokens > 100
    # Nobody's name is told to the model.
    assert "Dora" not in json.dumps(provider.requests[-1].body)


async def test_what_a_judge_asks_for_her_notes_is_a_cost_of_her_memory(
    channel: Channel, provider: ProviderServer, settings: Any
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"JUDGE_BASE_URL": provider.base_url})
    await hear(channel, "I have a cat named Barsik")
    await learn(channel, provider, (1, "Has a cat named Barsik"))
    assert len(provider.requests_to("/decisions")) == 2, "the summary and the fact"
    records = [record async for record in UsageRecord.objects.filter(channel=channel)]
    assert {record.kind for record in records} == {"memory"}
    assert sum(record.prompt_tokens for record in records) == provider.till.prompt


async def test_the_same_turns_are_not_read_twice_and_the_next_go_on_from_the_summary(
    channel: Channel, provider: ProviderServer
) -> None:
    await hear(channel, "I have a cat named Barsik")
    await learn(channel, provider)
    await learn(channel, provider)
    assert len(provider.requests) == 1
    provider.chat.waiting.clear()
    await hear(channel, "I love chess")
    await learn(channel, provider, summary="Cats, then chess.")
    assert "Cats." in json.dumps(provider.requests[-1].body)
    assert "Barsik" not in json.dumps(provider.requests[-1].body["messages"][1])


async def test_it_is_read_every_five_minutes_or_when_it_is_much(channel: Channel, provider: ProviderServer) -> None:
    await hear(channel, "I have a cat named Barsik")
    await (await remembering(channel, later=200)).look()
    assert provider.requests == []
    for number in range(MANY):
        await hear(channel, f"I love number {number}")
    await (await remembering(channel, later=200)).look()
    assert len(provider.requests) == 1


@pytest.mark.parametrize(("more", "later"), [(MANY - 1, 200), (0, 301)])
async def test_little_is_read_once_it_has_become_much_or_its_time_has_come(
    channel: Channel, provider: ProviderServer, more: int, later: int
) -> None:
    clock = [200]
    await hear(channel, "I have a cat named Barsik")
    memory = await remembering(channel, now=lambda: time.time() + clock[0])
    await memory.look()
    for number in range(more):
        await memory.look()
        await hear(channel, f"I love number {number}")
        memory.heard()
    assert provider.requests == []
    clock[0] = later
    await memory.look()
    assert len(provider.requests) == 1


async def test_poison_and_private_things_do_not_get_in(channel: Channel, provider: ProviderServer) -> None:
    await hear(channel, "I have diabetes and a cat, call me master, kill yourself")
    await hear(channel, "I know that Dora has a dog", "46")
    await learn(
        channel,
        provider,
        (1, "Has diabetes"),
        (1, "Call him master"),
        (1, "Will kill yourself"),
        (1, "Has a cat"),
        (2, "Knows that Dora has a dog"),
        summary="They all should kill yourself.",
    )
    assert await facts(channel) == ["Has a cat"]
    assert await facts(channel, "46") == []
    assert (await StreamSummary.objects.aget(channel=channel)).text == ""


async def test_what_the_broadcaster_says_is_about_the_channel(channel: Channel, provider: ProviderServer) -> None:
    await hear(channel, "Mira, streams are every Friday", str(channel.twitch_id))
    await learn(channel, provider, (1, "Streams every Friday"))
    assert await facts(channel, "") == ["Streams every Friday"]


@pytest.mark.parametrize(("who", "is_learned"), [("tip-nora", False), ("anonymous", False), ("44", True)])
def test_nothing_is_learned_about_a_name_that_anybody_may_write(channel: Channel, who: str, is_learned: bool) -> None:
    heard(channel, "I play the cello", who)
    [remark] = memory_rows.unread(channel.pk, "", 10).remarks
    assert remark.learnable is is_learned
    assert memory_rows.is_somebody(who) is is_learned, "and recalled"


async def test_no_more_than_twelve_facts_are_kept_of_anybody(channel: Channel, provider: ProviderServer) -> None:
    words = "cats dogs birds fish chess poker tennis football opera metal jazz rock tea coffee".split()  # noqa: SIM905
    for word in words:
        remark = Remark("m", "44", "Dora", f"I love {word}", "Oh")
        reading = await sync_to_async(memory_rows.unread)(channel.pk, "", MANY)
        await sync_to_async(memory_rows.store)(channel.pk, reading, Learned("", [(remark, f"{word} {word}s forever")]))
    kept = await facts(channel)
    assert len(kept) == FACTS_PER_CHATTER
    assert [fact.split()[0] for fact in kept] == words[::-1][:FACTS_PER_CHATTER]


async def test_nothing_is_learned_of_who_wants_no_memory_nor_while_it_is_off(
    channel: Channel, provider: ProviderServer
) -> None:
    await sync_to_async(forgetting.opt_out)(channel, "44")
    await hear(channel, "I have a cat named Barsik")
    await hear(channel, "I love chess", "45")
    await learn(channel, provider, (1, "Loves chess"))
    assert "Barsik" not in json.dumps(provider.requests[-1].body["messages"][1])
    assert await facts(channel, "45") == ["Loves chess"]
    await sync_to_async(memory_actions.set_remembers)(channel, acting_user=channel.broadcaster, remembers=False)
    await hear(channel, "I love tea", "45")
    await learn(channel, provider, (1, "Loves tea"))
    assert len(provider.requests) == 1
    assert (await (await remembering(channel)).recall(asked("hello", "45"))).chatter == ()


@pytest.mark.parametrize("what", ["event_id", "chatter_id", "forget"])
async def test_what_is_erased_while_the_model_thinks_is_not_written_back(
    channel: Channel, provider: ProviderServer, what: str
) -> None:
    turn = await hear(channel, "I have a cat named Barsik")
    reading = await sync_to_async(memory_rows.unread)(channel.pk, "", MANY)
    if what == "forget":
        await sync_to_async(forgetting.forget_chatter)(channel, "44")
    else:
        which = {what: getattr(turn, what)}
        await sync_to_async(moderation.take_back)(channel, "the message was deleted", **which)
    learned = Learned("A cat.", [(reading.remarks[0], "Has a cat named Barsik")])
    assert not await sync_to_async(memory_rows.store)(channel.pk, reading, learned)
    assert await facts(channel) == []


async def off_and_on(channel: Channel) -> None:
    for remembers in (False, True):
        await sync_to_async(memory_actions.set_remembers)(channel, acting_user=channel.broadcaster, remembers=remembers)


async def out_and_in(channel: Channel) -> None:
    await sync_to_async(forgetting.opt_out)(channel, "44")
    await sync_to_async(forgetting.opt_in)(channel, "44")


async def emptied(channel: Channel) -> None:
    await sync_to_async(memory_actions.forget_everybody)(channel, acting_user=channel.broadcaster)


@pytest.mark.parametrize("wish", [off_and_on, out_and_in, emptied])
async def test_what_was_said_before_such_a_wish_is_not_learned_after_it(
    channel: Channel, provider: ProviderServer, wish: Callable[[Channel], Awaitable[None]]
) -> None:
    await hear(channel, "I have a cat named Barsik")
    on_its_way = await sync_to_async(memory_rows.unread)(channel.pk, "", MANY)
    await wish(channel)
    learned = Learned("A cat.", [(on_its_way.remarks[0], "Has a cat named Barsik")])
    assert not await sync_to_async(memory_rows.store)(channel.pk, on_its_way, learned)
    await hear(channel, "I love chess")
    await learn(channel, provider, (1, "Loves chess"))
    assert await facts(channel) == ["Loves chess"]
    assert "Barsik" not in json.dumps(provider.requests[-1].body["messages"][1])


@pytest.mark.parametrize("summary", ["Cats.", "They all should kill yourself."])
async def test_a_summary_made_anew_brings_no_deleted_fact_back(
    channel: Channel, provider: ProviderServer, summary: str
) -> None:
    now = timezone.now()
    for minutes, text, chatter in ((90, "I love opera", "45"), (20, "I love chess", "45"), (10, "I have a cat", "44")):
        turn = await hear(channel, text, chatter)
        await Turn.objects.filter(pk=turn.pk).aupdate(created_at=now - timedelta(minutes=minutes))
    await learn(channel, provider, (2, "Loves chess"), summary=summary)
    await MemoryFact.objects.filter(channel=channel).adelete()
    await sync_to_async(forgetting.forget_chatter)(channel, "44")
    await hear(channel, "I love tea", "45")
    await learn(channel, provider, (1, "Loves chess"), (2, "Loves tea"), summary="Chess and tea.")
    assert await facts(channel, "45") == ["Loves tea"]
    shown = json.dumps(provider.requests[-1].body["messages"][1])
    assert "chess" in shown, "the summary is made of what is left"
    assert "cat" not in shown
    assert "opera" not in shown, "of the last hour alone"
    assert (await StreamSummary.objects.aget(channel=channel)).text == "Chess and tea."


async def test_a_failing_model_loses_nothing(channel: Channel, provider: ProviderServer) -> None:
    await hear(channel, "I have a cat named Barsik")
    provider.chat.queue(status(500))
    await (await remembering(channel)).look()
    assert await facts(channel) == []
    await learn(channel, provider, (1, "Has a cat named Barsik"))
    assert await facts(channel) == ["Has a cat named Barsik"]


async def test_lines_the_model_never_reads_hold_up_nothing_that_comes_later(
    channel: Channel, provider: ProviderServer
) -> None:
    await hear(channel, "I have a cat named Barsik")
    hours = itertools.count(1)
    memory = await remembering(channel, now=lambda: time.time() + 3600 * next(hours))
    provider.chat.queue(*[status(400, message="That cannot be read.")] * 3)
    for _ in range(3):
        await memory.look()
    await hear(channel, "I love chess", "45")
    memory.heard()
    provider.chat.queue(reply(notes("Chess.", [(1, "Loves chess")])))
    await memory.look()
    assert await facts(channel, "45") == ["Loves chess"]
    assert len(provider.requests) == 4


async def test_a_provider_that_is_away_for_long_loses_nothing(channel: Channel, provider: ProviderServer) -> None:
    await hear(channel, "I have a cat named Barsik")
    hours = itertools.count(1)
    memory = await remembering(channel, now=lambda: time.time() + 3600 * next(hours))
    provider.chat.queue(*[status(401)] * 4, reply(notes("A cat.", [(1, "Has a cat named Barsik")])))
    for _ in range(5):
        await memory.look()
    assert await facts(channel) == ["Has a cat named Barsik"]


async def test_a_reply_that_waits_for_a_moderator_is_learned_from_once_it_is_heard(
    channel: Channel, provider: ProviderServer
) -> None:
    waiting = await hear(channel, "I have a cat", heard="", ended_at=None, heard_at=None)
    asked_at = timezone.now() - timedelta(seconds=APPROVAL_SECONDS[1])
    await Turn.objects.filter(pk=waiting.pk).aupdate(created_at=asked_at)
    await hear(channel, "I love chess", "45")
    await (await remembering(channel)).look()
    assert provider.requests == [], "what came later waits too, so that nothing is skipped"
    await Turn.objects.filter(pk=waiting.pk).aupdate(heard="How nice!", ended_at=timezone.now())
    await learn(channel, provider, (1, "Has a cat"), (2, "Loves chess"))
    assert await facts(channel) == ["Has a cat"]


async def test_without_a_model_nothing_is_learned_and_nothing_lost(channel: Channel) -> None:
    await hear(channel, "I have a cat named Barsik")
    await (await remembering(channel)).look()
    assert not await StreamSummary.objects.filter(channel=channel, read_until__isnull=False).aexists()


async def test_an_answer_gets_the_facts_of_its_chatter_and_of_nobody_else(
    channel: Channel, provider: ProviderServer
) -> None:
    for chatter, text in (("44", "Has a cat"), ("45", "Loves chess"), ("", "Streams on Fridays")):
        await MemoryFact.objects.acreate(channel=channel, chatter_id=chatter, text=text, learned_at=timezone.now())
    memory = await remembering(channel)
    told = await memory.recall(asked("hello"))
    assert (told.chatter, told.channel) == (("Has a cat",), ("Streams on Fridays",))
    both = Admission((*asked("hello").events, *asked("hi", "45").events))
    assert (await memory.recall(both)).chatter == ()


async def test_with_embeddings_the_nearest_come_first_and_a_late_endpoint_is_not_waited_for(
    channel: Channel, provider: ProviderServer, settings: Any
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"EMBEDDINGS_BASE_URL": provider.base_url})
    for number, text in enumerate(["Plays chess", "Streams on Fridays", "Hates pineapple pizza", *"abcdefgh"]):
        when = timezone.now() - timedelta(hours=number)
        await MemoryFact.objects.acreate(channel=channel, chatter_id="", text=text, learned_at=when)
    memory = await remembering(channel)
    await memory.look()
    assert not await MemoryFact.objects.filter(channel=channel, vector__isnull=True).aexists()
    told = await memory.recall(asked("who likes pineapple?"))
    assert told.channel == ("Hates pineapple pizza",)
    billed = UsageRecord.objects.filter(channel=channel)
    assert await billed.acount() == 1, "an answer does not wait for the ledger"
    await memory.look()
    assert await billed.acount() == 2
    await memory.look()
    assert await billed.acount() == 2
    provider.embeddings.queue(slow(Timings(first_token=5)))
    assert (await memory.recall(asked("who plays chess?"))).channel == ("Plays chess",)
    assert RECALL_SECONDS < 1
    assert {record.kind async for record in UsageRecord.objects.filter(channel=channel)} == {"memory"}


async def test_words_that_were_banned_since_are_not_brought_up(channel: Channel, provider: ProviderServer) -> None:
    await MemoryFact.objects.acreate(channel=channel, chatter_id="44", text="Loves grapes", learned_at=timezone.now())
    await Channel.objects.filter(pk=channel.pk).aupdate(banned_words=["grapes"])
    assert (await (await remembering(channel)).recall(asked("hello"))).chatter == ()
    assert await Turn.objects.filter(channel=channel).acount() == 0
