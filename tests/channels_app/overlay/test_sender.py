"""How a page is sent away: what waits for it goes first, nothing comes after, and a page that is stuck is let go."""

from __future__ import annotations

import asyncio

from channels_app.overlay.outbox import Frame
from channels_app.overlay.sender import STUCK_SECONDS, Sender
from tests.virtual_time import virtual


class Wire:
    """What reached the page, and what was told of its loss. `stuck`: closing it takes for ever."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.sent: list[Frame | int] = []
        self.lost: list[Exception | None] = []
        self.stuck = stuck
        self.sender = Sender(self._send, self._close, self.lost.append)

    async def _send(self, frame: Frame) -> None:
        self.sent.append(frame)

    async def _close(self, code: int) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        self.sent.append(code)


@virtual
async def test_nothing_is_sent_to_a_page_that_is_closed() -> None:
    wire = Wire()
    wire.sender.add({"t": "state"})
    wire.sender.close(4401, {"t": "bye"})
    wire.sender.add({"t": "config"})
    await asyncio.sleep(1)
    wire.sender.add({"t": "config"})
    wire.sender.cut({"t": "interrupt", "utt": None})
    wire.sender.close(4400, {"t": "bye"})
    await asyncio.sleep(1)
    assert wire.sent == [{"t": "bye"}, {"t": "state"}, 4401]
    assert wire.lost == []


@virtual
async def test_a_page_that_cannot_even_be_closed_is_let_go() -> None:
    wire = Wire(stuck=True)
    wire.sender.close(4401, {"t": "bye"})
    await asyncio.sleep(STUCK_SECONDS - 1)
    assert wire.lost == []
    await asyncio.sleep(2)
    assert wire.lost == [None]
    wire.sender.close(4400)
    await asyncio.sleep(STUCK_SECONDS)
    assert wire.lost == [None]
