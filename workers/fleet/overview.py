"""The whole fleet at one moment, read from the rows: true whichever process asks, and however many workers died."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import BooleanField, Count, ExpressionWrapper, F, QuerySet, Sum

from channels_app.models import Channel, DesiredState, OverlayPresence
from channels_app.queries import PRESENCE_LIFE
from workers.fleet import pulse
from workers.fleet.figures import Figures
from workers.fleet.lease import desired, living_workers, owned
from workers.fleet.reconcile import missing_rows, room
from workers.models import Run, WorkerProcess

REMEMBERED = timedelta(hours=1)
"""How long a worker process that died is shown."""
LATE = timedelta(seconds=10)
"""A run that waits longer is not just being started."""
MOST_WAITING = 20
"""Runs that wait, as far as they are named: the longest first."""


class Life(StrEnum):
    """Of a worker process."""

    LIVING = "living"
    DRAINING = "draining"
    CUT_OFF = "cut_off"
    """It does not reach Redis and others do."""
    DEAD = "dead"


class Why(StrEnum):
    """A run is not carried out."""

    NO_WORKER = "no_worker"
    CUT_OFF = "cut_off"
    """The workers that live do not reach Redis."""
    NO_ROOM = "no_room"
    FAILED = "failed"
    STARTING = "starting"


@dataclass(frozen=True, slots=True)
class Seen:
    """One worker process. `figures` are those of its last heartbeat, whether it lives or not."""

    name: str
    kind: str
    host: str
    pid: int
    life: Life
    runs: int
    capacity: int
    lease_seconds: float
    """Until its lease runs out; negative: since it did."""
    restarts: int
    """How often it was entered anew: started again, or back after it lost its lease."""
    figures: Figures
    up_seconds: float
    """Since its process began, as far as it has told."""

    @property
    def lives(self) -> bool:
        return self.life is not Life.DEAD

    @property
    def is_cut_off(self) -> bool:
        """Whether it lives in vain: it gets no runs before Redis answers it."""
        return self.life is Life.CUT_OFF

    @property
    def share(self) -> int:
        """Per cent of its room that is taken."""
        return round(100 * self.runs / self.capacity) if self.capacity else 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that is wanted and that no living worker carries out."""

    name: str
    login: str
    """Of its channel; "" for the gateway."""
    seconds: float | None
    """For how long; None while the tick has not found it yet."""
    why: Why
    again_in: float
    """Seconds until it is tried again, where it failed."""
    failures: int
    last_error: str


@dataclass(frozen=True, slots=True)
class Gateway:
    """One run of the chat gateway."""

    name: str
    owner: str
    """The worker that carries it out, "" where none does."""
    seconds: float | None
    """Since when."""
    restarts: int
    last_error: str


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """One channel's run."""

    login: str
    is_wanted: bool
    is_live: bool
    owner: str
    """The worker that carries it out, or did last."""
    fence: int
    seconds: float | None
    """For how long it is live."""
    inbox: int | None
    """Messages in its inbox; None where the worker told of a deeper one."""
    restarts: int
    last_error: str
    waiting: Waiting | None

    @property
    def is_late(self) -> bool:
        """Whether it should have been live for a while."""
        if not self.is_wanted or self.is_live:
            return False
        waits = self.waiting.seconds if self.waiting else None
        return not ticks(tick_seconds()) or (waits is not None and waits > LATE.total_seconds())


