"""The whole service on two hosts, with every part of it in our hands: what benchmarks/faults.py breaks."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from benchmarks.fault_parts import Host, Namespace, OwnPostgres, OwnRedis, Process
from benchmarks.service import ROOT, Service, free_port
from benchmarks.watch import answer
from channels_app.twitch.scopes import SIGN_IN
from tests.fakes.provider import ProviderServer, Timings
from tests.fakes.twitch import FakeTwitch

FACTS = """
import json
from django.db.models import Q
from workers.fleet import lease
from workers.models import Run, WorkerProcess
owned = set(Run.objects.filter(lease.owned()).values_list("name", flat=True))
print(json.dumps({
    "waiting": sorted(set(Run.objects.filter(lease.desired()).values_list("name", flat=True)) - owned),
    "owners": dict(Run.objects.filter(lease.owned()).values_list("name", "owner")),
    "fences": dict(Run.objects.values_list("name", "fence")),
    "workers": {
        name: pid for name, pid in
        WorkerProcess.objects.filter(lease.living_workers(), draining=False).values_list("name", "pid")
    },
}))
"""
GIVE = """
from channels_app.models import Channel
from channels_app.talk import say_as
channel = Channel.objects.get(public_id={channel!r})
print(say_as(channel, {name!r}, "present {number}", kind="cheer", amount=100))
"""
PRESENTS = """
import json
from channels_app.models import PaidEvent
print(json.dumps(list(PaidEvent.objects.values_list("channel__public_id", "payload__text", "state", "reason"))))
"""
TWITCH_CHANNEL = """
from datetime import timedelta
from django.utils import timezone
from channels_app import actions
from channels_app.models import Channel, TwitchCredential, User
from channels_app.twitch.scopes import SIGN_IN
from personas.actions import create_default_persona
from personas.models import PersonaVersion
user = User.objects.create(username="alice", display_name="Alice", twitch_id={twitch_id!r})
channel = actions.open_channel(user, login="alice", display_name="Alice", twitch_id={twitch_id!r})
TwitchCredential.objects.create(
    user=user, access_token={access!r}, refresh_token={refresh!r}, scopes=list(SIGN_IN),
    expires_at=timezone.now() + timedelta(hours=4), state=TwitchCredential.State.OK,
)
create_default_persona(channel, "en")
PersonaVersion.objects.filter(channel=channel).update(chatter_cooldown=0, cooldown=0, replies_per_minute=60)
print(actions.new_overlay_url(channel, acting_user=None))
actions.start(channel, acting_user=None)
"""
SPREAD = """
from channels_app import actions
from channels_app.models import Channel
channels = Channel.objects.filter(overlay_keys__isnull=False, is_demo=False).distinct()
for channel in channels:
    actions.{what}(channel, acting_user=None)
