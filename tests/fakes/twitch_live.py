"""The real gateway against the Twitch on loopback, and what reaches a channel's inbox."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from channels.layers import get_channel_layer
from django.utils import timezone

from channels_app import push
from channels_app.models import Channel, DesiredState, TwitchCredential, User
from channels_app.twitch.scopes import SIGN_IN
from tests import factories
from tests.clock import until
from tests.fakes.twitch import FakeTwitch
from workers.fleet.lease import Lease, Tenure, boottime, gateway_run
from workers.fleet.runtime import in_db
from workers.twitch.gateway import Gateway
from workers.twitch.pace import Pace
from workers.twitch.subscriptions import KINDS

QUICK = Pace(
    look=0.05, reconcile=0.3, page=0.0, streams=0.1, streams_page=0.0, watch=0.05, silence=2.0, connect=3.0,
    overlap=0.05, retry=0.05, longest_retry=0.2,
)  # fmt: skip


def running_channel(twitch: FakeTwitch, name: str = "Alice", *, scopes: tuple[str, ...] = SIGN_IN) -> Channel:
    """A broadcaster who signed in and pressed start."""
    user: User = factories.user(name, twitch_id=twitch.account(name).id)
    access, refresh = twitch.grant(name, scopes)
    TwitchCredential.objects.create(
        user=user, access_token=access, refresh_token=refresh, scopes=list(scopes),
        expires_at=timezone.now() + timedelta(hours=4),
    )  # fmt: skip
    return factories.channel(user, desired_state=DesiredState.RUNNING)


class Inbox:
    """What a channel's run would read."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.bodies: list[dict[str, Any]] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Inbox]:
        layer: Any = get_channel_layer()
        name = await layer.new_channel()
        await layer.group_add(push.inbox_group(self.channel.public_id), name)
        reader = asyncio.create_task(self._read(layer, name))
        try:
            yield self
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            await layer.flush()

    async def _read(self, layer: Any, name: str) -> None:
        while True:
            self.bodies.append((await layer.receive(name))["body"])

    @property
    def events(self) -> list[dict[str, Any]]:
        return [body["event"] for body in self.bodies if body["t"] == "event"]

    @property
    def texts(self) -> list[str]:
        return [event["text"] for event in self.events]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [body for body in self.bodies if body["t"] == kind]


class LiveGateway:
    def __init__(self, twitch: FakeTwitch, gateway: Gateway, lease: Lease, run: asyncio.Task[None]) -> None:
        self.twitch, self.gateway, self.lease, self.run = twitch, gateway, lease, run

    @property
    def known(self) -> int:
        """Subscriptions it believes Twitch to hold, and has written down."""
        assert self.gateway.reconciler
        return self.gateway.reconciler.held

    async def subscribed(self, count: int = len(KINDS), *, shards: int = 2) -> None:
        """Returns when Twitch holds so many subscriptions and we know of them all, with every shard connected."""

        def ready() -> bool:
            if self.run.done():
                self.run.result()
            return len(self.twitch.subscriptions) == self.known == count and self.twitch.shards_enabled == shards

        await until(ready)

    async def looked(self) -> None:
        """Returns when the gateway has read anew what is wanted: what it asked for by an older reading is over."""
        before = self.gateway.looks
        await until(lambda: self.gateway.looks > before + 1)

    async def reconnected(self, connections: int) -> None:
        """Returns when the gateway has connected more often than that, and both shards work."""
        await until(lambda: self.gateway.link.connections > connections and self.twitch.shards_enabled == 2)


@contextlib.asynccontextmanager
async def gateway(
    twitch: FakeTwitch, *, number: int = 0, pace: Pace = QUICK, **options: Any
) -> AsyncIterator[LiveGateway]:
    """The gateway of this number while the block runs."""
    lease = Lease(gateway_run(number), 1, Tenure("test", 1, boottime() + 3600))
    made = await in_db(lambda: Gateway(lease, number=number, pace=pace, **options))
    run = asyncio.create_task(made.run())
    try:
        yield LiveGateway(twitch, made, lease, run)
    finally:
        run.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await run