@dataclass(frozen=True, slots=True)
class Overlays:
    """Connected overlay pages, previews left out, and what they say went wrong since they were opened."""

    connected: int
    underruns: int
    gaps: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Runs of one kind: each that is wanted is live, waits, or waits because it failed."""

    wanted: int = 0
    live: int = 0
    waiting: int = 0
    failing: int = 0
    restarts: int = 0
    """Since ever, of stopped runs too."""


@dataclass(frozen=True, slots=True)
class Overview:
    at: datetime
    workers: tuple[Seen, ...]
    runs: dict[str, Tally]
    """By kind: channel, gateway."""
    waiting: tuple[Waiting, ...]
    """The longest first, `MOST_WAITING` at most."""
    waits_seconds: float
    """How long the one has waited that waits longest; 0 when none does."""
    late: int
    """Runs that wait for longer than `LATE`; all that wait where nobody looks after them."""
    gateways: tuple[Gateway, ...]
    overlays: Overlays
    tick_seconds: float | None
    """Since the last tick; None when there was none within the hour, or Redis is away."""

    @property
    def living(self) -> list[Seen]:
        """Worker processes that carry out runs, or would."""
        return [worker for worker in self.workers if worker.lives and worker.kind == WorkerProcess.Kind.LIVE]

    @property
    def dropped(self) -> dict[str, int]:
        """Chat lines by reason, over all that live."""
        all_reasons: Counter[str] = Counter()
        for worker in self.workers:
            if worker.lives:
                all_reasons.update(worker.figures.dropped)
        return dict(all_reasons.most_common())


def look(now: datetime) -> Overview:
    """Everything. Raises DatabaseError when the database is away."""
    waiting = wanting(now, Run.objects.all())
    runs = tallies()
    ticked = tick_seconds()
    return Overview(
        at=now,
        workers=tuple(workers(now)),
        runs=runs,
        waiting=tuple(waiting),
        waits_seconds=(waiting[0].seconds or 0.0) if waiting else 0.0,
        late=_late(now) if ticks(ticked) else sum(tally.waiting + tally.failing for tally in runs.values()),
        gateways=tuple(_gateways(now)),
        overlays=_overlays(now),
        tick_seconds=ticked,
    )


def channel(one: Channel, now: datetime) -> ChannelSeen:
    """One channel's run. Raises DatabaseError when the database is away."""
    is_wanted = one.desired_state == DesiredState.RUNNING and not one.is_suspended
    runs = Run.objects.filter(channel=one)
    run = runs.annotate(is_live=ExpressionWrapper(owned(), output_field=BooleanField())).first()
    if run is None:
        return ChannelSeen(one.login, is_wanted, False, "", 0, None, None, 0, "", None)
    worker = WorkerProcess.objects.filter(name=run.owner).first() if run.is_live else None
    told = Figures.from_row(worker.figures) if worker else Figures()
    return ChannelSeen(
        login=one.login,
        is_wanted=is_wanted,
        is_live=run.is_live,
        owner=run.owner,
        fence=run.fence,
        seconds=(now - run.started_at).total_seconds() if run.is_live and run.started_at else None,
        inbox=told.inbox_most if told.inbox_at == one.public_id else None,
        restarts=run.restarts,
        last_error=run.last_error,
        waiting=next(iter(wanting(now, runs)), None),
    )


def workers(now: datetime) -> list[Seen]:
    """Those that live, and those that died within the hour, by kind and name."""
    held = runs_by_worker()
    living = set(WorkerProcess.objects.filter(living_workers()).values_list("name", flat=True))
    rows = WorkerProcess.objects.filter(expires_at__gt=now - REMEMBERED)
    return [
        Seen(
            name=row.name,
            kind=row.kind,
            host=row.host,
            pid=row.pid,
            life=_life(row) if row.name in living else Life.DEAD,
            runs=held.get(row.name, 0),
            capacity=row.capacity,
            lease_seconds=round((row.expires_at - now).total_seconds(), 1),
            restarts=max(0, row.epoch - 1),
            figures=(told := Figures.from_row(row.figures)),
            up_seconds=max(0.0, now.timestamp() - told.since) if told.since else 0.0,
        )
        for row in rows.order_by("-kind", "name")
    ]


def _life(alive: WorkerProcess) -> Life:
    if alive.draining:
        return Life.DRAINING
    return Life.CUT_OFF if alive.cut_off else Life.LIVING


def runs_by_worker() -> dict[str, int]:
    """How many runs each living worker process carries out, the gateway's among them."""
    return dict(Run.objects.filter(owned()).order_by().values_list("owner").annotate(count=Count("pk")))


