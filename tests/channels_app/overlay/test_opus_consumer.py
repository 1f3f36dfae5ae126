"""The overlay's socket for pages that take Opus, beside others that take PCM."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest
from channels.layers import get_channel_layer

from channels_app import push
from channels_app.models import Channel
from channels_app.overlay import opus
from tests.channels_app.overlay.sound import MILLISECOND, PART, PCM, lag, run_frames, samples
from tests.fakes.opus_page import OpusPage
from tests.live import Page
from workers.pipeline.values import Sentence
from workers.stage import OverlayStage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

BOTH = ["opus", "pcm_s16le"]
WHOLE = run_frames(PCM)


@contextlib.asynccontextmanager
async def listener(channel: Channel, key: str, enc: list[str], **hello: Any) -> AsyncIterator[Page]:
    overlay = Page(channel)
    await overlay.open()
    await overlay.say(t="hello", key=key, enc=enc, **hello)
    await overlay.next_of("welcome")
    yield overlay
    await overlay.leave()


async def run_says(channel: Channel, *frames: Any, fence: int = 1, only: str | None = None) -> None:
    message = {"type": "overlay.frames", "fence": fence, "frames": list(frames), "only": only}
    await push.send(push.overlay_group(channel.public_id), message)


async def until_end(overlay: Page) -> list[Any]:
    """Everything up to the end of an utterance."""
    frames = []
    while True:
        frames.append(await overlay.next())
        if isinstance(frames[-1], dict) and frames[-1]["t"] == "speech.end":
            return frames


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a part waits for the next no longer than a moment."""
    monkeypatch.setattr(opus, "HELD_SECONDS", 0.01)


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation without the package."""
    monkeypatch.setitem(sys.modules, "av", None)
    opus.can_encode.cache_clear()
    yield
    opus.can_encode.cache_clear()


async def test_two_pages_of_one_channel_each_get_what_they_take(channel: Channel, key: str) -> None:
    async with listener(channel, key, BOTH) as far, listener(channel, key, ["pcm_s16le"]) as near:
        await run_says(channel, *WHOLE)
        coded, plain = await until_end(far), await until_end(near)
    assert plain == [frame if isinstance(frame, bytes) else frame | {"fence": 1} for frame in WHOLE]
    page = OpusPage().take_all(coded)
    assert page.begun[0]["enc"] == "opus"
    assert len(page.sounds[1]) == len(PCM) // 2
    assert not np.isnan(page.sounds[1]).any()
    assert page.weight < len(PCM) / 10


async def test_a_page_that_says_nothing_of_it_gets_pcm(channel: Channel, key: str) -> None:
    async with listener(channel, key, []) as overlay:
        await run_says(channel, *WHOLE[:2])
        assert (await overlay.next())["enc"] == "pcm_s16le"
        assert await overlay.next() == WHOLE[1]


@pytest.mark.usefixtures("no_encoder")
async def test_without_an_encoder_the_page_gets_pcm(channel: Channel, key: str) -> None:
    async with listener(channel, key, BOTH) as overlay:
        await run_says(channel, *WHOLE[:2])
        assert (await overlay.next())["enc"] == "pcm_s16le"
        assert await overlay.next() == WHOLE[1]


async def test_an_encoder_that_fails_in_the_middle_is_told_and_pcm_goes_on(
    channel: Channel, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listener(channel, key, BOTH) as overlay:
        await run_says(channel, *WHOLE[:3])
        assert (await overlay.next())["enc"] == "opus"
        assert max(len(await overlay.next()), len(await overlay.next())) < PART // 5
        # libopus refuses packets of another length.
        monkeypatch.setattr(opus, "PACKET", opus.PACKET // 2)
        await run_says(channel, WHOLE[3], WHOLE[4])
        announced = await overlay.next()
        assert (announced["t"], announced["enc"], announced["seq"]) == ("speech.begin", "pcm_s16le", 2)
        assert await overlay.next() == WHOLE[3]
        assert await overlay.next() == WHOLE[4]


@pytest.mark.usefixtures("short_wait")
async def test_what_waits_for_a_part_that_does_not_come_is_sent_without_it(channel: Channel, key: str) -> None:
    async with listener(channel, key, BOTH) as overlay:
        await run_says(channel, *WHOLE[:4])
        page = OpusPage()
        while len(page.sounds.get(1, ())) < 3 * PART // 2:
            page.take(await overlay.next())
    assert not np.isnan(page.sounds[1]).any()


async def test_a_page_that_comes_back_in_the_middle_hears_the_rest(channel: Channel, key: str) -> None:
    """The run's own stage tells it again, as when a network was away."""
    layer: Any = get_channel_layer()
    inbox = await layer.new_channel()
    await layer.group_add(push.inbox_group(channel.public_id), inbox)
    stage = OverlayStage(channel.public_id, fence=1, alive=lambda: True)
    performance = stage.perform("turn")
    async with listener(channel, key, BOTH) as before:
        await performance.sentence(Sentence("Would you rather own seven small elephants?"))
        for begin in range(0, 8 * PART, PART):
            await performance.audio(PCM[begin : begin + PART], [])
        first = OpusPage()
        while len(first.seqs) < 8:
            first.take(await before.next())
    await performance.audio(PCM[8 * PART : 12 * PART], [])
    # The tail of the eighth frame had not come when the network went: it is the first one needed.
    async with listener(channel, key, BOTH, have=[[1, 1, 7]]) as after:
        while (body := (await layer.receive(inbox))["body"])["t"] != "overlay" or body.get("had") != [[1, 1, 7]]:
            pass
        await stage.welcome(body["connection"], body["had"])
        await performance.audio(PCM[12 * PART :], [])
        await performance.finish()
        second = OpusPage().take_all(await until_end(after))
    assert second.begun[0]["seq"] == 7
    old, new = first.sounds[1], second.sounds[1]
    assert np.isnan(new[: 7 * PART // 2]).all()
    assert len(old) > 7 * PART // 2, "they overlap"
    sound = np.concatenate([old, new[len(old) :]])
    assert len(sound) == len(PCM) // 2
    assert not np.isnan(sound).any()
    assert abs(lag(sound, samples(PCM))) < MILLISECOND / 4


@pytest.mark.usefixtures("short_wait")
async def test_panic_and_a_new_run_leave_nothing_waiting(channel: Channel, key: str) -> None:
    async with listener(channel, key, BOTH) as overlay:
        await run_says(channel, *WHOLE[:3])
        await run_says(channel, {"t": "state", "name": "listening"}, fence=2)
        await overlay.next_of("state")
        assert await overlay.hears_nothing(0.1)
        await run_says(channel, *WHOLE[:3], fence=2)
        await push.send(push.overlay_group(channel.public_id), {"type": "overlay.silence"})
        await overlay.next_of("interrupt")
        assert (await overlay.next())["name"] == "muted"
        assert await overlay.hears_nothing(0.1)


async def test_a_page_that_asks_without_end_gets_pcm(channel: Channel, key: str) -> None:
    again = [WHOLE[0], *[frame for frame in WHOLE if isinstance(frame, bytes)]]
    seconds = len(PCM) / 2 / 24_000
    async with listener(channel, key, BOTH) as overlay:
        layer: Any = get_channel_layer()
        inbox = await layer.new_channel()
        await layer.group_add(push.inbox_group(channel.public_id), inbox)
        await overlay.say(t="missing", utt=1, seq=0)
        connection = (await layer.receive(inbox))["body"]["connection"]
        coded = 0
        while coded < 2 * opus.MOST_REPEATED / seconds:
            await run_says(channel, *again, only=connection)
            begun = await overlay.next_of("speech.begin")
            if begun["enc"] == "pcm_s16le":
                break
            coded += 1
    assert begun["enc"] == "pcm_s16le"
    assert coded >= opus.MOST_REPEATED / seconds - 2


async def test_an_encoder_that_fails_turns_every_utterance_to_pcm(
    channel: Channel, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = run_frames(PCM, utt=2)
    async with listener(channel, key, BOTH) as overlay:
        await run_says(channel, *WHOLE[:3], *second[:2])
        for _ in range(5):
            await overlay.next()
        monkeypatch.setattr(opus, "PACKET", opus.PACKET // 2)
        await run_says(channel, second[2])
        announced = [await overlay.next(), await overlay.next()]
        assert {(one["utt"], one["enc"]) for one in announced} == {(1, "pcm_s16le"), (2, "pcm_s16le")}
        assert await overlay.next() == second[2]