"""
QUICK = Timings(first_token=0.1, tokens_per_second=200, first_audio=0.05, audio_speed=8.0)
START_SECONDS = 180.0
"""A worker loads for seconds; on a machine that does much else, for longer."""
PERSISTENCE = 60.0
"""Seconds for which a present is tried again while the database or its host is away: somebody paid for it."""


class Site:
    """Host `a` runs everything under its supervisor, host `b` one more live worker. Two channels' worth of Twitch are
    not needed: one channel is heard through it, the others by their inbox."""

    def __init__(self, directory: Path, *, channels: int, lease: float, apart: bool, quiet: bool) -> None:
        self._directory, self._channels, self._quiet = directory, channels, quiet
        self.lease = lease
        self._stack = ExitStack()
        self.host: Host = Namespace() if apart and Namespace.may_be_made() else Host()
        self.provider = ProviderServer(timings=QUICK, answer=answer)
        self.redis = OwnRedis(directory / "redis", self._addresses)
        self.postgres = OwnPostgres(directory / "postgres", self._addresses) if OwnPostgres.program() else None
        self.twitch = FakeTwitch(keepalive=1.0)
        self.processes: dict[str, Process] = {}
        self.urls: list[str] = []
        self.twitch_url = ""
        self._shell = threading.Lock()
        self._names = iter(range(1, 100))

    @property
    def _addresses(self) -> list[str]:
        return ["127.0.0.1", *([self.host.redis_side, self.host.other_side] if self.host.is_apart else [])]

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _open(self) -> None:
        stack = self._stack
        stack.enter_context(self.host)
        self.redis.start()
        stack.callback(self.redis.kill)
        if self.postgres:
            self.postgres.start()
            stack.callback(self.postgres.stop)
        stack.enter_context(self.provider)
        stack.enter_context(self.twitch)
        house = self._directory / "a"
        house.mkdir()
        database = self.postgres.url() if self.postgres else f"sqlite:///{house / 'aigirl.sqlite3'}"
        self._shared = {
            "SECRET_KEY": secrets.token_urlsafe(32),
            "FIELD_KEYS": Fernet.generate_key().decode(),
            "LEASE_SECONDS": str(self.lease),
        }
        self.service = Service(
            house,
            provider=self.provider.base_url,
            quiet=self._quiet,
            workers=1,
            extra=self._shared
            | self.twitch.environment()
            | {"NODE_NAME": "a", "DATABASE_URL": database, "REDIS_URL": self.redis.url()},
        )
        stack.enter_context(self.service)
        stack.callback(self._end_processes)
        self.start_worker()
        self.urls = self.service.open_channels(self._channels)
        self.twitch_url = self._open_twitch_channel()

    def _open_twitch_channel(self) -> str:
        alice = self.twitch.account("Alice")
        access, refresh = self.twitch.grant(alice, SIGN_IN)
        return self.service.shell(TWITCH_CHANNEL.format(twitch_id=alice.id, access=access, refresh=refresh)).strip()

    # Host b

    def start_worker(self) -> str:
        """One more live worker on host b, by itself. Returns its name in the fleet, once it takes part."""
        name = f"b{next(self._names)}"
        data = self._directory / name
        data.mkdir()
        environment = os.environ | self.service.environment | {"NODE_NAME": name, "DATA_DIR": str(data)}
        if self.host.is_apart:
            environment |= self._seen_from_there()
        command = self.host.command(sys.executable, "manage.py", "serve", "live")
        self.processes[f"live1@{name}"] = Process(command, environment, data / "output", ROOT)
        self.wait(lambda facts: f"live1@{name}" in facts["workers"], START_SECONDS, "a worker of the second host")
        return f"live1@{name}"

    def _seen_from_there(self) -> dict[str, str]:
        """The same servers by the addresses the second host knows them under; what listens on loopback is led there."""
        assert self.postgres is not None
        side = self.host.other_side
        led = {}
        for name, url in self.service.environment.items():
            parts = urlsplit(url)
            if name in {"DATABASE_URL", "REDIS_URL", "SITE_URL"} or parts.hostname != "127.0.0.1" or not parts.port:
                continue
            led[name] = url.replace(f"127.0.0.1:{parts.port}", f"{side}:{self._relay(parts.port)}")
        return led | {"DATABASE_URL": self.postgres.url(side), "REDIS_URL": self.redis.url(self.host.redis_side)}

    def _relay(self, port: int) -> int:
        """Leads connections from the second host to a server that listens on loopback only."""
        own = free_port()
        listener = socket.create_server((self.host.other_side, own))
        self._stack.callback(listener.close)
        threading.Thread(target=_accept, args=(listener, port), daemon=True).start()
        return own

    def _end_processes(self) -> None:
        for process in self.processes.values():
            process.end()

    # What is known of it

    def facts(self) -> dict[str, Any]:
        """Who owns which run, and who lives. Raises RuntimeError while the database is away."""
        with self._shell:
            found: dict[str, Any] = json.loads(self.service.shell(FACTS))
        return found

    def wait(self, right: Callable[[dict[str, Any]], bool], seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(RuntimeError):
                if right(self.facts()):
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{what}: not within {seconds:.0f} s")

    def spread(self) -> None:
        """Every channel stops and starts again, so that all workers have some."""
        for what, count in (("stop", 0), ("start", self._channels + 1)):
            with self._shell:
                self.service.shell(SPREAD.format(what=what))
            self.wait(partial(_carried_out, count), 30, f"{count} channels after {what}")

    def hang(self, hanging: bool) -> None:
        """The provider takes requests and answers none that come while it hangs."""
        self.provider.timings = replace(QUICK, first_token=3600.0 if hanging else QUICK.first_token)

    def give(self, channel: str, number: int) -> None:
        """Somebody cheers; tried again while the service cannot take it."""
        end = time.monotonic() + PERSISTENCE
        while True:
            try:
                with self._shell:
                    self.service.shell(GIVE.format(channel=channel, name="Payer", number=number))
                return
            except RuntimeError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)

    def presents(self) -> list[tuple[str, str, str, str]]:
        """(channel, text, state, reason) of everything that was paid."""
        with self._shell:
            return [tuple(row) for row in json.loads(self.service.shell(PRESENTS))]

    def pid(self, worker: str) -> int:
        return int(self.facts()["workers"][worker])

    def web_pid(self) -> int:
        """Process id of the web server of host a."""
        for pid in self.service.pids("web"):
            return pid
        raise RuntimeError("There is no web process.")

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)


def _carried_out(count: int, facts: dict[str, dict[str, Any]]) -> bool:
    return count == len([name for name in facts["owners"] if name.startswith("channel/")])


def _accept(listener: socket.socket, port: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            there, _ = listener.accept()
            here = socket.create_connection(("127.0.0.1", port))
            for one, other in ((there, here), (here, there)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        for data in _chunks(one):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)


def _chunks(source: socket.socket) -> Iterator[bytes]:
    while data := source.recv(65536):
        yield data