def tallies() -> dict[str, Tally]:
    """Runs of each kind. One plain count after the other: a single query for all would look up each owner twice."""
    wanted_runs = Run.objects.filter(desired())
    wanted = _by_kind(wanted_runs)
    live = _by_kind(wanted_runs.filter(owned()))
    failing = _by_kind(wanted_runs.filter(~owned(), failures__gt=0))
    again = dict(Run.objects.filter(restarts__gt=0).order_by().values_list("kind").annotate(all=Sum("restarts")))
    without_row = Channel.objects.filter(desired_state=DesiredState.RUNNING, suspended_at__isnull=True, run=None)
    new = Counter(run.kind for run in missing_rows()) | Counter({Run.Kind.CHANNEL: without_row.count()})
    made = {}
    for kind in Run.Kind.values:
        all_wanted, alive, ill = wanted.get(kind, 0) + new[kind], live.get(kind, 0), failing.get(kind, 0)
        made[kind] = Tally(all_wanted, alive, max(0, all_wanted - alive - ill), ill, again.get(kind, 0))
    return made


def _by_kind(runs: QuerySet[Run]) -> dict[str, int]:
    return dict(runs.order_by().values_list("kind").annotate(count=Count("pk")))


def tick_seconds() -> float | None:
    try:
        return pulse.age()
    except Exception:  # Redis is away, and with it the mark
        return None


def ticks(seconds: float | None) -> bool:
    """Whether somebody looks after runs, so long after the last tick."""
    return seconds is not None and seconds < LATE.total_seconds()


def _late(now: datetime) -> int:
    return Run.objects.filter(desired(), ~owned(), waiting_since__lt=now - LATE).count()


def wanting(now: datetime, runs: QuerySet[Run]) -> list[Waiting]:
    """Those of these runs that are wanted and not carried out, the longest first, `MOST_WAITING` at most."""
    stuck = _what_keeps_all()
    found = runs.filter(desired(), ~owned()).select_related("channel")
    return [
        Waiting(
            name=run.name,
            login=run.channel.login if run.channel else "",
            seconds=max(0.0, (now - run.waiting_since).total_seconds()) if run.waiting_since else None,
            why=stuck or (Why.FAILED if run.failures else Why.STARTING),
            again_in=max(0.0, (run.not_before - now).total_seconds()) if run.not_before else 0.0,
            failures=run.failures,
            last_error=run.last_error,
        )
        for run in found.order_by(F("waiting_since").asc(nulls_last=True), "pk")[:MOST_WAITING]
    ]


def _what_keeps_all() -> Why | None:
    """Why no run can be begun at all, whatever is wrong with each; None where some worker has room."""
    takers = WorkerProcess.objects.filter(living_workers(), draining=False, kind=WorkerProcess.Kind.LIVE)
    cut_off = set(takers.values_list("cut_off", flat=True))
    if not cut_off:
        return Why.NO_WORKER
    if cut_off == {True}:
        return Why.CUT_OFF
    return None if room() else Why.NO_ROOM


def _gateways(now: datetime) -> list[Gateway]:
    wanted = Run.objects.filter(desired(), kind=Run.Kind.GATEWAY)
    living = set(wanted.filter(owned()).values_list("pk", flat=True))
    return [
        Gateway(
            name=run.name,
            owner=run.owner if run.pk in living else "",
            seconds=(now - run.started_at).total_seconds() if run.pk in living and run.started_at else None,
            restarts=run.restarts,
            last_error=run.last_error,
        )
        for run in wanted.order_by("pk")
    ]


def _overlays(now: datetime) -> Overlays:
    pages = OverlayPresence.objects.filter(seen_at__gt=now - PRESENCE_LIFE, is_preview=False)
    told = pages.aggregate(
        connected=Count("pk"),
        underruns=Sum("underruns", default=0),
        gaps=Sum("gaps", default=0),
        dropped=Sum("dropped", default=0),
    )
    return Overlays(**told)
