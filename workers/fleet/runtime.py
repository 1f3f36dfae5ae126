"""What every worker process has once: one asyncio loop for all its runs, one heart for its lease, one way out.

The loop is never blocked by the database: `in_db` carries calls to a few threads with connections of their own. The
heart is a thread too, so a stuck loop cannot hide; when the loop stands still the heart stops renewing. Whether Redis
answers is asked by a third one: however long that takes, no renewal waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connections

from workers.fleet import lease as leases
from workers.fleet.figures import Teller
from workers.fleet.lease import RENEW, TTL, Tenure
from workers.fleet.lease import Lease as Lease
from workers.fleet.reach import redis_answers
from workers.models import Run, WorkerProcess

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Body = Callable[[Lease], Coroutine[Any, Any, None]]

STACK_BYTES = 1024 * 1024
"""Stack of a thread: those that compute sound still have room."""
DB_THREADS = 4
DB_RETRY_SECONDS = 0.5
CLEANUP_SECONDS = 5.0
"""How long a cancelled run may take to leave."""
DRAIN_SECONDS = 10.0
"""How long all runs together may take to leave when the process ends; the supervisor kills after 20 s."""
LOOP_STUCK = TTL / 2
LOOP_BEAT = 0.1
LATE_SHARE = 0.1
"""Of each look in what is late lately: a second or so counts."""
HURRIED = 0.020
"""Seconds late from which work is left out that can be."""
SHORT_LIFE = 10.0
"""A run that ends by itself sooner than this is not started again at once."""
LONGEST_PAUSE = 60.0

_db_threads = ThreadPoolExecutor(DB_THREADS, thread_name_prefix="db")


def _fresh(fn: Callable[[], T]) -> T:
    close_old_connections()
    return fn()


def in_db_now(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a plain function that uses the ORM, and waits: with a connection of its own, and the stack a query takes,
    each thread that ever asks would hold 400 KB for as long as it lives."""
    return _db_threads.submit(_fresh, partial(fn, *args, **kwargs)).result()


