"""Every reply waits for a moderator: what they see, whose word counts, and what becomes of a reply nobody lets pass."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from channels_app import actions, moderation, replies, talk
from channels_app.models import Channel, PaidEvent, ProviderAccess, User
from tests import factories
from tests.clock import until
from tests.dashboards import Dashboard, dashboard
from tests.fakes.provider import ProviderServer, reply
from tests.live import LiveChannel, live
from workers.pipeline.approval import MOST_WAITING
from workers.pipeline.values import EventKind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


@pytest.fixture
async def asking(stage: Channel) -> Channel:
    """A channel on which each reply is approved first."""
    await sync_to_async(factories.version)(
        await stage.personas.aget(), mode="approve", chatter_cooldown=0, replies_per_minute=60
    )
    return stage


async def ask(channel: LiveChannel, seen: Dashboard, *names: str) -> None:
    """They write one after the other, since three at once would be answered together, and their replies wait."""
    await channel.tell(t="queue")
    for name in names:
        await channel.say(f"!ai hello from {name}", name=name)
        await until(lambda: name in seen.drafts, seconds=5)  # noqa: B023


async def act(deed: Any, channel: LiveChannel, seen: Dashboard, name: str, who: User) -> None:
    """A moderator's click on the reply to this chatter."""
    row = await Channel.objects.aget(pk=channel.channel.pk)
    await sync_to_async(deed)(row, acting_user=who, turn=seen.drafts[name]["id"])


async def test_nothing_is_made_into_sound_before_somebody_approves_it(
    asking: Channel, provider: ProviderServer, bob: User
) -> None:
    provider.chat.queue(reply("Hi Mia! Nice to see you."))
    async with dashboard(asking) as seen, live(asking) as channel:
        await ask(channel, seen, "Mia")
        draft = seen.drafts["Mia"]
        assert (draft["text"], draft["reply"]) == ("hello from Mia", "Hi Mia! Nice to see you.")
        assert 50 < draft["ends"] - seen.queues[-1]["clock"] <= 60
        assert provider.requests_to("/audio/speech") == []
        assert channel.show.utterances == []
        assert channel.show.states[-1] == "idle"
        await act(replies.approve, channel, seen, "Mia", bob)
        [turn] = await channel.settled()
    assert (turn.outcome, turn.heard) == ("spoken", "Hi Mia! Nice to see you.")
    assert turn.timings_ms["approved"] >= turn.timings_ms["first_sentence"]
    assert seen.decided == [("approved", "Bob")]


async def test_what_was_approved_is_heard_out_whatever_cuts_in(
    asking: Channel, provider: ProviderServer, bob: User
) -> None:
    story = "Once there was a lighthouse. It liked the rain. Then a ship came by and stayed."
    provider.chat.queue(reply(story), reply("Welcome, Kim!"))
    async with dashboard(asking) as seen, live(asking) as channel:
        channel.show.holding = True
        await ask(channel, seen, "Mia")
        await act(replies.approve, channel, seen, "Mia", bob)
        await until(lambda: bool(channel.show.utterances), seconds=40)
        await sync_to_async(talk.say_as)(asking, "Kim", "", "raid", 500)
        await until(lambda: "Kim" in seen.drafts, seconds=40)
        await channel.show.let_go()
        turn = (await channel.settled())[0]
    assert (turn.outcome, turn.heard) == ("spoken", story)


async def test_of_two_moderators_the_first_counts_and_both_are_told(
    asking: Channel, provider: ProviderServer, alice: User, bob: User
) -> None:
    async with dashboard(asking) as seen, live(asking) as channel:
        await ask(channel, seen, "Mia")
        await act(replies.reject, channel, seen, "Mia", bob)
        await act(replies.approve, channel, seen, "Mia", alice)
        [turn] = await channel.settled()
        await channel.say("!ai still there?", name="Ann")
        await channel.tell(t="queue")
        await until(lambda: "Ann" in seen.drafts)
    assert (turn.outcome, turn.reason, turn.heard) == ("refused", "rejected by a moderator", "")
    assert seen.decided == [("rejected", "Bob")]
    assert channel.show.utterances == []


async def test_they_are_spoken_in_the_order_in_which_they_are_approved(
    asking: Channel, provider: ProviderServer, bob: User
) -> None:
    async with dashboard(asking) as seen, live(asking) as channel:
        await ask(channel, seen, "Ann", "Ben", "Cleo")
        for name in ("Cleo", "Ann", "Ben"):
            await act(replies.approve, channel, seen, name, bob)
        turns = {str(turn.pk): turn.chatter_name for turn in await channel.settled(3)}
        assert [turns[utterance.turn] for utterance in channel.show.utterances] == ["Cleo", "Ann", "Ben"]
        assert not any(utterance.interrupted for utterance in channel.show.utterances)


async def test_only_a_few_wait_and_the_next_is_thought_of_when_one_is_decided(
    asking: Channel, provider: ProviderServer, bob: User
) -> None:
    async with dashboard(asking) as seen, live(asking) as channel:
        await ask(channel, seen, *(f"Viewer {letter}" for letter in "ABCDE"[:MOST_WAITING]))
        await channel.say("!ai me too", name="Late")
        await until(lambda: seen.waiting == ["me too"])
        assert len(provider.requests_to("/chat/completions")) == MOST_WAITING
        await act(replies.reject, channel, seen, "Viewer A", bob)
        await until(lambda: "Late" in seen.drafts)
        assert "Viewer A" not in seen.drafts


