"""The suite's own ground: no network, no keys of anybody, time that jumps, factories that make whole rows."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.cache import cache
from pytest_socket import SocketConnectBlockedError

from channels_app.models import Channel, User
from channels_app.overlay import auth
from tests import factories, virtual_time


def test_the_internet_is_out_of_reach() -> None:
    with pytest.warns(UserWarning, match="socket.connect"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)


def test_no_keys_reach_the_tests() -> None:
    assert not settings.ENV.has_twitch
    assert not settings.ENV.has_llm
    assert not settings.ENV.STRIPE_SECRET_KEY.get_secret_value()


def test_redis_answers() -> None:
    cache.set("ground", "firm")
    assert cache.get("ground") == "firm"


async def test_the_channel_layer_carries_bytes() -> None:
    layer = get_channel_layer()
    assert layer is not None
    name = await layer.new_channel()
    await layer.group_add("ground", name)
    await layer.group_send("ground", {"type": "frame", "pcm": b"\x00\x01"})
    assert (await layer.receive(name))["pcm"] == b"\x00\x01"


def test_the_people_are_who_they_should_be(channel: Channel, alice: User, bob: User, charlie: User) -> None:
    assert [m.user for m in channel.memberships.order_by("role")] == [bob, alice]
    assert not channel.memberships.filter(user=charlie).exists()
    published = channel.personas.get().published
    assert published is not None
    assert published.name == "Mira"


def test_rows_hang_on_their_channel(channel: Channel) -> None:
    row, key = factories.overlay_key(channel)
    assert auth.key_for(channel, key) == row
    assert factories.turn(channel).channel == channel
    assert factories.paid_event(channel).state == "waiting"


@virtual_time.virtual
async def test_an_hour_passes_at_once() -> None:
    began = time.monotonic()
    await asyncio.sleep(3600)
    assert asyncio.get_running_loop().time() == pytest.approx(3600)
    assert time.monotonic() - began < 5


@virtual_time.virtual
async def test_virtual_time_stands_while_a_thread_works() -> None:
    loop = asyncio.get_running_loop()
    timer = asyncio.create_task(asyncio.sleep(1))
    assert await loop.run_in_executor(None, sum, [1, 2]) == 3
    assert loop.time() == 0
    await timer
