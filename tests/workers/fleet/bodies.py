"""Runs that live until they are asked to leave, and the threads that carry them out."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

from django.db import connection

from channels_app.models import Channel, DesiredState
from workers.fleet.lease import Lease
from workers.fleet.runtime import Runtime

PATIENCE = 20


class Body:
    """A run that lives until it is asked to leave, and tells what happened to it."""

    def __init__(self) -> None:
        self.leases: list[Lease] = []
        self.began = threading.Event()
        self.left = threading.Event()

    async def __call__(self, held: Lease) -> None:
        self.leases.append(held)
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()


def carry_out(process: Runtime, run: str, body: Body) -> threading.Thread:
    """A thread that ends with the run; it has begun."""

    def work() -> None:
        until_over(process.run(run, body))
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert body.began.wait(PATIENCE)
    return thread


def until_over(run: Future[None] | None) -> bool:
    """Whether the run was to be had; it is over."""
    if run is None:
        return False
    run.result(PATIENCE)
    return True


def want_no_channel(process: Runtime) -> None:
    Channel.objects.update(desired_state=DesiredState.STOPPED)
    process.beat()
