"""From Twitch's chat to the overlay: the real gateway, the real run, the built-in brain and voice."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from channels_app.models import Channel, PaidEvent, TwitchCredential
from channels_app.twitch import rewards
from channels_app.twitch.scopes import REWARDS, SIGN_IN
from tests import factories
from tests.clock import until
from tests.fakes.provider import ProviderServer, stall
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import gateway, running_channel
from tests.live import live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


@pytest.fixture
def alice(twitch: FakeTwitch) -> Channel:
    channel = running_channel(twitch)
    factories.persona(channel, chatter_cooldown=0, replies_per_minute=60)
    return channel


async def test_a_line_and_its_duplicate_are_one_spoken_turn(twitch: FakeTwitch, alice: Channel) -> None:
    async with live(alice) as channel, gateway(twitch) as running:
        await running.subscribed()
        line = twitch.say("Alice", "Dora", "!ai hello there")
        twitch.send_duplicate()
        [turn] = await channel.settled()
        twitch.say("Alice", "Emil", "!ai and me?")
        turns = await channel.settled(2)
    assert (turn.event_id, turn.chatter_name, turn.asked, turn.outcome) == (line, "Dora", "hello there", "spoken")
    assert [turn.chatter_name for turn in turns] == ["Dora", "Emil"]
    assert channel.show.utterances[0].seconds > 0.5


async def test_a_line_deleted_on_twitch_while_it_is_answered_falls_silent(twitch: FakeTwitch, alice: Channel) -> None:
    async with live(alice) as channel, gateway(twitch) as running:
        await running.subscribed()
        channel.show.holding = True
        line = twitch.say("Alice", "Dora", "!ai hello there")
        await until(lambda: channel.show.utterances and channel.show.utterances[0].seconds)
        twitch.delete_message("Alice", "Dora", line)
        [turn] = await channel.settled()
        # The row may be there before the word to fall silent has reached the page.
        await until(lambda: channel.show.utterances[0].interrupted)
    assert (turn.outcome, turn.reason) == ("interrupted", "the message was deleted")


@pytest.mark.parametrize("stage", ["/chat/completions", "/audio/speech"])
async def test_a_line_deleted_on_twitch_while_it_is_thought_about_or_voiced_is_never_heard(
    twitch: FakeTwitch, alice: Channel, provider: ProviderServer, stage: str
) -> None:
    asked = provider.chat if stage == "/chat/completions" else provider.speech
    # Two sentences are voiced at once, and either may be asked for first.
    asked.queue(stall(after=0), stall(after=0))
    async with live(alice) as channel, gateway(twitch) as running:
        await running.subscribed()
        line = twitch.say("Alice", "Dora", "!ai hello there")
        await provider.until(lambda: len(provider.requests_to(stage)) >= 1)
        twitch.delete_message("Alice", "Dora", line)
        [turn] = await channel.settled()
        asked.waiting.clear()
        twitch.say("Alice", "Emil", "!ai and me?")
        await channel.settled(2)
    assert (turn.outcome, turn.reason, turn.heard) == ("interrupted", "the message was deleted", "")
    assert {utterance.turn for utterance in channel.show.utterances if utterance.seconds} == {
        str(each.pk) for each in await channel.turns() if each.chatter_name == "Emil"
    }


async def test_a_redemption_is_spoken_once_and_done(twitch: FakeTwitch, alice: Channel) -> None:
    async with live(alice) as channel, gateway(twitch) as running:
        await running.subscribed()
        twitch.redeem("Alice", "Dora", "Talk to me", "what a day")
        twitch.send_duplicate()
        [turn] = await channel.settled()
    row = await sync_to_async(PaidEvent.objects.get)()
    assert (turn.outcome, row.state, row.turn_id) == ("spoken", PaidEvent.State.SPOKEN, turn.pk)


@pytest.mark.parametrize(("text", "status"), [("what a day", "FULFILLED"), ("call +1 202 555 0143 now", "CANCELED")])
async def test_her_own_reward_is_fulfilled_when_she_was_heard_and_else_refunded(
    twitch: FakeTwitch, alice: Channel, text: str, status: str
) -> None:
    """Though other redemptions are not ticked: this reward is there for nothing else."""

    def made() -> None:
        token, _refresh = twitch.grant("Alice", (*SIGN_IN, REWARDS))
        TwitchCredential.objects.update(access_token=token, scopes=[*SIGN_IN, REWARDS])
        rewards.save(alice, acting_user=alice.broadcaster, title="Talk to me", cost=1, prompt="", cooldown_seconds=0)
        factories.version(alice.personas.get(), events=["cheer"])

    await sync_to_async(made)()
    async with live(alice) as channel, gateway(twitch) as running:
        await running.subscribed()
        redemption = twitch.redeem("Alice", "Dora", "Talk to me", text)
        [turn] = await channel.settled()
        for _again in range(2):
            await sync_to_async(rewards.settle_due)()
    known = twitch.points.redemptions[redemption]
    assert (known.status, known.settled) == (status, 1)
    assert turn.outcome == ("spoken" if status == "FULFILLED" else "refused")
