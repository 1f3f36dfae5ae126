"""A live channel from its inbox to the overlay: the real run with real provider clients, faults and all."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from channels_app import actions, talk
from channels_app.models import Channel
from channels_app.queries import open_paid_events
from tests import factories
from tests.absence import absent
from tests.clock import until
from tests.fakes.provider import ProviderServer, Timings, malformed, reply, reset, stall, status
from tests.live import live, page
from workers import lookout
from workers.pipeline.values import EventKind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


async def test_a_line_in_chat_is_thought_about_spoken_and_written_down(
    stage: Channel, provider: ProviderServer
) -> None:
    provider.chat.queue(reply("[happy] Hi Viewer! Nice of you to come by."))
    async with live(stage) as channel:
        await channel.say("!ai hello there")
        [turn] = await channel.settled()
    [utterance] = channel.show.utterances
    assert utterance.complete
    assert utterance.seconds > 1
    assert {"sil"} < set(utterance.mouths)
    assert turn.outcome == "spoken"
    assert (turn.chatter_name, turn.asked) == ("Viewer", "hello there")
    assert turn.heard == "Hi Viewer! Nice of you to come by."
    assert turn.heard_at is not None
    assert {"picked", "first_token", "first_sentence", "first_audio", "first_frame", "playing", "ended"} <= set(
        turn.timings_ms
    )
    assert turn.completion_tokens > 0


async def test_without_keys_the_demo_brain_and_the_built_in_voice_answer(stage: Channel) -> None:
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    assert (turn.outcome, turn.brain) == ("spoken", "demo brain")
    assert channel.show.utterances[0].seconds > 0.5


async def test_without_an_overlay_nothing_is_thought_or_spoken(stage: Channel, provider: ProviderServer) -> None:
    async with live(stage, overlay=False) as channel:
        await channel.say("!ai hello")
        await sync_to_async(talk.say_as)(stage, "Payer", "Cheer100 hi", "cheer", 100)
        await asyncio.sleep(0.3)
        assert await channel.turns() == []
    assert provider.requests == []
    assert await sync_to_async(open_paid_events(stage).count)() == 1


async def test_while_somebody_waits_she_listens(stage: Channel, provider: ProviderServer) -> None:
    await sync_to_async(factories.version)(await stage.personas.aget(), chatter_cooldown=0, cooldown=2)
    async with live(stage) as channel:
        await channel.say("!ai hello", name="Mia")
        await channel.settled()
        await until(lambda: channel.show.states[-1] == "idle")
        await channel.say("!ai and me?", name="Ann")
        await channel.settled(2)
        await until(lambda: channel.show.states[-1] == "idle")
        states = [name for name, _again in itertools.groupby(channel.show.states)]
    assert states == ["idle", "thinking", "talking", "idle", "listening", "thinking", "talking", "idle"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (status(401), "llm_unauthorised"),
        (status(429, retry_after=30), "llm_rate_limited"),
        (status(500), "llm_server_error"),
        (reset(after=0), "llm_reset"),
        (malformed(after=0), "llm_malformed"),
    ],
)
async def test_a_failing_model_ends_the_turn_with_a_reason_and_she_lives_on(
    stage: Channel, provider: ProviderServer, fault: Any, code: str
) -> None:
    # A fault that may pass is tried once more.
    provider.chat.queue(fault, fault)
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [failed] = await channel.settled()
        provider.chat.waiting.clear()
        await channel.say("!ai hello again", name="Other")
        turns = await channel.settled(2)
    assert failed.outcome == "failed"
    assert failed.reason.startswith(code)
    assert "llm-key" not in failed.reason
    assert turns[1].outcome == "spoken"


@pytest.mark.parametrize("fault", [status(401), status(429, retry_after=30), status(500), reset(after=0)])
async def test_when_the_voice_service_fails_a_built_in_voice_speaks(
    stage: Channel, provider: ProviderServer, fault: Any
) -> None:
    provider.speech.queue(fault, fault, fault)
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    assert turn.outcome == "spoken"
    assert turn.voice != "local-voice"
    assert turn.voice_stood_in


async def test_a_voice_that_breaks_in_the_middle_ends_the_turn_and_she_lives_on(
    stage: Channel, provider: ProviderServer
) -> None:
    provider.speech.queue(reset(after=8))
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [failed] = await channel.settled()
        await channel.say("!ai hello again", name="Other")
        turns = await channel.settled(2)
    assert failed.outcome == "failed"
    assert turns[1].outcome == "spoken"


async def test_the_same_message_twice_is_one_turn(stage: Channel, provider: ProviderServer) -> None:
    from workers.pipeline.values import Chatter, StreamEvent

    event = StreamEvent("twice", EventKind.MESSAGE, Chatter("1", "Viewer"), "!ai hello", 0).as_message()
    async with live(stage) as channel:
        import time

        event["at"] = time.time()
        await channel.tell(t="event", event=event)
        await channel.tell(t="event", event=event)
        await channel.settled()
        await channel.tell(t="event", event=event)
        await channel.say("!ai bye", name="Other")
        turns = await channel.settled(2)
    assert turns[0].event_id == "twice"
    assert len(turns) == 2


async def test_panic_silences_and_holds_until_it_is_lifted(stage: Channel, provider: ProviderServer) -> None:
    async with live(stage) as channel:
        channel.show.holding = True
        await channel.say("!ai hello")
        await until(lambda: bool(channel.show.utterances) and channel.show.utterances[0].seconds > 0)
        await sync_to_async(actions.panic)(stage, acting_user=None)
        [turn] = await channel.settled()
        assert (turn.outcome, turn.reason) == ("interrupted", "panic")
        await until(lambda: channel.show.utterances[0].interrupted)
        channel.show.holding = False
        await channel.say("!ai anybody there?", name="Other")
        await asyncio.sleep(0.2)
        assert len(await channel.turns()) == 1
        await sync_to_async(actions.calm)(stage, acting_user=None)
        await channel.say("!ai and now?", name="Third")
        turns = await channel.settled(2)
    assert turns[-1].outcome == "spoken"


async def test_panic_and_its_end_are_seen_when_the_word_of_them_is_lost(
    stage: Channel, provider: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "SWEEP_SECONDS", 0.05)
    async with live(stage) as channel:
        await Channel.objects.filter(pk=stage.pk).aupdate(panic_since=timezone.now())
        await until(lambda: channel.show.states[-1:] == ["muted"])
        await Channel.objects.filter(pk=stage.pk).aupdate(panic_since=None)
        await until(lambda: channel.show.states[-1:] == ["idle"])
        await channel.say("!ai and now?")
        [turn] = await channel.settled()
    assert turn.outcome == "spoken"


async def test_panic_holds_while_the_row_does_not_tell_of_it_yet(stage: Channel, provider: ProviderServer) -> None:
    async with live(stage) as channel:
        await channel.tell(t="command", name="panic")
        await until(lambda: channel.show.states[-1:] == ["muted"])
        url = await sync_to_async(actions.new_overlay_url)(stage, acting_user=None)
        async with page(stage, url.rpartition("#k=")[2]) as second:
            assert (await second.next_of("state"))["name"] == "muted"
        assert channel.show.states[-1] == "muted"


async def test_a_database_that_fails_for_a_moment_ends_nothing(
    stage: Channel, provider: ProviderServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lookout, "SWEEP_SECONDS", 0.05)

    async with live(stage) as channel:
        async with absent("channels_app_overlaypresence"):
            await until(lambda: "could not look around" in caplog.text)
        await channel.say("!ai hello")
        [turn] = await channel.settled()
        assert not channel.run.done()
    assert turn.outcome == "spoken"


async def test_a_moderator_skips_the_present_turn(stage: Channel, provider: ProviderServer) -> None:
    provider.chat.queue(stall(after=2))
    async with live(stage) as channel:
        await channel.say("!ai hello")
        await provider.until(lambda: len(provider.requests_to("/chat/completions")) == 1)
        await sync_to_async(actions.skip)(stage, acting_user=None)
        [turn] = await channel.settled()
    assert turn.reason == "skipped by a moderator"


async def test_stopping_the_channel_ends_the_run(stage: Channel, provider: ProviderServer) -> None:
    async with live(stage) as channel:
        await sync_to_async(actions.stop)(stage, acting_user=None)
        await asyncio.wait_for(channel.run, 5)
        await until(lambda: channel.show.states[-1:] == ["offline"])


async def test_a_new_persona_version_speaks_from_the_next_turn_on(stage: Channel, provider: ProviderServer) -> None:
    async with live(stage) as channel:
        await channel.say("!ai hello")
        await channel.settled()
        await sync_to_async(factories.version)(
            await stage.personas.aget(), name="Nova", chatter_cooldown=0, replies_per_minute=60
        )
        await channel.tell(t="command", name="reload")
        await channel.say("!ai hello", name="Other")
        turns = await channel.settled(2)
    assert [turn.persona_name for turn in turns] == ["Mira", "Nova"]
    systems = [request.body["messages"][0]["content"] for request in provider.requests_to("/chat/completions")]
    assert "Nova" in json.dumps(systems[1])


async def test_two_channels_share_nothing(provider: ProviderServer) -> None:
    def two() -> list[Channel]:
        made = []
        for name in ("Mira", "Nova"):
            channel = factories.channel()
            factories.persona(channel, name=name, description=f"secret of {name}", chatter_cooldown=0)
            made.append(channel)
        return made

    mira, nova = await sync_to_async(two)()
    async with live(mira) as first, live(nova) as second:
        await first.say("!ai the word is apple", name="Anna")
        await second.say("!ai the word is pear", name="Boris")
        await first.settled()
        await second.settled()
        await first.say("!ai what was the word", name="Anna")
        await second.say("!ai what was the word", name="Boris")
        await first.settled(2)
        await second.settled(2)
    assert len(first.show.utterances) == len(second.show.utterances) == 2
    prompts = [json.dumps(request.body) for request in provider.requests_to("/chat/completions")]
    for prompt in prompts:
        assert ("apple" in prompt) != ("pear" in prompt)
        assert ("secret of Mira" in prompt) == ("apple" in prompt)
    turns = {str(turn.pk) for turn in await first.turns()}
    assert {utterance.turn for utterance in first.show.utterances} == turns


async def test_a_stalled_model_is_given_up_in_time(stage: Channel, provider: ProviderServer) -> None:
    provider.timings = Timings()
    provider.chat.queue(stall(after=6), stall(after=6))
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled(seconds=20)
    assert turn.outcome == "failed"
    assert turn.reason.startswith("llm_stalled")
