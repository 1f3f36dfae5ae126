"""A page that does not read, on a real socket: it holds up nobody, costs little and comes right again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import uvicorn
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser
from django.urls import path
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from channels_app import actions, push
from channels_app.models import Channel, OverlayPresence
from channels_app.overlay import outbox, protocol, sender
from channels_app.overlay.consumer import OverlayConsumer
from tests.channels_app.overlay.sound import run_frames, tone
from tests.clock import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

BUFFER = 16 * 1024
"""Bytes that the machine keeps for either end of a connection, so that a page soon stops the server."""
SPOKEN = tone(6)
LONG = tone(11)
FEW_SECONDS = 30


class Watched(OverlayConsumer):
    """Remembers its consumers and the most sound that ever waited in one."""

    seen: list[Watched] = []
    most = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen.append(self)

    def _tell(self, frame: outbox.Frame) -> None:
        super()._tell(frame)
        self.most = max(self.most, self.page._outbox.seconds)


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[str]:
    """The overlay's socket as the web process serves it; its address."""
    Watched.seen = []
    router = URLRouter([path("ws/overlay/<str:public_id>/", Watched.as_asgi())])

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await router({**scope, "user": AnonymousUser()}, receive, send)

    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    listening.bind(("127.0.0.1", 0))
    options: dict[str, Any] = {"lifespan": "off", "log_level": "error", "ws_per_message_deflate": False}
    server = uvicorn.Server(uvicorn.Config(application, timeout_graceful_shutdown=1, **options))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await until(lambda: server.started)
    try:
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()


