"""Gateways are runs like any: each in a process of its own, and when that dies another takes its shards."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from pytest_django.fixtures import Settings

from channels_app.models import Channel
from tests.clock import until
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_live import QUICK, Inbox, running_channel
from workers.fleet import lease, reconcile
from workers.fleet.lease import Lease
from workers.fleet.runtime import Runtime
from workers.models import Run
from workers.twitch.gateway import Gateway
from workers.twitch.subscriptions import KINDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def twitch(twitch: FakeTwitch, settings: Settings) -> FakeTwitch:
    settings.ENV = settings.ENV.model_copy(update={"GATEWAYS": 2})
    return twitch


class Process:
    """A worker process with a loop of its own, which carries out what the tick gives it."""

    def __init__(self, name: str) -> None:
        self.runtime = Runtime(name, capacity=4)
        self.runtime.start()
        self.threads: list[threading.Thread] = []

    def take(self, run_name: str) -> None:
        self.threads.append(threading.Thread(target=self._carry_out, args=(run_name,)))
        self.threads[-1].start()

    def _carry_out(self, run_name: str) -> None:
        async def body(held: Lease) -> None:
            await Gateway(held, number=int(run_name.partition("/")[2]), pace=QUICK).run()

        if (run := self.runtime.run(run_name, body)) is not None:
            run.result()
        connections.close_all()

    def end(self) -> None:
        self.runtime.drain()
        self.runtime.close()
        for thread in self.threads:
            thread.join(20)


@pytest.fixture
def processes(twitch: FakeTwitch) -> Iterator[dict[str, Process]]:
    made = {name: Process(name) for name in ("live1@here", "live2@here")}
    yield made
    for process in made.values():
        process.end()


def dispatch(processes: dict[str, Process]) -> None:
    for run_name, worker in reconcile.tick():
        if run_name.startswith("gateway/"):
            processes[worker].take(run_name)


def owners() -> dict[str, str]:
    return dict(Run.objects.filter(lease.owned(), kind=Run.Kind.GATEWAY).values_list("name", "owner"))


async def all_connected(twitch: FakeTwitch, shards: int = 4) -> None:
    await until(lambda: twitch.shards_enabled == shards and len(twitch.subscriptions) == len(KINDS))


async def test_when_a_process_dies_another_takes_its_shards(twitch: FakeTwitch, processes: dict[str, Process]) -> None:
    alice: Channel = await sync_to_async(running_channel)(twitch)
    async with Inbox(alice).open() as inbox:
        await sync_to_async(dispatch)(processes)
        await all_connected(twitch)
        before = await sync_to_async(owners)()
        assert set(before.values()) == {"live1@here", "live2@here"}, "each in a process of its own"
        dead = processes[before["gateway/0"]]
        # As its supervisor does when it saw it die; others would wait until the lease is over.
        await sync_to_async(dead.runtime.drain)()
        await until(lambda: twitch.shards_enabled == 2)
        twitch.say("Alice", "Dora", "while one is away")
        await until(lambda: inbox.texts == ["while one is away"])

        async def taken_over() -> bool:
            await sync_to_async(Run.objects.filter(kind=Run.Kind.GATEWAY).update)(dispatched_at=None)
            await sync_to_async(dispatch)(processes)
            return set((await sync_to_async(owners)()).values()) == {before["gateway/1"]}

        await until(taken_over)
        await all_connected(twitch)
        for shard in range(4):
            with twitch.through(shard):
                twitch.say("Alice", "Dora", f"at {shard}")
        await until(lambda: sorted(inbox.texts) == ["at 0", "at 1", "at 2", "at 3", "while one is away"])
        assert len(twitch.called("POST", "/eventsub/subscriptions")) == len(KINDS), "nothing was asked for again"


async def test_a_gateway_that_is_wanted_no_more_ends(
    twitch: FakeTwitch, processes: dict[str, Process], settings: Settings
) -> None:
    await sync_to_async(running_channel)(twitch)
    await sync_to_async(dispatch)(processes)
    await all_connected(twitch)
    settings.ENV = settings.ENV.model_copy(update={"GATEWAYS": 1})
    for process in processes.values():
        await sync_to_async(process.runtime.beat)()

    async def alone() -> bool:
        return set(await sync_to_async(owners)()) == {"gateway/0"}

    await until(alone)
    await until(lambda: twitch.shards_enabled == 2)
    assert await sync_to_async(reconcile.tick)() == []
