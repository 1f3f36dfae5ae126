"""Leases and fences in the database: which worker process lives, and which run it alone may carry out.

All times of leases are the database's own, so the clocks of several hosts need not agree. What a process may say is
measured by its own clock that counts suspended time, from before the renewal was sent: it always stops first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, Case, Exists, ExpressionWrapper, F, OuterRef, Q, When
from django.db.models.functions import Now

from channels_app.models import Channel, DesiredState
from workers.models import Run, WorkerProcess

TTL: float = settings.ENV.LEASE_SECONDS
"""Seconds a lease lives. 3 s would self-fence on each database stall of 2 s on a busy 2-core machine (measured)."""
RENEW = TTL / 3
MARGIN = TTL / 6
"""Seconds before its end when a process already holds its tongue."""
GATEWAY = "gateway/0"
"""The gateway that leads: it alone keeps the conduit and its subscriptions."""


class LeaseLost(Exception):
    """This run is no longer ours; another process may already carry it out. Stop at once."""


def boottime() -> float:
    """Seconds since boot, suspended time included where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def channel_run(public_id: str) -> str:
    """Name of a channel's run."""
    return f"channel/{public_id}"


def gateway_run(number: int) -> str:
    """Name of a chat gateway's run."""
    return f"gateway/{number}"


def gateway_runs() -> list[str]:
    """Names of the gateways this site wants."""
    return [gateway_run(number) for number in range(settings.ENV.GATEWAYS)] if settings.ENV.has_twitch else []


@dataclass(slots=True)
class Tenure:
    """The life of one worker process under one epoch. Moved on by the heart, read by every run."""

    worker: str
    epoch: int
    deadline: float
    ended: bool = False
    clock: Callable[[], float] = boottime

    def renewed(self, sent: float) -> None:
        """A renewal that was sent at this moment of the clock was accepted."""
        self.deadline = sent + TTL - MARGIN

    def alive(self) -> bool:
        return not self.ended and self.clock() < self.deadline


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to carry out one run. Ask `alive()` before each thing the outside could notice."""

    run_name: str
    fence: int
    tenure: Tenure = field(repr=False)

    def alive(self) -> bool:
        """Whether this process may still speak for the run."""
        return self.tenure.alive()

    def ensure(self) -> None:
        """Raises LeaseLost when the run is no longer ours."""
        if not self.alive():
            raise LeaseLost(f"The lease of {self.run_name} (fence {self.fence}) is over.")


def living_workers() -> Q:
    return Q(expires_at__gt=Now())


def desired() -> Q:
    """Runs that ought to go on, as a condition on Run itself (no join: see `claim`)."""
    wanted_channel = Channel.objects.filter(
        pk=OuterRef("channel_id"), desired_state=DesiredState.RUNNING, suspended_at__isnull=True
    )
    return Q(Exists(wanted_channel)) | Q(kind=Run.Kind.GATEWAY, name__in=gateway_runs())


def owned() -> Q:
    """Runs whose owner lives, as a condition on Run itself."""
    owner = WorkerProcess.objects.filter(living_workers(), name=OuterRef("owner"), epoch=OuterRef("owner_epoch"))
    return Q(Exists(owner))


@transaction.atomic
def register(worker: str, *, kind: str, capacity: int, host: str, pid: int, cut_off: bool = False) -> int:
    """Enters a worker process, or enters it anew. Returns its epoch; whatever it held before is given up, and nothing
    is known yet of its way to Redis. `cut_off`: it gets no runs until it has reached Redis."""
    WorkerProcess.objects.get_or_create(name=worker, defaults={"expires_at": Now()})
    row = WorkerProcess.objects.select_for_update().get(name=worker)
    WorkerProcess.objects.filter(name=worker).update(
        epoch=row.epoch + 1,
        kind=kind,
        capacity=capacity,
        host=host,
        pid=pid,
        draining=False,
        reached_at=None,
        unreached_since=None,
        cut_off=cut_off,
        expires_at=Now() + timedelta(seconds=TTL),
    )
    return row.epoch + 1


def renew(worker: str, epoch: int, figures: Mapping[str, Any] | None = None) -> bool:
    """Prolongs a lease that still lives; what the worker tells of itself goes along. False: it was lost; register anew
    and drop everything."""
    living = WorkerProcess.objects.filter(living_workers(), name=worker, epoch=epoch)
    told = {} if figures is None else {"figures": dict(figures)}
    return living.update(expires_at=Now() + timedelta(seconds=TTL), **told) == 1


def claim(run_name: str, worker: str, epoch: int) -> int | None:
    """Takes a desired run nobody living owns. Returns its new fence, or None when it is not to be had.

    One conditional UPDATE decides. Every condition on the run stands on its own columns, and the fence must be the one
    we saw: PostgreSQL checks exactly these again after it waited for another claimer, and only one can win.
    """
    seen = Run.objects.filter(name=run_name).values_list("fence", flat=True).first()
    if seen is None:
        return None
    # Dispatched before the tick knew that it is cut off, a run would be silent there.
    me = WorkerProcess.objects.filter(living_workers(), name=worker, epoch=epoch, draining=False, cut_off=False)
    won = Run.objects.filter(desired(), ~owned(), Exists(me), name=run_name, fence=seen).update(
        owner=worker,
        owner_epoch=epoch,
        fence=F("fence") + 1,
        started_at=Now(),
        last_error="",
        waiting_since=None,
        # It came to somebody. Who dies soon after shall not be taken for a dispatch that is still on its way.
        dispatched_at=None,
        # Who gives a run back as it should leaves neither its name nor a failure behind.
        restarts=Case(When(owner="", failures=0, then=F("restarts")), default=F("restarts") + 1),
    )
    return seen + 1 if won else None


def release(run_name: str, fence: int) -> bool:
    """Gives a run back, free to be dispatched at once. False when it was somebody else's already."""
    mine = Run.objects.filter(name=run_name, fence=fence)
    return mine.update(owner="", owner_epoch=0, dispatched_at=None, not_before=None, failures=0) == 1