async def in_db(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a plain function that uses the ORM, away from the loop. Raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(_db_threads, _fresh, partial(fn, *args, **kwargs))


async def in_db_at_last(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Like `in_db`, for what must not be lost: asked again for as long as the database is away. `fn` is repeatable."""
    while True:
        try:
            return await in_db(fn, *args, **kwargs)
        except (OperationalError, InterfaceError) as failure:
            log.warning("%s waits for the database (%s)", fn.__name__, type(failure).__name__)
            await asyncio.sleep(DB_RETRY_SECONDS)


def close_db_threads() -> None:
    """Ends the threads of `in_db` and their connections; the next call starts new ones."""
    global _db_threads
    _db_threads.shutdown()
    _db_threads = ThreadPoolExecutor(DB_THREADS, thread_name_prefix="db")


def new_loop() -> asyncio.AbstractEventLoop:
    """The fastest loop there is for this system."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


@dataclass(eq=False)
class _Held:
    """One run while it is in this process."""

    run_name: str
    tenure: Tenure
    leave: asyncio.Future[None]
    """Done when it has been asked to leave."""
    claimed: bool = False

    def ask_to_leave(self) -> None:
        if not self.leave.done():
            self.leave.set_result(None)


class Runtime:
    """The worker process as the fleet sees it. `start` it once; `run` is called from Celery's threads."""

    def __init__(
        self,
        worker: str,
        *,
        kind: str = WorkerProcess.Kind.LIVE,
        capacity: int,
        clock: Callable[[], float] = leases.boottime,
        reaches_redis: Callable[[], bool] = redis_answers,
    ) -> None:
        self.worker = worker
        self._reaches_redis = reaches_redis
        self.clock = clock
        self.kind = kind
        self.capacity = capacity
        self.tenure = Tenure(worker, 0, 0.0, ended=True, clock=clock)
        self.loop = new_loop()
        self.teller = Teller(self.loop)
        self.late = 0.0
        """Seconds by which the loop came late to what it was to do, lately."""
        self.lost = 0
        """How often the lease was lost."""
        self.draining = False
        self._held: set[_Held] = set()
        self._cut_off = False
        """Whether the runs were given up as Redis does not answer here alone. A process begins without a verdict."""
        self._entering = threading.Lock()
        self._lock = threading.Lock()
        self._empty = threading.Condition(self._lock)
        self._ended = threading.Event()
        self._loop_seen = self.clock()
        repeated = {"heart": self.beat} | ({"reach": self.look_for_redis} if kind == WorkerProcess.Kind.LIVE else {})
        self._threads = [
            threading.Thread(target=self._turn_loop, name="loop", daemon=True),
            *(
                threading.Thread(target=self._repeat, args=(work,), name=name, daemon=True)
                for name, work in repeated.items()
            ),
        ]

    def start(self) -> None:
        """Registers and starts the threads. Raises DatabaseError when the database is away."""
        self._register(self.tenure)
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stops the threads. Call `drain` first to let the runs leave."""
        self._ended.set()
        self.tenure.ended = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        until = time.monotonic() + CLEANUP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    # Runs

    def run(self, run_name: str, body: Body) -> Future[None] | None:
        """Claims a run and lets it live on the loop. None when it is not to be had; else what is done when it has come
        to its end and was given back."""
        held = _Held(run_name, self.tenure, self.loop.create_future())
        with self._lock:
            if self.draining:
                return None
            self._held.add(held)
        try:
            fence = in_db_now(leases.claim, run_name, held.tenure.worker, held.tenure.epoch)
        except BaseException:
            self._let_go(held)
            raise
        if fence is None:
            log.info("%s was not to be had", run_name)
            self._let_go(held)
            return None
        held.claimed = True
        lease = Lease(run_name, fence, held.tenure)
        return asyncio.run_coroutine_threadsafe(self._carry_out(held, lease, body(lease)), self.loop)

    def _let_go(self, held: _Held) -> None:
        with self._lock:
            self._held.discard(held)
            self._empty.notify_all()

    async def _carry_out(self, held: _Held, lease: Lease, body: Coroutine[Any, Any, None]) -> None:
        began, error = self.clock(), ""
        try:
            await _accompany(held, body)
        except Exception as failure:
            log.exception("%s failed", lease.run_name)
            error = f"{type(failure).__name__}: {failure}"
        try:
            await in_db(self._give_back, lease, error, left=held.leave.done(), lived=self.clock() - began)
        except DatabaseError as failure:
            log.warning("%s could not be given back, the next heartbeat will do it (%s)", lease.run_name, failure)
        except Exception:
            # Nobody looks at what becomes of a run: what is not told here is told nowhere.
            log.exception("%s could not be given back, the next heartbeat will do it", lease.run_name)
        finally:
            self._let_go(held)

    def _give_back(self, lease: Lease, error: str, *, left: bool, lived: float) -> None:
        if left or (not error and lived >= SHORT_LIFE):
            leases.release(lease.run_name, lease.fence)
            return
        row = Run.objects.filter(leases.desired(), name=lease.run_name).values_list("failures", flat=True).first()
        if row is None:  # ended because nobody wants it any more
            leases.release(lease.run_name, lease.fence)
            return
        failures = 0 if lived >= LONGEST_PAUSE else row
        leases.release_failed(lease.run_name, lease.fence, error, pause=min(LONGEST_PAUSE, 2.0**failures))

    def _ask_to_leave(self, which: Callable[[_Held], bool]) -> None:
        with self._lock:
            chosen = [held for held in self._held if which(held)]
        for held in chosen:
            self.loop.call_soon_threadsafe(held.ask_to_leave)

    @property
    def live(self) -> int:
        """How many runs are in this process."""
        return len(self._held)

    # The way out

    def drain(self) -> bool:
        """Takes nothing more, lets every run leave, gives all back. False when some did not leave in time."""
        with self._lock:
            self.draining = True
        close_old_connections()
        try:
            with self._entering:  # who registers meanwhile would undo it
                leases.drain(self.worker)
        except DatabaseError as failure:
            log.warning("the database does not know that %s drains (%s)", self.worker, failure)
        self._ask_to_leave(lambda held: True)
        with self._empty:
            all_left = self._empty.wait_for(lambda: not self._held, DRAIN_SECONDS)
        self._ended.set()
        try:
            leases.expire_worker(self.worker)
        except DatabaseError as failure:
            log.warning("the lease of %s will run out by itself (%s)", self.worker, failure)
        return all_left

    # Loop, heart and reach

    def _turn_loop(self) -> None:
        asyncio.set_event_loop(self.loop)
        beat = self.loop.create_task(self._show_life())
        try:
            self.loop.run_forever()
        finally:
            beat.cancel()
            self.loop.run_until_complete(asyncio.wait({beat}))
            self.loop.close()

    async def _show_life(self) -> None:
        while True:
            self._loop_seen = self.clock()
            await asyncio.sleep(LOOP_BEAT)
            late = self.clock() - self._loop_seen - LOOP_BEAT
            self.teller.looked(late)
            self.late += (late - self.late) * LATE_SHARE

    def _repeat(self, work: Callable[[], None]) -> None:
        """What heart and reach are: the same again and again, until the process ends."""
        while not self._ended.wait(RENEW * random.uniform(0.9, 1.0)):
            try:
                work()
            except Exception as failure:
                # Whatever it is, it must go on: without the heart the lease runs out and everything here falls silent.
                what = threading.current_thread().name
                log.warning("the %s of %s failed (%s: %s)", what, self.worker, type(failure).__name__, failure)
        connections.close_all()

    def beat(self) -> None:
        """One heartbeat: renew, or give everything up and register anew; ask runs to leave that nobody wants."""
        close_old_connections()
        still = self.clock() - self._loop_seen
        if still > LOOP_STUCK:
            log.error("the loop of %s has stood still for %.1f s; its lease is not renewed", self.worker, still)
            return
        tenure, figures = self.tenure, self._figures()
        sent = self.clock()
        # One that has ended and has no successor is the rest of a registration the database did not take.
        if not tenure.ended and leases.renew(self.worker, tenure.epoch, figures):
            tenure.renewed(sent)
        elif self._register(tenure):
            self.lost += 1
            log.warning("%s lost its lease; %d runs are given up", self.worker, self.live)
        # Looked at before the database is asked: what is claimed in between is not missed there.
        with self._lock:
            before = set(self._held)
            claimed = {held for held in before if held.claimed}
        rows = leases.held_by(self.worker, self.tenure.epoch)
        wanted = {name for name, _fence, is_wanted in rows if is_wanted}
        self._ask_to_leave(lambda held: held in claimed and held.run_name not in wanted)
        with self._lock:
            here = {held.run_name for held in before | self._held}
        for name, fence, _is_wanted in rows:
            # The database was away when it was claimed or given back. Nobody else may take it, while this worker lives.
            if name not in here and leases.release(name, fence):
                log.warning("%s stood in the name of %s and was not here: it is free again", name, self.worker)

    def _figures(self) -> dict[str, Any] | None:
        """What goes along with a heartbeat; None where it cannot be told, which is no reason to lose the lease."""
        try:
            return self.teller.tell(lost=self.lost).as_row()
        except Exception as failure:
            log.warning("the figures of %s cannot be told (%s: %s)", self.worker, type(failure).__name__, failure)
            return None

    def look_for_redis(self) -> None:
        """Without Redis a run hears nothing and is not heard. Where others reach it, they shall have the runs, those
        too that this process does not have yet; where nobody does, to move them would help nobody."""
        close_old_connections()
        # Asked first: whoever reached it before our own attempt began shows that it can be reached.
        alone = leases.others_reach(self.worker)
        if self._reaches_redis():
            leases.note_reached(self.worker)
            if self._cut_off:
                log.warning("%s reaches Redis again and gets runs", self.worker)
            self._cut_off = False
            return
        leases.note_unreached(self.worker)
        if alone and not self._cut_off and self._register(self.tenure, cut_off=True):
            log.error("%s does not reach Redis and others do; %d runs are given up", self.worker, self.live)

    def _register(self, before: Tenure, *, cut_off: bool = False) -> bool:
        """A new epoch. Runs of the one before are asked to leave, and may not speak from this line on; `cut_off`: and
        no others come before Redis answers. False when the other thread was quicker, or the process drains."""
        with self._entering:
            if self.draining or self.tenure is not before:
                return False
            before.ended = True
            self._cut_off = self._cut_off or cut_off
            self._ask_to_leave(lambda held: held.tenure is before)
            sent = self.clock()
            epoch = leases.register(
                self.worker,
                kind=self.kind,
                capacity=self.capacity,
                host=settings.ENV.node_name,
                pid=os.getpid(),
                cut_off=self._cut_off,
            )
            self.tenure = Tenure(self.worker, epoch, sent + TTL - leases.MARGIN, clock=self.clock)
            return True


async def _accompany(held: _Held, body: Coroutine[Any, Any, None]) -> None:
    """Runs the body until it ends or is asked to leave. Returns only when it is really gone, or overdue."""
    task = asyncio.create_task(body, name=held.run_name)
    await asyncio.wait({task, held.leave}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CLEANUP_SECONDS)
        if not task.done():
            log.error("%s did not leave within %.0f s", held.run_name, CLEANUP_SECONDS)
            return
    if not task.cancelled():
        task.result()


_current: Runtime | None = None


def current() -> Runtime:
    """The runtime of this worker process. Raises RuntimeError outside one."""
    if _current is None:
        raise RuntimeError("This process is no fleet worker: start it with a node name live…@ or control…@.")
    return _current


def install(runtime: Runtime | None) -> None:
    """Makes this the runtime of the process."""
    global _current
    _current = runtime


def is_hurried() -> bool:
    """Whether this worker process has more to do than it can do in time. Never outside one."""
    return _current is not None and _current.late > HURRIED
