"""Everything the checks look at: settings, the channel, what the database knows, and ways to ask the machine.

Collected first, in the caller's thread, so that the checks that wait for the network need no database.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from channels_app.models import Channel, TwitchCredential
from channels_app.twitch import tokens
from channels_app.twitch.helix import TwitchError
from workers.fleet.lease import living_workers
from workers.models import WorkerProcess
from workers.records import Provider, providers_of

WAIT = 5.0


def free_bytes(path: Path) -> int:
    """Free space where this path is, or would be."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`now` is unix seconds, `disk_free` bytes at a path, `python` the interpreter's version."""

    env: Any
    channel: Channel | None
    own: dict[str, Provider] = field(default_factory=dict)
    """The channel's own providers."""
    token: str = field(default="", repr=False)
    token_problem: TwitchError | None = None
    credential: TwitchCredential | None = None
    live_workers: int = 0
    database_problem: str = ""
    now: Callable[[], float] = time.time
    disk_free: Callable[[Path], int] = free_bytes
    python: tuple[int, int] = sys.version_info[:2]
    wait: float = WAIT
    """Seconds any question to the outside may take."""

    @property
    def of_broadcaster(self) -> bool:
        """Whether the channel is one on Twitch, and Twitch is configured."""
        return bool(self.channel and not self.channel.is_demo and self.env.has_twitch)


def collect(channel: Channel | None, **ways: Any) -> Surroundings:
    """What there is to know before anything is asked. A database that is away is a finding, not a crash.

    `ways` replace `now`, `disk_free`, `python`, `wait`.
    """
    around = Surroundings(env=settings.ENV, channel=channel, **ways)
    try:
        return replace(around, **_known(around))
    except DatabaseError as problem:
        return replace(around, database_problem=type(problem).__name__)


def _known(around: Surroundings) -> dict[str, Any]:
    """What the database tells."""
    alive = WorkerProcess.objects.filter(living_workers(), kind=WorkerProcess.Kind.LIVE, draining=False)
    known: dict[str, Any] = {"live_workers": alive.count()}
    if around.channel is not None:
        known["own"] = providers_of(around.channel.pk)
    if around.channel is not None and around.of_broadcaster:
        known["credential"] = TwitchCredential.objects.filter(user=around.channel.broadcaster_id).first()
        try:
            known["token"] = tokens.access_token(around.channel)
        except TwitchError as problem:
            known["token_problem"] = problem
    return known
