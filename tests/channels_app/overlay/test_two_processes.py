"""Two web processes share a channel's pages: one voice among them, whichever serves which page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from channels.routing import URLRouter
from django.urls import path
from django.utils import timezone

from channels_app import push
from channels_app.models import Channel, OverlayPresence, PaidEvent, Turn
from channels_app.overlay import presence
from channels_app.overlay.consumer import OverlayConsumer
from channels_app.queries import PRESENCE_LIFE
from tests import factories
from tests.live import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end", "second_layer")]

OTHER = "other process"


class OtherConsumer(OverlayConsumer):
    """A page's consumer in another process: it shares Redis and the database with the first one, and nothing else."""

    channel_layer_alias = OTHER


other_application = URLRouter([path("ws/overlay/<str:public_id>/", OtherConsumer.as_asgi())])


@pytest.fixture
def second_layer(settings: Any) -> Iterator[None]:
    settings.CHANNEL_LAYERS = settings.CHANNEL_LAYERS | {OTHER: settings.CHANNEL_LAYERS["default"]}
    yield
    channel_layers.backends.pop(OTHER, None)


async def opened(channel: Channel, key: str, *, other: bool = False, was: str = "") -> tuple[Page, dict[str, Any]]:
    """A page in either process, and its welcome."""
    page = Page(channel, app=other_application) if other else Page(channel)
    await page.open()
    await page.say(t="hello", key=key, was=was)
    return page, await page.next_of("welcome")


async def test_one_of_them_is_heard_and_both_are_told_the_same(channel: Channel, key: str) -> None:
    one, first = await opened(channel, key)
    two, second = await opened(channel, key, other=True)
    assert (first["audio"], second["audio"]) == (True, False)
    message = {"type": "overlay.frames", "fence": 1, "frames": [{"t": "speech.begin", "utt": 1}]}
    await push.send(push.overlay_group(channel.public_id), message)
    assert (await one.next_of("speech.begin")) == (await two.next_of("speech.begin"))
    await one.leave()
    await two.leave()


async def test_only_the_word_of_the_one_that_is_heard_counts(channel: Channel, key: str) -> None:
    def paid() -> tuple[Turn, PaidEvent]:
        turn = factories.turn(channel)
        return turn, factories.paid_event(channel, state="claimed", turn=turn)

    turn, row = await sync_to_async(paid)()
    one, _ = await opened(channel, key)
    two, _ = await opened(channel, key, other=True)
    await two.say(t="ack", event="playing", utt=1, turn=str(turn.pk), position_ms=0)
    await two.leave()
    assert (await PaidEvent.objects.aget(pk=row.pk)).state == "claimed"
    await one.say(t="ack", event="playing", utt=1, turn=str(turn.pk), position_ms=0)
    await one.leave()
    assert (await PaidEvent.objects.aget(pk=row.pk)).state == "spoken"


async def test_when_the_one_that_is_heard_goes_the_one_in_the_other_process_is_told(channel: Channel, key: str) -> None:
    one, _ = await opened(channel, key)
    two, _ = await opened(channel, key, other=True)
    await one.leave()
    assert (await two.next_of("audio_owner"))["audio"] is True
    back, welcome = await opened(channel, key)
    assert welcome["audio"] is False, "the voice does not wander back"
    await back.leave()
    await two.leave()


async def test_a_reload_that_lands_in_the_other_process_leaves_one_voice(channel: Channel, key: str) -> None:
    one, first = await opened(channel, key)
    again, welcome = await opened(channel, key, other=True, was=first["connection"])
    assert welcome["audio"] is True
    assert (await one.next_of("audio_owner"))["audio"] is False
    await again.leave()
    await one.leave()


async def test_a_page_whose_process_died_keeps_the_voice_from_nobody(channel: Channel, key: str) -> None:
    one, first = await opened(channel, key)
    two, _ = await opened(channel, key, other=True)
    # Nobody is left to say that it goes: its row grows old.
    long_ago = timezone.now() - PRESENCE_LIFE - timedelta(seconds=1)
    await OverlayPresence.objects.filter(connection=first["connection"]).aupdate(seen_at=long_ago)
    await sync_to_async(presence.prune)()
    assert (await two.next_of("audio_owner"))["audio"] is True
    await two.leave()
    await one.leave()
