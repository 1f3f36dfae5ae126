"""What a page tells of its place, the offset of its own URL, and the test: over the real socket and layer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import IntegrityError
from django.utils import timezone

from channels_app import actions, push
from channels_app.models import AuditEvent, Channel, OverlayKey, OverlayPresence, Turn
from channels_app.overlay import protocol
from tests import factories
from tests.live import Page, page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

in_db: Callable[[Any], Any] = database_sync_to_async
WELL = {"fps": 59.9, "audible": True, "sample_rate": 48_000, "worklet": True, "width": 800, "height": 600}


async def row(channel: Channel) -> OverlayPresence:
    return await OverlayPresence.objects.aget(channel=channel)


async def obeyed(overlay: Page, channel: Channel) -> None:
    """Returns when the page's words so far have been dealt with: what it asks of the run comes after them."""
    layer: Any = get_channel_layer()
    inbox = await layer.new_channel()
    await layer.group_add(push.inbox_group(channel.public_id), inbox)
    await overlay.say(t="missing", utt=1, seq=0)
    while (await layer.receive(inbox))["body"]["t"] != "missing":
        pass
    await layer.group_discard(push.inbox_group(channel.public_id), inbox)


# What the page tells


async def test_a_page_tells_what_it_runs_in(channel: Channel, key: str) -> None:
    opened = Page(channel)
    await opened.open()
    await opened.say(t="hello", key=key, obs="2.26.4", program="32.0.2", engine="Chrome/127", renderer="RTX")
    await opened.next_of("welcome")
    await opened.say(t="stats", **WELL)
    await opened.say(t="visibility", visible=True, active=False)
    await obeyed(opened, channel)
    told = await row(channel)
    assert (told.obs_version, told.program_version) == ("2.26.4", "32.0.2")
    assert (told.engine, told.renderer) == ("Chrome/127", "RTX")
    assert (told.fps, told.sample_rate, told.worklet) == (59.9, 48_000, True)
    assert (told.width, told.height, told.visible, told.active) == (800, 600, True, False)
    await opened.leave()


async def test_nonsense_is_forced_into_bounds(channel: Channel, key: str) -> None:
    async with page(channel, key) as overlay:
        await overlay.next_of("welcome")
        nonsense: dict[str, Any] = {"sample_rate": 1e12, "worklet": "yes", "width": -5, "height": 1e9, "fps": "fast"}
        await overlay.say(t="stats", **nonsense)
        await obeyed(overlay, channel)
        told = await row(channel)
    assert (told.sample_rate, told.worklet) == (protocol.MOST_HERTZ, False)
    assert (told.width, told.height, told.fps) == (0, protocol.MOST_PIXELS, 0)


async def test_a_long_name_of_a_graphics_card_is_cut(channel: Channel, key: str) -> None:
    opened = Page(channel)
    await opened.open()
    await opened.say(t="hello", key=key, preview=False, renderer="x" * 5000)
    await opened.next_of("welcome")
    assert (await row(channel)).renderer == "x" * 120
    await opened.leave()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, 0),
        ({"fps": 58.0}, 0),
        ({"mouth_lag_ms": 9.0}, 0),
        ({"fps": 31.0}, 1),
        ({"width": 1920}, 1),
        ({"gaps": 1}, 1),
    ],
)
async def test_the_dashboard_hears_what_a_person_would_notice_and_no_more(
    channel: Channel, key: str, change: dict[str, Any], words: int
) -> None:
    layer: Any = get_channel_layer()
    ear = await layer.new_channel()
    async with page(channel, key) as overlay:
        await overlay.say(t="stats", **WELL)
        await overlay.next_of("welcome")
        await obeyed(overlay, channel)
        await layer.group_add(push.dashboard_group(channel.public_id), ear)
        await overlay.say(t="stats", **(WELL | change))
        await obeyed(overlay, channel)
        await push.dashboard(channel.public_id, {"t": "marker"})
        heard = []
        while (word := (await layer.receive(ear))["body"]["t"]) != "marker":
            heard.append(word)
    assert heard == ["overlay"] * words


# The offset of its own URL


async def test_a_url_without_an_offset_has_the_channels(channel: Channel, key: str) -> None:
    await Channel.objects.filter(pk=channel.pk).aupdate(mouth_offset_ms=40)
    async with page(channel, key) as overlay:
        assert (await overlay.next_of("welcome"))["mouth_offset_ms"] == 40


