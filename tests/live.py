"""A channel that is live inside a test: real run, layer, database and socket; only the page is played."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser
from django.urls import path

from channels_app import actions, push
from channels_app.models import Channel, Turn, User
from channels_app.overlay import protocol
from channels_app.overlay.consumer import OverlayConsumer
from tests.clock import until
from workers import session
from workers.fleet.lease import Lease, Tenure, boottime
from workers.pipeline.values import Chatter, EventKind, StreamEvent, new_id

application = URLRouter([path("ws/overlay/<str:public_id>/", OverlayConsumer.as_asgi())])


_communicator: Any = ApplicationCommunicator
"""asgiref ships no types for it."""


class Page:
    """A page's side of the overlay socket."""

    def __init__(self, channel: Channel, user: User | None = None, app: Any = application) -> None:
        self._socket: Any = _communicator(
            app,
            {
                "type": "websocket",
                "path": f"/ws/overlay/{channel.public_id}/",
                "headers": [],
                "user": user or AnonymousUser(),
                "client": ["127.0.0.1", 4000],
            },
        )
        self._gone = False

    async def open(self) -> None:
        await self._socket.send_input({"type": "websocket.connect"})
        assert (await self._socket.receive_output(5))["type"] == "websocket.accept"

    async def next(self, seconds: float = 5) -> Any:
        """The next frame: a dict, bytes, or the close code."""
        raw = await self._socket.receive_output(seconds)
        if raw["type"] == "websocket.close":
            return raw["code"]
        return raw["bytes"] if raw.get("bytes") is not None else json.loads(raw["text"])

    async def next_of(self, kind: str) -> Any:
        while True:
            frame = await self.next()
            if isinstance(frame, dict) and frame["t"] == kind:
                return frame

    async def hears_nothing(self, seconds: float) -> bool:
        """Whether no frame comes for so long."""
        return bool(await self._socket.receive_nothing(seconds))

    async def say(self, **message: Any) -> None:
        await self._socket.send_input({"type": "websocket.receive", "text": json.dumps(message)})

    @property
    def is_read(self) -> bool:
        """Whether the server has taken in all that was said."""
        return bool(self._socket.input_queue.empty())

    async def leave(self) -> None:
        """Returns when everything said before has been dealt with."""
        if not self._gone:
            self._gone = True
            await self._socket.send_input({"type": "websocket.disconnect", "code": 1000})
            await self._socket.wait(5)


@contextlib.asynccontextmanager
async def page(channel: Channel, key: str = "", *, user: User | None = None) -> AsyncIterator[Page]:
    """A page that has said hello; without a key it is the dashboard's preview."""
    opened = Page(channel, user)
    await opened.open()
    await opened.say(t="hello", key=key, preview=not key, obs="", build="", engine="test")
    yield opened
    await opened.leave()


OF_ITS_BEGIN = {"sentence", "words", "mouth", "speech.end"}
"""What a page cannot place without an utterance's begin."""


@dataclass
class Utterance:
    """What the overlay got of one turn."""

    turn: str
    sentences: list[str] = field(default_factory=list)
    begins: list[float] = field(default_factory=list)
    """The ms at which each sentence begins."""
    sound: dict[int, float] = field(default_factory=dict)
    """Seconds of each frame."""
    mouths: list[str] = field(default_factory=list)
    words: dict[float, list[list[float]]] = field(default_factory=dict)
    """By the ms at which a sentence begins: its words as they were told last."""
    complete: bool = False
    interrupted: bool = False

    @property
    def seconds(self) -> float:
        return sum(self.sound.values())

    def lacks(self, count: int) -> int | None:
        """The first of so many frames that has not come, or None."""
        return next((seq for seq in range(count) if seq not in self.sound), None)


