"""Which processes make up the house on one machine, and how each is started."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from aigirl_site.env import ROOT, Env
from aigirl_site.supervisor import valkey
from aigirl_site.supervisor.children import Child
from aigirl_site.supervisor.nursery import MODULE, Nursery

CHANNELS_PER_WORKER = 500
"""As in workers.fleet.control."""
LIVE_THREADS = 32
"""Of a live worker, for claims and for what any of them may do: of checks of versions and exports some take minutes."""
MOST_WORKERS = 4
EVERYWHERE = "0.0.0.0"  # noqa: S104  a site that others reach must listen to them


@dataclass(frozen=True)
class Plan:
    """Where the house listens and how many live workers it has."""

    env: Env
    host: str
    port: int
    workers: int

    @property
    def worker_names(self) -> list[str]:
        return [f"live{number}@{self.env.node_name}" for number in range(1, self.workers + 1)]

    @property
    def address(self) -> str:
        """Where this process itself reaches the site."""
        return "127.0.0.1" if self.host == EVERYWHERE else self.host

    def redis(self) -> Child | None:
        """The embedded server, unless REDIS_URL names one that runs."""
        if not self.env.embeds_redis:
            return None
        child = self._child("redis", valkey.command(self.env.redis_socket))
        # It warns of the kernel's settings at each start; nothing is saved here, so they do not matter.
        child.loud = ("Fatal ",)
        return child

    def children(self, nursery: Nursery | None = None) -> list[Child]:
        """Everything else, in the order in which it is started; it is ended the other way round. Born in `nursery`."""
        celery = [
            *MODULE, "celery", "-A", "aigirl_site", "worker",
            "--without-gossip", "--without-mingle", "--loglevel", "INFO",
        ]  # fmt: skip
        web = [
            *MODULE, "uvicorn", "aigirl_site.asgi:application",
            "--host", self.host, "--port", str(self.port),
            "--ws-per-message-deflate", "false",
            "--ws-max-size", "65536",
            # A page whose network went away without a word is missed after 20 seconds.
            "--ws-ping-interval", "10", "--ws-ping-timeout", "10",
            "--lifespan", "off",
            "--timeout-graceful-shutdown", "3",
            "--no-access-log", "--log-level", "warning",
        ]  # fmt: skip
        # Runs come by a worker's own direct queue; `live` brings what any of them may do: checks of versions, rewards.
        lives = [
            self._child(name.partition("@")[0], [
                *celery, "-c", str(LIVE_THREADS), "-n", name, "-Q", "live",
            ], worker=name)
            for name in self.worker_names
        ]  # fmt: skip
        control_name = f"control1@{self.env.node_name}"
        control = self._child("control", [*celery, "-c", "2", "-n", control_name, "-Q", "control"], worker=control_name)
        schedule = self.env.DATA_DIR / "run" / "beat-schedule"
        # A process of its own: a worker's embedded beat is a grandchild that would outlive a kill -9.
        beat = self._child("beat", [
            *MODULE, "celery", "-A", "aigirl_site", "beat", "-s", str(schedule), "--pidfile=", "--loglevel", "WARNING",
        ])  # fmt: skip
        children = [self._child("web", web), *lives, control, beat]
        for child in children:
            child.nursery = nursery
        return children

    def _child(self, name: str, command: list[str], *, worker: str = "") -> Child:
        return Child(name, command, environment(self.env), ROOT, self.env.DATA_DIR / "log", worker)


def environment(env: Env) -> Mapping[str, str]:
    """What the children get: ours, with output that is not held back and one thread for each number cruncher."""
    return {
        # Else each of some twenty threads keeps free memory of its own (glibc): 300 KB a channel of a live worker.
        "MALLOC_ARENA_MAX": "1",
        **os.environ,
        "SITE_URL": env.SITE_URL,
        "DATA_DIR": str(env.DATA_DIR),
        "PYTHONUNBUFFERED": "1",
        # `up` has looked at the settings; to look again each worker would load every page of the site first.
        "CELERY_SKIP_CHECKS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def make(env: Env, *, port: int | None, workers: int | None) -> Plan:
    """The plan for this environment. A site that only this machine reaches listens on loopback only."""
    url = urlsplit(env.SITE_URL)
    own_port = url.port if env.is_loopback else None
    host = ("127.0.0.1" if env.site_host == "localhost" else env.site_host) if env.is_loopback else EVERYWHERE
    cores = os.cpu_count() or 1
    return Plan(
        env=env,
        host=host,
        port=port or own_port or 8000,
        workers=workers or (1 if env.is_loopback else min(cores, MOST_WORKERS)),
    )
