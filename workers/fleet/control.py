"""How Celery and the runtime meet: a worker named live…@ or control…@ gets a runtime and a drain."""

from __future__ import annotations

import gc
import logging
import threading
from typing import Any

from celery import current_app
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError

from workers.fleet import runtime
from workers.models import WorkerProcess

log = logging.getLogger(__name__)

CHANNELS_PER_WORKER = 500
"""One process a core carries this many (measured: 13-15 ms late at the 99th percentile)."""
RETRY_SECONDS = 1.0
VALIDATE_EXPIRES = 600
"""Seconds; by then the clock has asked for it again."""


def kind_of(node: str) -> str | None:
    """What a worker is by its node name (`live1@host`), or None when it is no member of the fleet."""
    return next((kind for kind in WorkerProcess.Kind.values if node.startswith(kind)), None)


@worker_ready.connect
def enter(sender: Any, **_: Any) -> None:
    """The worker consumes: it may be given runs. Celery says this again after each lost connection."""
    node = str(sender.hostname)
    kind = kind_of(node)
    if kind is None or _entered.is_set():
        return
    _entered.set()
    threading.stack_size(runtime.STACK_BYTES)
    capacity = CHANNELS_PER_WORKER if kind == WorkerProcess.Kind.LIVE else 0
    threading.Thread(target=_enter, args=(node, kind, capacity), name="enter", daemon=True).start()


_entered = threading.Event()
_leaving = threading.Event()


def load() -> None:
    """What the first run would wait for, and all others with it."""
    import workers.session  # noqa: F401
    from workers.safety.gate import SafetyGate

    SafetyGate()  # compiles the word lists, for a second


def _load() -> None:
    """A worker that is not ready gets no runs."""
    gc.disable()  # as aigirl_site.loading says
    load()
    # What is loaded by now stays: a full collection that goes through it stops every voice for 0.2 s.
    gc.collect()
    gc.freeze()
    gc.enable()
    # Once more, of what is left: else the next full collection would wait until a quarter of the frozen is new.
    gc.collect()


def _enter(node: str, kind: str, capacity: int) -> None:
    if kind == WorkerProcess.Kind.LIVE:
        _load()
    elif settings.ENV.has_twitch:
        _validate_credentials()
    entrant = runtime.Runtime(node, kind=kind, capacity=capacity)
    while not _leaving.is_set():
        try:
            entrant.start()
        except DatabaseError as failure:
            log.warning("the database is away, %s waits for it (%s)", node, failure)
            _leaving.wait(RETRY_SECONDS)
        else:
            runtime.install(entrant)
            log.info("%s takes part, epoch %s, room for %s runs", node, entrant.tenure.epoch, capacity)
            break
    if kind == WorkerProcess.Kind.LIVE:
        from workers.voice import catalogue

        # Else the first reply of each worker process would wait seconds for a model to load.
        catalogue.warm()


def _validate_credentials() -> None:
    """Permissions that were taken back while nobody was here to be told: Twitch wants them found at the start."""
    try:
        current_app.send_task("validate_credentials", queue="live", expires=VALIDATE_EXPIRES)
    except Exception as failure:
        log.warning("tokens will be validated by the clock (%s)", type(failure).__name__)


@worker_shutting_down.connect
def leave(**_: Any) -> None:
    """SIGTERM came. Celery would wait for its endless tasks, so they are asked to leave; in a thread, as this is a
    signal handler."""
    if not _leaving.is_set():
        _leaving.set()
        threading.Thread(target=_leave, name="leave").start()


def _leave() -> None:
    try:
        leaving = runtime.current()
    except RuntimeError:
        return
    count = leaving.live
    all_left = leaving.drain()
    log.log(logging.INFO if all_left else logging.ERROR, "%s drained, %s runs left", leaving.worker, count)
    from workers.tasks import dispatch

    try:
        dispatch()  # the others take over now and not at the next tick
    except Exception as failure:
        log.warning("the next tick will move the runs (%s)", type(failure).__name__)
    leaving.close()
