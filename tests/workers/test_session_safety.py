"""The channel's own choice of safety rules, as a live run keeps it."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from channels_app.dashboard.settings_actions import set_safety
from channels_app.models import Channel
from tests.fakes.provider import ProviderServer, reply
from tests.live import live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


async def choose(
    channel: Channel, profile: str, *, banned: tuple[str, ...] = (), allowed: tuple[str, ...] = ()
) -> None:
    await sync_to_async(set_safety)(
        channel,
        acting_user=channel.broadcaster,
        safety_profile=profile,
        banned_words=list(banned),
        allowed_words=list(allowed),
    )


async def test_a_choice_made_while_she_is_live_counts_from_the_next_answer_on(
    stage: Channel, provider: ProviderServer
) -> None:
    asked = {
        "what a shitty boss": "",
        "what a goose": "channel.banned_word",
        "what a faggot": "lexicon.tier1.slur",
        "show me porn": "lexicon.tier2.sexual",
    }
    async with live(stage) as channel:
        await channel.say("!ai what a shitty boss", name="Kind")
        [before] = await channel.settled()
        await choose(stage, "standard", banned=("goose",))
        for place, text in enumerate(asked, start=2):
            await channel.say(f"!ai {text}", name=f"Viewer {place}")
            *_, turn = await channel.settled(place)
            assert turn.verdict["rule"] == asked[text]
    assert before.verdict["rule"] == "lexicon.tier2.swearing"
    assert "shitty" in before.judged


async def test_the_words_of_the_channels_world_are_answered_and_said(stage: Channel, provider: ProviderServer) -> None:
    await choose(stage, "family", allowed=("cock", "cocks"))
    provider.chat.queue(reply("Two cocks and a hen."))
    async with live(stage) as channel:
        await channel.say("!ai how many cocks are on the farm")
        [turn] = await channel.settled()
    assert (turn.outcome, turn.said, turn.verdict["rule"]) == ("spoken", "Two cocks and a hen.", "")


async def test_a_sentence_of_hers_that_was_blocked_is_kept_as_it_was_judged(
    stage: Channel, provider: ProviderServer
) -> None:
    provider.chat.queue(reply("You silly faggot."))
    async with live(stage) as channel:
        await channel.say("!ai hello")
        [turn] = await channel.settled()
    assert turn.judged == "You silly faggot."
