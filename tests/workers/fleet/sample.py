"""A fleet in rows, for tests of those who look at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from channels_app.models import Channel, DesiredState
from tests import factories
from workers.fleet import pulse
from workers.fleet.figures import Figures
from workers.fleet.lease import channel_run
from workers.models import Run, WorkerProcess

TOLD = Figures(
    late_ms=0.4,
    latest_ms=12.5,
    memory=312_000_000,
    threads=520,
    tasks=900,
    files=140,
    inbox=9,
    inbox_most=7,
    turns=3,
    calls=2,
    frames=1200,
    lost=1,
    dropped={"stale": 5, "lane_full": 2},
)


def worker(name: str, *, left: float = 6.0, figures: Figures = TOLD, **fields: Any) -> WorkerProcess:
    """A worker process with so many seconds of its lease left; below zero it died so long ago."""
    values = {"kind": "live", "epoch": 3, "capacity": 500, "host": "one", "pid": 7} | fields
    return WorkerProcess.objects.create(
        name=name, expires_at=timezone.now() + timedelta(seconds=left), figures=figures.as_row(), **values
    )


def run(owner: WorkerProcess | None = None, of: Channel | None = None, **fields: Any) -> Run:
    """The run of a channel that is wanted; without an owner it waits."""
    of = of or factories.channel(desired_state=DesiredState.RUNNING)
    values: dict[str, Any] = {"started_at": timezone.now()} if owner else {}
    if owner:
        values |= {"owner": owner.name, "owner_epoch": owner.epoch}
    return Run.objects.create(name=channel_run(of.public_id), kind="channel", channel=of, **(values | fields))


def ago(seconds: float) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)


def ticked() -> None:
    """The tick ran just now."""
    pulse.mark()


def never_ticked() -> None:
    cache.delete(pulse.KEY)
