"""The overlay as the line sees it: frames out, acks in. Crosses from the line to the channel layer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from channels_app import push
from workers.fleet import gauges
from workers.performance import KEPT_SECONDS, Frame, OverlayPerformance

Send = Callable[[str, dict[str, Any]], Awaitable[Any]]
REMINDERS = 3
"""So often what she does is told again: the channel layer loses words without a sign while its Redis restarts."""


class OverlayStage:
    """All overlays of one channel. Implements the `Stage` port; `send` is the channel layer's."""

    def __init__(
        self,
        public_id: str,
        *,
        fence: int,
        alive: Callable[[], bool],
        send: Send = push.send,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.fence = fence
        self.now = now
        self.name = "offline"
        self.audience = 0
        """Connected overlay pages, by the presence rows."""
        self._public_id = public_id
        self._alive = alive
        self._send = send
        self._reminders = 0
        self._utterances = 0
        self._playing: dict[int, OverlayPerformance] = {}
        self._over: set[int] = set()

    @property
    def has_audience(self) -> bool:
        return self.audience > 0

    async def state(self, name: str) -> None:
        """One of `protocol.STATES`; told to overlays and dashboard."""
        self.name = name
        self._reminders = REMINDERS
        await self.send([{"t": "state", "name": name}])
        await self.tell_dashboards()

    async def remind(self) -> None:
        """Tells overlays once more what she does, where that is rather new, and forgets what was over the last time
        already. Call it every few seconds."""
        self._playing = {number: old for number, old in self._playing.items() if number not in self._over}
        self._over = {number for number, old in self._playing.items() if old.playout.over}
        if self._reminders > 0:
            self._reminders -= 1
            await self.send([{"t": "state", "name": self.name}])

    async def tell_dashboards(self) -> None:
        """What she is doing, for dashboards alone."""
        body = {"t": "state", "state": self.name, "fence": self.fence}
        await self._send(push.dashboard_group(self._public_id), {"type": "dashboard.message", "body": body})

    def perform(self, turn_id: str) -> OverlayPerformance:
        """A new utterance."""
        self._utterances += 1
        performance = OverlayPerformance(self, turn_id, self._utterances)
        self._playing = {number: old for number, old in self._playing.items() if not old.playout.over}
        self._playing[self._utterances] = performance
        return performance

    def count(self, audience: int) -> None:
        """So many pages are connected now."""
        if self.audience and not audience:
            for performance in self._playing.values():
                performance.hold()
        self.audience = audience

    async def send(self, frames: Sequence[Frame], only: str | None = None) -> None:
        """Frames to the overlays, with the fence. A run whose lease is over stays silent."""
        if not frames or not self._alive():
            return
        message: dict[str, Any] = {"type": "overlay.frames", "fence": self.fence, "frames": list(frames)}
        if only is not None:
            message["only"] = only
        gauges.HERE.count(gauges.FRAMES, by=len(frames))
        await self._send(push.overlay_group(self._public_id), message)

    async def welcome(self, connection: str, had: Sequence[Sequence[int]]) -> None:
        """For a page that has just come: what she is doing, and what she is saying from where it is needed.

        `had`: (fence, utterance, next frame) of what the page was playing when it was cut off.
        """
        known = {utterance: seq for fence, utterance, seq in had if fence == self.fence}
        # What was given up as unheard would only stand in the way of what comes next.
        over = [n for n, seq in known.items() if (p := self._playing.get(n)) is None or not p.can_be_told(seq)]
        gone = [{"t": "interrupt", "utt": number} for number in over]
        await self.send([*gone, {"t": "state", "name": self.name}], only=connection)
        for number, performance in list(self._playing.items()):
            seq = known.get(number)
            if performance.can_be_told(seq) and (number in known or not performance.playout.over):
                await performance.repeat(connection, seq)

    async def hear(self, body: Mapping[str, Any]) -> None:
        """What a page says of an utterance: `t` is ack, missing or dropped. Words about another run's are not ours."""
        if body["fence"] != self.fence:
            return
        match body["t"]:
            case "ack":
                performance = self._playing.get(int(body["utt"]))
                if performance is not None and performance.turn_id == body["turn"]:
                    performance.ack(str(body["event"]), float(body["position_ms"]))
                    if performance.playout.over:
                        # Its sound is most of what a channel holds.
                        loop = asyncio.get_running_loop()
                        loop.call_later(KEPT_SECONDS, self._forget, performance.utterance)
            case "missing":
                await self._tell_again(int(body["utt"]), body["seq"], str(body["connection"]))
            case "dropped":
                for number in body["utts"]:
                    if (performance := self._playing.get(number)) is not None:
                        await performance.lose()

    def _forget(self, number: int) -> None:
        self._playing.pop(number, None)

    async def _tell_again(self, number: int, seq: int | None, connection: str) -> None:
        performance = self._playing.get(number)
        if performance is None or not performance.can_be_told(seq):
            # The page would wait for a rest that never comes, and all that comes next would wait behind it.
            await self.send([{"t": "interrupt", "utt": number}], only=connection)
        else:
            await performance.repeat(connection, seq)
