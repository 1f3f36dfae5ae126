"""Sends a page what waits for it, one frame after the other: whoever brings a frame never waits for the page."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from channels_app.overlay import opus
from channels_app.overlay.coding import Coding
from channels_app.overlay.outbox import Frame, Key, Outbox, Overfull

log = logging.getLogger(__name__)

STUCK_SECONDS = 10.0
"""A page that takes not a single frame for so long is let go, so that it may come back."""


class Sender:
    """One page's way out. Call it on the loop that it runs on. While nothing waits there is no task."""

    def __init__(
        self,
        send: Callable[[Frame], Awaitable[None]],
        close: Callable[[int], Awaitable[None]],
        lost: Callable[[Exception | None], None],
    ) -> None:
        """`lost` is told what went wrong or, with None, that the page takes nothing any more: nothing is sent after
        it."""
        self.coding = Coding()
        self._send, self._close, self._lost = send, close, lost
        self._outbox = Outbox()
        self._code: int | None = None
        """Closes the connection when all is sent."""
        self._added = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._over = False

    def add(self, *frames: Frame) -> list[Key]:
        """Returns the utterances (fence, number) that were dropped because the page is too slow."""
        if self._over or self._code is not None:
            return []
        try:
            dropped = [key for frame in frames for key in self._outbox.add(frame)]
        except Overfull:
            self._give_up(None)
            return []
        self._wake()
        return dropped

    def cut(self, *frames: Frame, key: Key | None = None) -> None:
        """Silence: these frames go first, and speech that waits is not sent: of one utterance or, with None, of all."""
        if key is None:
            self.coding.clear()
        if not self._over and self._code is None:
            self._outbox.cut(*frames, key=key)
            self._wake()

    def close(self, code: int, *frames: Frame) -> None:
        """Ends the connection with these frames and the code."""
        self.cut(*frames)
        if self._code is None:
            self._code = code
        self._wake()

    def stop(self) -> None:
        """Nothing is sent any more."""
        self._over = True
        if self._task is not None:
            self._task.cancel()

    def _wake(self) -> None:
        self._added.set()
        if self._task is None and not self._over:
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            while await self._send_next():
                pass
        except TimeoutError:
            log.warning("an overlay takes nothing any more and is let go")
            self._give_up(None)
        except Exception as error:  # the page has gone, or an error of ours: either ends the connection
            self._give_up(error)
        finally:
            self._task = None

    async def _send_next(self) -> bool:
        """Sends what the next frame comes to. False where nothing is left."""
        frame = self._outbox.take()
        if frame is not None:
            await self._pass_on(self.coding.take(frame))
            if self.coding.costs:
                # There may be seconds of it: others have their turn in between.
                await asyncio.sleep(0)
        elif self._code is not None:
            async with asyncio.timeout(STUCK_SECONDS):
                await self._close(self._code)
            # Only now: a page that does not even let itself be closed is let go as any other that takes nothing.
            self._over = True
        elif self.coding.holds:
            if not await self._more_comes():
                await self._pass_on(self.coding.rest())
        else:
            return False
        return not self._over

    async def _pass_on(self, frames: list[Frame]) -> None:
        for frame in frames:
            async with asyncio.timeout(STUCK_SECONDS):
                await self._send(frame)

    async def _more_comes(self) -> bool:
        """Whether anything is added before what is held back for it has to go."""
        self._added.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(opus.HELD_SECONDS):
                await self._added.wait()
                return True
        return False

    def _give_up(self, error: Exception | None) -> None:
        if not self._over:
            self._over = True
            self._lost(error)
