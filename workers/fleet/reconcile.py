"""What ought to run and does not: found each second, handed to the worker process with most room.

Idempotent: several ticks at once, lost messages and doubled messages are all harmless, because only a claim counts.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import BooleanField, Count, ExpressionWrapper, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from channels_app.models import Channel, DesiredState
from workers.fleet.lease import channel_run, desired, gateway_runs, living_workers, owned
from workers.models import Run, WorkerProcess

REDISPATCH = 3.0
"""Seconds after which a run that was dispatched and not claimed is dispatched again."""
BATCH = 500
"""Runs dispatched by one tick at most."""


def missing_rows() -> list[Run]:
    """A row for each desired channel, and for each gateway, that has none yet (not saved)."""
    wanted = Channel.objects.filter(desired_state=DesiredState.RUNNING, suspended_at__isnull=True, run__isnull=True)
    rows = [
        Run(name=channel_run(public_id), kind=Run.Kind.CHANNEL, channel_id=pk)
        for pk, public_id in wanted.values_list("pk", "public_id")[:BATCH]
    ]
    gateways = gateway_runs()
    there = set(Run.objects.filter(name__in=gateways).values_list("name", flat=True)) if gateways else set()
    return rows + [Run(name=name, kind=Run.Kind.GATEWAY) for name in gateways if name not in there]


def room() -> dict[str, int]:
    """Worker processes that take runs, with the number they can still take."""
    held = (
        Run.objects.filter(owner=OuterRef("name"), owner_epoch=OuterRef("epoch"))
        .order_by()
        .values("owner")
        .annotate(count=Count("pk"))
        .values("count")
    )
    workers = WorkerProcess.objects.filter(
        living_workers(), draining=False, cut_off=False, kind=WorkerProcess.Kind.LIVE
    ).annotate(free=F("capacity") - Coalesce(Subquery(held, output_field=IntegerField()), 0))
    return {name: free for name, free in workers.values_list("name", "free") if free > 0}


def _note_waiting() -> None:
    """Since when a run waits is kept for operators."""
    Run.objects.filter(desired(), ~owned(), waiting_since__isnull=True).update(waiting_since=Now())


def _forget_waiting() -> None:
    """Who is not wanted any more does not wait, nor who was claimed in the moment in which it was noted."""
    waited = Run.objects.filter(~desired() | owned(), waiting_since__isnull=False)
    if waited.exists():
        waited.update(waiting_since=None)


def tick() -> list[tuple[str, str]]:
    """Marks what must be started now as dispatched. Returns (run name, worker name) pairs to send."""
    if rows := missing_rows():
        Run.objects.bulk_create(rows, ignore_conflicts=True)
    _forget_waiting()
    stamp = timezone.now()
    due = Q(dispatched_at__isnull=True) | Q(dispatched_at__lt=stamp - timedelta(seconds=REDISPATCH))
    rested = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    ready = ExpressionWrapper(due & rested, output_field=BooleanField())
    waiting = Run.objects.filter(desired(), ~owned()).annotate(ready=ready).order_by("-ready", "dispatched_at", "pk")
    found = list(waiting.values_list("pk", "ready")[:BATCH])
    if not found:
        return []
    _note_waiting()
    free = room()
    chosen = [pk for pk, is_ready in found if is_ready][: sum(free.values())]
    if not chosen:
        return []
    # Both conditions again: another tick may have been quicker. Its rows carry its own stamp.
    Run.objects.filter(due, pk__in=chosen).update(dispatched_at=stamp)
    pairs = []
    for name in Run.objects.filter(pk__in=chosen, dispatched_at=stamp).values_list("name", flat=True):
        worker = max(free, key=lambda candidate: free[candidate])
        free[worker] -= 1
        pairs.append((name, worker))
    return pairs
