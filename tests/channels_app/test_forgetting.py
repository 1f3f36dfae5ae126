"""What chatters ask of her memory, and what moderators, Twitch and time take out of it."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.utils import timezone, translation

from channels_app import actions, forgetting, moderation, push, retention, talk, viewer_rights
from channels_app.models import (
    Channel,
    EventSubSubscription,
    MemoryFact,
    MemoryOptOut,
    PaidEvent,
    SafetyCase,
    StreamSummary,
    Turn,
)
from channels_app.viewer_rights import COMMANDS, Right, right_in
from channels_app.words import translated
from tests import factories
from tests.workers.memory_room import heard
from workers.pipeline.director import Director
from workers.pipeline.values import PersonaSnapshot, Triggers
from workers.twitch import rows

pytestmark = pytest.mark.django_db


def remembered(channel: Channel, chatter: str = "44", text: str = "Has a cat", **fields: Any) -> MemoryFact:
    values = {"chatter_name": "Dora", "source_id": f"of-{chatter}", "learned_at": timezone.now()} | fields
    return MemoryFact.objects.create(channel=channel, chatter_id=chatter, text=text, **values)


def summarised(channel: Channel, *ids: str) -> None:
    StreamSummary.objects.create(
        channel=channel, text="Cats.", covers=Turn.barred(*ids), begun_at=timezone.now(), read_until=timezone.now()
    )


def summary(channel: Channel) -> str:
    return StreamSummary.objects.get(channel=channel).text


def test_one_chatter_is_forgotten_and_the_others_are_not(channel: Channel) -> None:
    other = factories.channel()
    for where in (channel, other):
        remembered(where)
    remembered(channel, "45", "Loves chess")
    remembered(channel, "", "Streams on Fridays")
    heard(channel, "I have a cat", said="A cat, Dora!", heard="A cat, Dora!")
    heard(channel, "who is here?", "45", said="Dora is, and you!", heard="Dora is, and you!")
    kept = heard(channel, "I love chess", "45")
    paid = factories.paid_event(channel)
    summarised(channel, "44")
    forgetting.forget_chatter(channel, "44", "Dora")
    assert sorted(MemoryFact.objects.filter(channel=channel).values_list("text", flat=True)) == [
        "Loves chess",
        "Streams on Fridays",
    ]
    assert MemoryFact.objects.filter(channel=other).count() == 1
    mine = Turn.objects.get(channel=channel, forgotten=True)
    assert (mine.asked, mine.said, mine.heard, mine.chatter_name, mine.chatter_id, mine.answered) == ("",) * 6
    assert not Turn.objects.filter(channel=channel, said__contains="Dora").exists()
    kept.refresh_from_db()
    assert (kept.asked, kept.said) == ("I love chess", "How nice!")
    paid.refresh_from_db()
    assert (paid.state, paid.reason) == (PaidEvent.State.REFUSED, forgetting.REASON)
    assert set(paid.payload) == set(retention.KEPT) - {"tip"}
    assert summary(channel) == ""


@pytest.mark.parametrize(
    ("name", "said", "is_named"),
    [
        ("the_1999", "You know, the chat is fast.", False),
        ("the_1999", "Hello THE_1999!", True),
        ("Ann", "Many cannot plan it.", False),
        ("Ann", "Hi, ann: welcome.", True),
        ("Mia_77", "A miasma, Mia_778 says.", False),
        ("xX_Dorian_99", "It was XX Dorian who said so.", True),
        ("Барсик", "Привет, БАРСИК!", True),
        ("Барсик", "Я рассказала барсику о море.", True),
        ("Саша", "Саша пришла.", True),
        ("Саша", "Просаша и Сашатан.", False),
        ("a.c+", "abc and aac", False),
        ("a.c+", "Well, a.c+ wrote.", True),
    ],
)
def test_what_she_said_to_others_is_gone_only_where_it_names_the_chatter(
    channel: Channel, name: str, said: str, is_named: bool
) -> None:
    told = heard(channel, "who is here?", "45", said=said, heard=said)
    forgetting.forget_chatter(channel, "44", name)
    told.refresh_from_db()
    assert (told.said, told.heard) == (("", "") if is_named else (said, said))


def test_a_reported_line_is_found_after_its_turn_has_lost_every_name(channel: Channel) -> None:
    blocked = heard(
        channel, "bad", judged="bad", verdict={"action": "drop", "rule": "lexicon.tier1.x"}, said="", heard=""
    )
    actions.report_wrong(channel, acting_user=channel.broadcaster, turn=blocked)
    retention.forget_old_chat(now=timezone.now() + timedelta(days=1))
    assert SafetyCase.objects.filter(channel=channel).exists()
    forgetting.forget_chatter(channel, "44")
    assert not SafetyCase.objects.filter(channel=channel).exists()


@pytest.mark.parametrize(
    ("what", "left"),
    [
        ({"event_id": "of-44"}, ["Loves chess"]),
        ({"chatter_id": "44"}, ["Loves chess"]),
        ({}, []),
        ({"event_id": "another"}, ["Has a cat", "Loves chess"]),
    ],
)
def test_what_moderators_take_out_is_not_remembered(channel: Channel, what: dict[str, str], left: list[str]) -> None:
    remembered(channel)
    remembered(channel, "45", "Loves chess")
    remembered(channel, "", "Streams on Fridays", source_id="", written_by=channel.broadcaster)
    summarised(channel, "of-44", "44")
    moderation.take_back(channel, "the message was deleted", **what)
    about = MemoryFact.objects.filter(channel=channel).exclude(chatter_id="")
    assert sorted(about.values_list("text", flat=True)) == left
    assert MemoryFact.objects.filter(channel=channel, chatter_id="").count() == 1
    assert summary(channel) == ("Cats." if len(left) == 2 else "")


def test_a_broadcaster_who_takes_the_permission_back_takes_all_of_chat_along(channel: Channel) -> None:
    remembered(channel)
    remembered(channel, "", "Streams on Fridays", source_id="", written_by=channel.broadcaster)
    heard(channel, "I have a cat")
    paid = factories.paid_event(channel)
    summarised(channel, "44")
    EventSubSubscription.objects.create(channel=channel, type="channel.chat.message", twitch_id="s1", state="enabled")
    rows.note_revoked("s1", "authorization_revoked")
    assert list(MemoryFact.objects.values_list("text", flat=True)) == ["Streams on Fridays"]
    assert (Turn.objects.get().asked, Turn.objects.get().chatter_name, summary(channel)) == ("", "", "")
    paid.refresh_from_db()
    with translation.override("ru"):
        assert translated(paid.reason) == "владелец канала отозвал разрешение"


def test_facts_and_summaries_end_by_themselves(channel: Channel) -> None:
    remembered(channel, expires_at=timezone.now() + retention.FACT_LIFE)
    remembered(channel, "", "Streams on Fridays", source_id="")
    summarised(channel, "44")
    assert retention.forget_old_memory() == 0
    assert retention.forget_old_memory(now=timezone.now() + timedelta(days=1)) == 1
    assert summary(channel) == ""
    assert retention.forget_old_memory(now=timezone.now() + retention.FACT_LIFE + timedelta(days=1)) == 1
    assert list(MemoryFact.objects.values_list("text", flat=True)) == ["Streams on Fridays"]


@pytest.mark.django_db(transaction=True)
async def test_a_run_hears_what_ended_by_itself(channel: Channel) -> None:
    await sync_to_async(actions.start)(channel, acting_user=None)
    await sync_to_async(remembered)(channel, expires_at=timezone.now())
    layer: Any = get_channel_layer()
    run = await layer.new_channel()
    await layer.group_add(push.inbox_group(channel.public_id), run)
    await sync_to_async(retention.forget_old_memory)()
    async with asyncio.timeout(5):
        assert (await layer.receive(run))["body"] == {"t": "memory"}


@pytest.mark.parametrize("text", ["!forgetme", " !ForgetMe please", "!забудьменя"])
def test_a_chatter_is_obeyed_though_she_is_not_live(channel: Channel, text: str) -> None:
    remembered(channel, "typed-dora")
    talk.say_as(channel, "Dora", text)
    assert not MemoryFact.objects.exists()


def test_a_wish_for_no_memory_outlives_the_forgetting_and_can_be_taken_back(channel: Channel) -> None:
    remembered(channel, "typed-dora")
    talk.say_as(channel, "Dora", "!nomemory")
    assert not MemoryFact.objects.exists()
    talk.say_as(channel, "Dora", "!forgetme")
    assert "dora" not in MemoryOptOut.objects.get().digest
    talk.say_as(channel, "Dora", "!memory")
    assert not MemoryOptOut.objects.filter(ended_at=None).exists()
    retention.forget_old_memory(now=timezone.now() + retention.CHAT_LIFE)
    assert not MemoryOptOut.objects.exists()


def test_the_same_wish_is_heard_once_in_a_while_from_everybody(channel: Channel) -> None:
    assert viewer_rights.obey(channel, Right.KNOW, "44", "Dora")
    assert not viewer_rights.obey(channel, Right.KNOW, "44", "Dora")
    assert viewer_rights.obey(channel, Right.KNOW, "45", "Boris")
    assert viewer_rights.obey(channel, Right.FORGET, "44", "Dora")


@pytest.mark.parametrize("command", COMMANDS)
def test_no_such_line_ever_reaches_the_brain(command: str) -> None:
    persona = PersonaSnapshot(1, "Mika", "", "", "en", Triggers(every_message=True, chance=1.0, question=True))
    room = Director(persona, rng=random.Random(0))
    room.offer(factories.event(f"{command} what do you know?", at=0.0), 0.0)
    assert room.pick(0.0) is None
    assert right_in(command) is not None
    assert right_in(command + "x") is None
