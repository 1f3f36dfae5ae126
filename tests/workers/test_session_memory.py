"""What a live channel holds on to when a turn is over."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from billing.budget import Claim
from billing.limits import Limits
from channels_app import actions
from channels_app.models import Channel, Turn
from tests.clock import until
from tests.fakes.provider import ProviderServer, reply
from tests.live import LiveChannel, lease_for, live
from tests.workers.memory_room import heard
from workers import records, wiring
from workers.fleet.runtime import in_db
from workers.mouth.live import LiveTrack
from workers.performance import OverlayPerformance
from workers.pipeline.clip import Clip
from workers.pipeline.director import Choice
from workers.pipeline.turn import begin
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import Chatter, EventKind, Sentence, StreamEvent
from workers.records import Asking
from workers.rehearsal.unwatched import EmptyStage
from workers.under_way import TurnsUnderWay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

HOLDERS = (TurnLog, OverlayPerformance, Clip, LiveTrack)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Only what nobody refers to is freed, as if the garbage collector did not come by for long."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("interrupted", [False, True])
async def test_a_turn_that_is_over_holds_no_sound_until_the_collector_comes(
    stage: Channel, provider: ProviderServer, interrupted: bool
) -> None:
    async with live(stage) as channel:
        channel.show.holding = interrupted
        for number in range(1, 4):
            provider.chat.queue(reply(f"Evening {number}."))
            await channel.say("!ai hello there", name=f"Viewer{number}")
            if interrupted:
                await _all_sent(channel, number)
                await channel.tell(t="command", name="skip")
            await channel.settled(number)
        # A turn is over in its row a moment before the task that wrote the row ends.
        await until(_only_the_last_end_is_held, seconds=5)


def _only_the_last_end_is_held() -> bool:
    """The end of the last utterance is kept for pages that missed it."""
    alive = Counter(type(thing) for thing in gc.get_objects() if type(thing) in HOLDERS)
    return alive.pop(OverlayPerformance, 0) <= 1 and not alive


async def _all_sent(channel: LiveChannel, utterances: int) -> None:
    await until(lambda: sum(utterance.complete for utterance in channel.show.utterances) == utterances)


async def test_a_turn_that_is_in_no_row_yet_stays_part_of_a_conversation_that_is_read_anew(stage: Channel) -> None:
    await sync_to_async(actions.start)(stage, acting_user=None)
    facts = await in_db(records.load, stage.public_id)
    said = StreamEvent("m1", EventKind.MESSAGE, Chatter("45", "Boris"), "!ai hi", 0.0)
    room = EmptyStage()
    turn = begin(wiring.line_for(facts, room, time.time), Choice((said,), "command", "chatter", said.text))
    played = room.perform(turn.id)
    await played.sentence(Sentence("Hi, Boris!"))
    turn.said, turn.starts, turn.performance = ["Hi, Boris!"], [0.0], played
    assert await in_db(records.open_turn, facts, 1, turn, Asking(Claim(), Limits(), forced=False))
    await Turn.objects.filter(pk=turn.id).aupdate(heard_at=timezone.now())
    await in_db(heard, stage, "I have a cat", "44", event_id="m0")
    under_way = TurnsUnderWay(lease_for(stage))
    in_its_row = asyncio.create_task(asyncio.sleep(0, True))
    under_way.end(turn)
    locked, may_write = threading.Event(), threading.Event()

    def lock_row() -> None:
        with transaction.atomic():
            Turn.objects.filter(pk=turn.id).update(trigger="command")
            locked.set()
            may_write.wait(10)

    busy = asyncio.create_task(in_db(lock_row))
    await asyncio.to_thread(locked.wait, 10)
    writing = asyncio.create_task(under_way.write_down(facts, turn, in_its_row))
    await until(lambda: bool(under_way.history))
    await under_way.read_anew(stage.pk, list)
    assert [past.reply for past in under_way.history] == ["How nice!", "Hi, Boris!"]
    may_write.set()
    await asyncio.gather(busy, writing)
    await under_way.read_anew(stage.pk, list)
    assert [past.reply for past in under_way.history] == ["Hi, Boris!", "How nice!"]