@pytest.mark.parametrize("how", ["rejected", "expired"])
async def test_something_paid_that_is_not_let_pass_says_so(
    asking: Channel, provider: ProviderServer, bob: User, how: str
) -> None:
    if how == "expired":
        await Channel.objects.filter(pk=asking.pk).aupdate(approval_seconds=1)
    async with dashboard(asking) as seen, live(asking) as channel:
        await sync_to_async(talk.say_as)(asking, "Payer", "Cheer100 hi", "cheer", 100)
        if how == "rejected":
            await channel.tell(t="queue")
            await until(lambda: "Payer" in seen.drafts)
            assert seen.drafts["Payer"]["paid"]
            await act(replies.reject, channel, seen, "Payer", bob)
        [turn] = await channel.settled()
    row = await PaidEvent.objects.aget(channel=asking)
    reason = {"rejected": "rejected by a moderator", "expired": "nobody approved it in time"}[how]
    assert (row.state, row.reason) == ("refused", reason)
    assert (turn.outcome, turn.reason) == ("refused", reason)
    assert seen.decided == [(how, "Bob" if how == "rejected" else "")]


async def test_a_deleted_message_takes_its_waiting_reply_away(
    asking: Channel, provider: ProviderServer, bob: User
) -> None:
    async with dashboard(asking) as seen, live(asking) as channel:
        await ask(channel, seen, "Mia", "Rude")
        gone = seen.drafts["Rude"]
        await channel.tell(t="chatter_cleared", chatter_id="rude")
        await until(lambda: list(seen.drafts) == ["Mia"])
        await sync_to_async(moderation.take_back)(asking, "the chatter was timed out or banned", chatter_id="rude")
        row = await Channel.objects.aget(pk=asking.pk)
        await sync_to_async(replies.approve)(row, acting_user=bob, turn=gone["id"])
        await act(replies.approve, channel, seen, "Mia", bob)
        turns = await channel.settled(2)
    assert {turn.chatter_name: turn.outcome for turn in turns} == {"Rude": "interrupted", "Mia": "spoken"}
    assert len(channel.show.utterances) == 1


async def test_a_run_that_ends_leaves_nothing_half_approved_and_the_next_asks_again(
    asking: Channel, provider: ProviderServer, bob: User
) -> None:
    async with dashboard(asking) as seen:
        async with live(asking, fence=1) as channel:
            await sync_to_async(talk.say_as)(asking, "Payer", "Cheer100 hi", "cheer", 100)
            await channel.tell(t="queue")
            await until(lambda: "Payer" in seen.drafts)
            old = seen.drafts["Payer"]["id"]
        seen.queues.clear()
        async with live(asking, fence=2) as channel:
            await channel.tell(t="queue")
            await until(lambda: "Payer" in seen.drafts, seconds=10)
            assert seen.drafts["Payer"]["id"] != old
            row = await Channel.objects.aget(pk=asking.pk)
            await sync_to_async(replies.approve)(row, acting_user=bob, turn=old)
            await act(replies.approve, channel, seen, "Payer", bob)
            turns = await channel.settled(2)
    assert [turn.outcome for turn in turns] == ["interrupted", "spoken"]
    assert (await PaidEvent.objects.aget(channel=asking)).state == "spoken"


async def test_a_line_a_member_asks_for_needs_no_approval_and_what_waits_is_not_skipped(
    asking: Channel, provider: ProviderServer
) -> None:
    async with dashboard(asking) as seen, live(asking) as channel:
        await ask(channel, seen, "Mia")
        await channel.say("We are back in five minutes.", kind=EventKind.SAY)
        await until(lambda: any(u.complete for u in channel.show.utterances))
        await channel.settled()
        await channel.tell(t="command", name="skip")
        await channel.tell(t="queue")
        await asyncio.sleep(0)
        await ask(channel, seen, "Ann")
        assert set(seen.drafts) == {"Mia", "Ann"}
        await sync_to_async(actions.panic)(asking, acting_user=None)
        turns = await channel.settled(3)
    assert [turn.reason for turn in turns if turn.outcome != "spoken"] == ["panic", "panic"]


async def test_the_rules_of_the_moment_count_when_it_is_approved(
    asking: Channel, provider: ProviderServer, bob: User
) -> None:
    provider.chat.queue(reply("I love gooseberries."))
    async with dashboard(asking) as seen, live(asking) as channel:
        await ask(channel, seen, "Mia")
        await Channel.objects.filter(pk=asking.pk).aupdate(banned_words=["gooseberries"])
        await channel.tell(t="command", name="reload")
        await act(replies.approve, channel, seen, "Mia", bob)
        [turn] = await channel.settled()
    assert (turn.outcome, turn.verdict["rule"]) == ("refused", "channel.banned_word")
    assert provider.requests_to("/audio/speech") == []


async def test_what_the_endpoint_objects_to_is_shown_to_nobody_as_a_reply(
    asking: Channel, provider: ProviderServer
) -> None:
    access = {"kind": "moderation", "base_url": provider.base_url, "model": "omni-moderation-latest"}
    await ProviderAccess.objects.acreate(channel=asking, **access)
    provider.chat.queue(reply("Fine so far. FLAGHATE and so on. Never said."))
    async with dashboard(asking) as seen, live(asking) as channel:
        await ask(channel, seen, "Mia")
        draft = seen.drafts["Mia"]
    assert draft["rule"] == "moderation.flagged"
    assert draft["reply"].startswith("Fine so far. ")
    assert "FLAGHATE" not in draft["reply"]
    assert "Never said" not in draft["reply"]
