"""What a live channel holds on to when a turn is over."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator

import pytest

from channels_app.models import Channel
from tests.clock import until
from tests.fakes.provider import ProviderServer, reply
from tests.live import LiveChannel, live
from workers.mouth.live import LiveTrack
from workers.pipeline.clip import Clip
from workers.pipeline.turn_log import TurnLog
from workers.stage import OverlayPerformance

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
        alive = Counter(type(thing) for thing in gc.get_objects() if type(thing) in HOLDERS)
    # The last one is kept for pages that come late.
    assert all(alive[holder] <= 1 for holder in HOLDERS), alive


async def _all_sent(channel: LiveChannel, utterances: int) -> None:
    await until(lambda: sum(utterance.complete for utterance in channel.show.utterances) == utterances)