class Reader:
    """A page on a real socket that reads when it is told to."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def next(self) -> Any:
        async with asyncio.timeout(FEW_SECONDS):
            frame = await self.connection.recv()
        return frame if isinstance(frame, bytes) else json.loads(frame)

    async def until(self, over: Callable[[Any], bool]) -> list[Any]:
        frames: list[Any] = []
        while not frames or not over(frames[-1]):
            frames.append(await self.next())
        return frames


@contextlib.asynccontextmanager
async def reader(address: str, channel: Channel, key: str, enc: str) -> AsyncIterator[Reader]:
    host, port = address.removeprefix("ws://").split(":")
    plug = socket.socket()
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    plug.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plug, (host, int(port)))
    url = f"{address}/ws/overlay/{channel.public_id}/"
    # A page that reads nothing answers no ping either; here it is judged by what it takes.
    connection = await connect(url, sock=plug, max_queue=1, ping_interval=None, close_timeout=0.1)
    try:
        await connection.send(json.dumps({"t": "hello", "key": key, "enc": [enc]}))
        made = Reader(connection)
        await made.until(lambda frame: frame["t"] == "welcome")
        yield made
    finally:
        connection.transport.abort()


async def run_says(channel: Channel, *frames: Any, fence: int = 1) -> None:
    message = {"type": "overlay.frames", "fence": fence, "frames": list(frames)}
    await push.send(push.overlay_group(channel.public_id), message)


def is_end_of(utterance: int) -> Callable[[Any], bool]:
    return lambda frame: isinstance(frame, dict) and frame["t"] == "speech.end" and frame["utt"] == utterance


def sound_of(frames: list[Any], utterance: int) -> list[int]:
    """Numbers of its frames of sound."""
    heads = [protocol.frame_header(frame) for frame in frames if isinstance(frame, bytes)]
    return [seq for _fence, number, seq, _offset in heads if number == utterance]


@pytest.mark.parametrize("enc", ["pcm_s16le", "opus"])
async def test_it_costs_a_bounded_memory_holds_up_nobody_and_then_hears_what_is_current(
    channel: Channel, key: str, enc: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "STUCK_SECONDS", 600)
    layer: Any = get_channel_layer()
    inbox = await layer.new_channel()
    await layer.group_add(push.inbox_group(channel.public_id), inbox)
    last = 40 if enc == "pcm_s16le" else 60
    async with served() as address, reader(address, channel, key, enc) as slow:
        async with reader(address, channel, key, enc) as other:
            for utterance in range(1, last + 1):
                frames = run_frames(SPOKEN, utt=utterance)
                await run_says(channel, *frames)
                heard = await other.until(is_end_of(utterance))
                assert set(sound_of(heard, utterance)) == set(range(60)), "the other page misses nothing"
        held, quick = Watched.seen
        assert held.drops > last / 2
        assert quick.drops == 0
        assert outbox.MOST_SECONDS / 2 < held.most <= outbox.MOST_SECONDS
        assert layer.channels[held.channel_name].empty(), "nothing piles up behind it"

        frames = await slow.until(is_end_of(last))
    begun = [frame["utt"] for frame in frames if isinstance(frame, dict) and frame["t"] == "speech.begin"]
    ended = [frame["utt"] for frame in frames if isinstance(frame, dict) and frame["t"] in ("speech.end", "interrupt")]
    assert set(begun) <= set(ended), "what the page has begun is ended"
    for utterance in begun:
        places = sorted(set(sound_of(frames, utterance)))
        assert places == list(range(len(places))), "a beginning or all of it, and no hole"
    assert set(sound_of(frames, last)) == set(range(60))

    told = (await layer.receive(inbox))["body"]
    while told["t"] != "dropped":
        told = (await layer.receive(inbox))["body"]
    assert set(told["utts"]) <= set(range(1, last))


async def test_a_drop_is_counted_where_the_broadcaster_looks(channel: Channel, key: str) -> None:
    async with served() as address, reader(address, channel, key, "pcm_s16le"):
        for utterance in range(1, 8):
            await run_says(channel, *run_frames(SPOKEN, utt=utterance))
        await until(OverlayPresence.objects.filter(channel=channel, dropped__gt=2).aexists)


async def test_panic_goes_before_what_waits_for_it(channel: Channel, key: str) -> None:
    async with served() as address, reader(address, channel, key, "pcm_s16le") as slow:
        await run_says(channel, *run_frames(LONG, utt=1))
        await until(lambda: Watched.seen[0].page._outbox.seconds > 4)
        await sync_to_async(actions.panic)(channel, acting_user=None)
        await until(lambda: Watched.seen[0].page._outbox.seconds < 1)
        frames = await slow.until(lambda frame: isinstance(frame, dict) and frame.get("name") == "muted")
        assert len(sound_of(frames, 1)) < 80, "most of it waited and was never sent"
        assert frames[-2] == {"t": "interrupt", "fence": 1, "utt": None}
        await run_says(channel, {"t": "state", "name": "muted"})
        assert (await slow.next())["t"] in ("state", "config")


async def test_what_is_cut_off_is_not_heard_to_the_end_of_what_waits(channel: Channel, key: str) -> None:
    async with served() as address, reader(address, channel, key, "pcm_s16le") as slow:
        await run_says(channel, *run_frames(LONG, utt=1))
        await until(lambda: Watched.seen[0].page._outbox.seconds > 4)
        await run_says(channel, {"t": "interrupt", "utt": 1}, *run_frames(tone(0.5), utt=2))
        await until(lambda: Watched.seen[0].page._outbox.seconds < 1)  # it has heard of it; nothing was read meanwhile
        frames = await slow.until(is_end_of(2))
    assert len(sound_of(frames, 1)) < 80
    assert set(sound_of(frames, 2)) == set(range(5))


async def test_a_page_that_takes_nothing_is_let_go_and_may_come_back(
    channel: Channel, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "STUCK_SECONDS", 0.3)
    async with served() as address:
        async with reader(address, channel, key, "pcm_s16le") as stuck:
            await run_says(channel, *run_frames(SPOKEN, utt=1))
            # Its place is free at once, though it never said that it goes.
            await until(lambda: is_alone(channel, 0))
            with pytest.raises(ConnectionClosed):
                await stuck.until(is_end_of(9))
        async with reader(address, channel, key, "pcm_s16le") as back:
            assert await is_alone(channel, 1)
            await run_says(channel, *run_frames(tone(0.5), utt=2))
            await back.until(is_end_of(2))


async def is_alone(channel: Channel, pages: int) -> bool:
    return await OverlayPresence.objects.filter(channel=channel).acount() == pages
