"""What surrounds the service when many channels are measured: provider, chat and overlays, each as cheap as it gets."""

from __future__ import annotations

import asyncio


def new_loop() -> asyncio.AbstractEventLoop:
    """The fastest there is, as the service has it."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