async def test_an_offset_reaches_the_pages_of_its_url_at_once_and_stays(channel: Channel, key: str) -> None:
    other, plain = await in_db(factories.overlay_key)(channel)
    mine = await OverlayKey.objects.exclude(pk=other.pk).aget()
    async with page(channel, key) as overlay, page(channel, plain) as second:
        for each in (overlay, second):
            await each.next_of("welcome")
        await in_db(actions.set_mouth_offset)(channel, acting_user=None, key=mine, offset_ms=-350)
        assert await overlay.next_of("config") == {"t": "config", "mouth_offset_ms": -350}
        await Channel.objects.filter(pk=channel.pk).aupdate(mouth_offset_ms=50)
        await push.overlay_control(channel.public_id, {"t": "config"})
        # The first that the page of another URL hears of it all.
        assert await second.next_of("config") == {"t": "config", "mouth_offset_ms": 50}
        await Channel.objects.filter(pk=channel.pk).aupdate(mouth_offset_ms=0)
    async with page(channel, key) as reloaded:
        assert (await reloaded.next_of("welcome"))["mouth_offset_ms"] == -350
        await in_db(actions.set_mouth_offset)(channel, acting_user=None, key=mine, offset_ms=None)
        assert (await reloaded.next_of("config"))["mouth_offset_ms"] == 0


def test_a_new_url_takes_the_offset_of_the_one_it_replaces(channel: Channel, key: str) -> None:
    OverlayKey.objects.update(mouth_offset_ms=120)
    actions.new_overlay_url(channel, acting_user=None)
    assert OverlayKey.objects.get(expires_at=None).mouth_offset_ms == 120


def test_the_same_offset_again_is_no_deed(channel: Channel, key: str) -> None:
    mine = OverlayKey.objects.get()
    for _twice in range(2):
        actions.set_mouth_offset(channel, acting_user=None, key=mine, offset_ms=100)
    assert AuditEvent.objects.filter(action="overlay.mouth_offset_changed").count() == 1


def test_the_database_refuses_an_offset_out_of_range(channel: Channel, key: str) -> None:
    with pytest.raises(IntegrityError):
        OverlayKey.objects.update(mouth_offset_ms=501)


def test_the_url_of_another_channel_is_not_touched(channel: Channel, key: str) -> None:
    with pytest.raises(OverlayKey.DoesNotExist):
        actions.set_mouth_offset(
            factories.channel(), acting_user=None, key=OverlayKey.objects.get(), offset_ms=100
        )  # fmt: skip


# The test


async def test_the_test_reaches_every_page_and_can_be_ended(channel: Channel, key: str) -> None:
    async with page(channel, key) as overlay, page(channel, key) as second:
        for each in (overlay, second):
            await each.next_of("welcome")
        await in_db(actions.play_test)(channel, acting_user=None)
        for each in (overlay, second):
            assert await each.next_of("calibrate") == {"t": "calibrate", "count": 8, "every_ms": 1000}
        await in_db(actions.end_test)(channel, acting_user=None)
        for each in (overlay, second):
            assert (await each.next_of("calibrate"))["count"] == 0


async def test_a_silenced_page_gets_no_test(channel: Channel, key: str) -> None:
    async with page(channel, key) as overlay:
        await overlay.next_of("welcome")
        await in_db(actions.panic)(channel, acting_user=None)
        assert (await overlay.next_of("interrupt"))["utt"] is None
        await push.overlay_control(channel.public_id, {"t": "test", "count": 8})
        await push.overlay_control(channel.public_id, {"t": "owner", "connection": "another"})
        kinds = [(await overlay.next())["t"], (await overlay.next())["t"]]
    assert kinds == ["state", "audio_owner"]


def refusal(channel: Channel) -> str:
    with pytest.raises(actions.Refused) as refused:
        actions.play_test(channel, acting_user=None)
    return str(refused.value)


def test_it_is_refused_where_nobody_would_hear_it_or_she_speaks(channel: Channel) -> None:
    assert "No overlay is connected" in refusal(channel)
    factories.overlay_page(channel)
    for outcome in Turn.OPEN:
        turn = factories.turn(channel, outcome=outcome)
        assert "She is answering just now" in refusal(channel)
        turn.delete()
    Channel.objects.filter(pk=channel.pk).update(panic_since=timezone.now())
    assert "She is silenced" in refusal(channel)
    Channel.objects.filter(pk=channel.pk).update(panic_since=None, suspended_at=timezone.now())
    assert "suspended" in refusal(channel)
    assert not AuditEvent.objects.filter(action="overlay.tested").exists()


def test_a_turn_that_a_dead_worker_left_open_is_in_nobodys_way(channel: Channel) -> None:
    factories.overlay_page(channel)
    factories.turn(channel, outcome=Turn.Outcome.SPEAKING)
    Turn.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    actions.play_test(channel, acting_user=None)
    assert AuditEvent.objects.filter(action="overlay.tested").count() == 1
