"""What ought to run and does not: found each second, handed to the worker process with most room.

Idempotent: several ticks at once, lost messages and doubled messages are all harmless, because only a claim counts. All
times are the database's own, so that ticks of several hosts agree on what is due.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Count, ExpressionWrapper, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from channels_app.models import Channel, DesiredState
from workers.fleet.lease import channel_run, desired, gateway_runs, living_workers, owned
from workers.models import Run, WorkerProcess

REDISPATCH = 3.0
"""Seconds after which a run that was dispatched and not claimed is dispatched again."""
BATCH = 500
"""Runs dispatched by one tick at most."""
MOST_NOTED = 5_000
"""Runs of which one tick notes that they wait, or do not any more: where all workers died the rest is noted by the
next ones, and no tick is long."""


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


def _mark(rows: QuerySet[Run], **values: Any) -> list[str]:
    """Writes this into those of these rows that nobody else is writing now, and returns their names.

    What another tick or a claim holds is left to it: two ticks at once neither wait for each other nor take the same
    row. SQLite, which locks no rows, lets one tick in after the other.
    """
    with transaction.atomic():
        taken = dict(rows.select_for_update(skip_locked=True).values_list("pk", "name"))
        if taken:
            Run.objects.filter(pk__in=taken).update(**values)
    return list(taken.values())


def _note_waiting() -> None:
    """Since when a run waits is kept for operators."""
    _mark(Run.objects.filter(desired(), ~owned(), waiting_since__isnull=True)[:MOST_NOTED], waiting_since=Now())


def _forget_waiting() -> None:
    """Who is not wanted any more does not wait, nor who was claimed in the moment in which it was noted."""
    waited = Run.objects.filter(~desired() | owned(), waiting_since__isnull=False)
    if waited.exists():
        _mark(waited[:MOST_NOTED], waiting_since=None)


def tick() -> list[tuple[str, str]]:
    """Marks what must be started now as dispatched. Returns (run name, worker name) pairs to send."""
    if rows := missing_rows():
        Run.objects.bulk_create(rows, ignore_conflicts=True)
    _forget_waiting()
    due = Q(dispatched_at__isnull=True) | Q(dispatched_at__lt=Now() - timedelta(seconds=REDISPATCH))
    rested = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    ready = ExpressionWrapper(due & rested, output_field=BooleanField())
    waiting = Run.objects.filter(desired(), ~owned()).annotate(ready=ready)
    waiting = waiting.order_by("-ready", F("dispatched_at").asc(nulls_first=True), "pk")
    found = list(waiting.values_list("pk", "ready")[:BATCH])
    if not found:
        return []
    _note_waiting()
    free = room()
    chosen = [pk for pk, is_ready in found if is_ready][: sum(free.values())]
    if not chosen:
        return []
    pairs = []
    # Whether it is due once more: another tick may have been quicker, and it may be carried out already. In one order:
    # neighbours go to different workers.
    for name in _mark(Run.objects.filter(due, ~owned(), pk__in=chosen).order_by("pk"), dispatched_at=Now()):
        worker = max(free, key=lambda candidate: free[candidate])
        free[worker] -= 1
        pairs.append((name, worker))
    return pairs