def release_failed(run_name: str, fence: int, error: str, *, pause: float) -> bool:
    """Gives a run back that ended too soon; it is tried again after `pause` seconds."""
    mine = Run.objects.filter(name=run_name, fence=fence)
    return (
        mine.update(
            owner="",
            owner_epoch=0,
            dispatched_at=None,
            not_before=Now() + timedelta(seconds=pause),
            waiting_since=Now(),
            failures=F("failures") + 1,
            last_error=_as_text(error)[:300],
        )
        == 1
    )


def _as_text(error: str) -> str:
    """What a database takes for text, whatever an error has to say."""
    return error.encode("utf-8", "backslashreplace").decode().replace("\0", " ")


def drain(worker: str) -> None:
    """The worker process takes no more runs."""
    WorkerProcess.objects.filter(name=worker).update(draining=True)


def expire_worker(worker: str) -> None:
    """The worker process is known to be dead (its supervisor saw it die): its runs are free at once."""
    WorkerProcess.objects.filter(name=worker).update(expires_at=Now())


def note_reached(worker: str) -> None:
    """The worker process reached Redis a moment ago."""
    WorkerProcess.objects.filter(name=worker).update(reached_at=Now(), unreached_since=None, cut_off=False)


def note_unreached(worker: str) -> None:
    """It did not. The first time of many counts."""
    WorkerProcess.objects.filter(name=worker, unreached_since__isnull=True).update(unreached_since=Now())


def others_reach(worker: str) -> bool:
    """Whether another live worker has reached Redis since this one does not, so that the fault lies with this one.

    A second later at least: when Redis itself goes, one notices it before the other.
    """
    mine = WorkerProcess.objects.filter(name=worker, unreached_since__isnull=False)
    since = mine.values_list("unreached_since", flat=True).first()
    if since is None:
        return False
    others = WorkerProcess.objects.filter(living_workers(), kind=WorkerProcess.Kind.LIVE, draining=False)
    return others.exclude(name=worker).filter(reached_at__gt=since + timedelta(seconds=1)).exists()


def held_by(worker: str, epoch: int) -> list[tuple[str, int, bool]]:
    """The runs that stand in the name of this worker process: name, fence, and whether somebody still wants it."""
    rows = Run.objects.filter(owner=worker, owner_epoch=epoch)
    rows = rows.annotate(wanted=ExpressionWrapper(desired(), output_field=BooleanField()))
    return list(rows.values_list("name", "fence", "wanted"))