class Show:
    """An overlay that plays what it gets and says so, and asks for what it did not get. `holding` sound plays on until
    it is let go; of the utterances in `unplayed` it says nothing, as a page does that waits for a click."""

    def __init__(self, overlay: Page) -> None:
        self.overlay = overlay
        self.utterances: list[Utterance] = []
        self.states: list[str] = []
        self.holding = False
        self.unplayed: set[int] = set()
        self._task = asyncio.create_task(self._watch())
        self._by_number: dict[int, Utterance] = {}

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def let_go(self) -> None:
        """What was held is heard to its end, and all that comes after it."""
        self.holding = False
        for number, utterance in self._by_number.items():
            if utterance.complete and not utterance.interrupted:
                await self._ack("ended", number, utterance.seconds * 1000)

    async def _watch(self) -> None:
        while True:
            frame = await self.overlay.next(600)
            if isinstance(frame, bytes):
                await self._sound(frame)
            elif isinstance(frame, dict):
                await self._word(frame)
            else:
                return

    async def _sound(self, frame: bytes) -> None:
        _fence, number, seq, _offset = protocol.frame_header(frame)
        if (utterance := self._by_number.get(number)) is None:
            return
        if not utterance.sound:
            await self._ack("playing", number, 0)
        utterance.sound[seq] = (len(frame) - protocol.HEADER_BYTES) / 2 / protocol.RATE

    async def _word(self, frame: dict[str, Any]) -> None:
        if frame["t"] in OF_ITS_BEGIN and frame["utt"] not in self._by_number:
            return  # its begin was lost; it comes again with that
        match frame["t"]:
            case "state":
                self.states.append(frame["name"])
            case "speech.begin" if frame["utt"] not in self._by_number:
                self._by_number[frame["utt"]] = utterance = Utterance(frame["turn"])
                self.utterances.append(utterance)
            case "speech.sent":
                utterance = self._by_number.get(frame["utt"], Utterance(""))
                if (seq := utterance.lacks(frame["seq"])) is not None and not utterance.interrupted:
                    await self.overlay.say(t="missing", utt=frame["utt"], seq=seq)
            case "sentence":
                utterance = self._by_number[frame["utt"]]
                if frame["at"] not in utterance.begins:
                    utterance.begins.append(frame["at"])
                    utterance.sentences.append(frame["text"])
            case "words":
                self._by_number[frame["utt"]].words[frame["at"]] = frame["v"]
            case "mouth":
                self._by_number[frame["utt"]].mouths += [key[1] for key in frame["v"]]
            case "speech.end":
                self._by_number[frame["utt"]].complete = True
                if not self.holding:
                    await self._ack("ended", frame["utt"], self._by_number[frame["utt"]].seconds * 1000)
            case "interrupt":
                for number, utterance in self._by_number.items():
                    if frame["utt"] in (None, number):
                        utterance.interrupted = True
                        await self._ack("interrupted", number, 500)

    async def _ack(self, event: str, number: int, position: float) -> None:
        if number in self.unplayed:
            return
        turn = self._by_number[number].turn
        await self.overlay.say(t="ack", event=event, utt=number, turn=turn, position_ms=position)


class LiveChannel:
    """One running channel with an overlay."""

    def __init__(self, channel: Channel, lease: Lease, show: Show, run: asyncio.Task[None]) -> None:
        self.channel = channel
        self.lease = lease
        self.show = show
        self.run = run

    async def say(self, text: str, *, name: str = "Viewer", kind: EventKind = EventKind.MESSAGE, **fields: Any) -> str:
        """One chat message; its id."""
        event = StreamEvent(new_id(), kind, Chatter(name.lower(), name), text, time.time(), **fields)
        await self.tell(t="event", event=event.as_message())
        return event.id

    async def tell(self, **body: Any) -> None:
        await push.inbox(self.channel.public_id, body)

    async def turns(self) -> list[Turn]:
        """All turns, oldest first."""
        return await sync_to_async(lambda: list(Turn.objects.filter(channel=self.channel).order_by("created_at")))()

    async def settled(self, count: int = 1, *, seconds: float = 30) -> list[Turn]:
        """The turns, when so many of them are over."""

        async def over() -> bool:
            return await Turn.objects.filter(channel=self.channel, ended_at__isnull=False).acount() >= count

        await until(over, seconds=seconds)
        return await self.turns()


def lease_for(channel: Channel, fence: int = 1) -> Lease:
    """A right to run that does not end by itself."""
    return Lease(f"channel/{channel.public_id}", fence, Tenure("test", 1, boottime() + 3600))


@contextlib.asynccontextmanager
async def watching(channel: Channel, *, allowed: bool = True) -> AsyncIterator[Show]:
    """An overlay in OBS; one that is not `allowed` has a wrong key and is no audience."""
    url = await sync_to_async(actions.new_overlay_url)(channel, acting_user=None)
    async with page(channel, url.rpartition("#k=")[2] if allowed else "wrong") as opened:
        await opened.next()
        show = Show(opened)
        try:
            yield show
        finally:
            await show.close()


@contextlib.asynccontextmanager
async def live(channel: Channel, *, fence: int = 1, overlay: bool = True) -> AsyncIterator[LiveChannel]:
    """The channel live, with one overlay connected."""
    await sync_to_async(actions.start)(channel, acting_user=None)
    lease = lease_for(channel, fence)
    async with watching(channel, allowed=overlay) as show:
        run = asyncio.create_task(session.run(lease, channel.public_id))
        await _answering(channel, run)
        try:
            yield LiveChannel(channel, lease, show, run)
        finally:
            run.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await run


async def _answering(channel: Channel, run: asyncio.Task[None]) -> None:
    """Returns when the run reads its inbox: a message sent earlier would be lost, as in a real chat."""
    from channels.layers import get_channel_layer

    layer: Any = get_channel_layer()

    async def subscribed() -> bool:
        if run.done():
            run.result()
            raise AssertionError("the run ended at once")
        return bool(layer.groups.get(layer._get_group_channel_name(push.inbox_group(channel.public_id))))

    await until(subscribed, seconds=30)
