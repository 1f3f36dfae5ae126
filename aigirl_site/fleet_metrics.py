"""The fleet as Prometheus is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from workers.fleet.figures import Figures
from workers.fleet.overview import Life, Overview, Seen

Read = Callable[[Figures], float | None]

LEVELS: tuple[tuple[str, str, Read], ...] = (
    ("inbox_messages", "Messages that wait in the inboxes of a worker's runs", lambda told: told.inbox),
    ("inbox_deepest_messages", "Messages in the deepest inbox of a worker", lambda told: told.inbox_most),
    ("turns", "Turns under way in a worker", lambda told: told.turns),
    ("provider_calls", "Requests of a worker that wait for a provider", lambda told: told.calls),
    ("memory_bytes", "Main memory of a worker process", lambda told: told.memory),
    ("threads", "Threads of a worker process", lambda told: told.threads),
    ("tasks", "Tasks of a worker's loop, counted twice a minute", lambda told: told.tasks),
    ("open_files", "File descriptors of a worker process, counted twice a minute", lambda told: told.files),
    ("start_time_seconds", "When a worker process began, in unix time", lambda told: told.since),
)
"""What only a living worker is asked for: the end of the metric's name, what it is, and where it stands."""


def fleet(seen: Overview) -> Iterable[Metric]:
    """Every worker process, the runs, and what the overlays say."""
    yield from _leases(seen.workers)
    yield from _figures([worker for worker in seen.workers if worker.lives])
    yield from _runs(seen)
    faults = GaugeMetricFamily(
        "aigirl_overlays_faults", "What connected overlay pages say went wrong since they were opened", labels=["kind"]
    )
    for kind in ("underruns", "gaps", "dropped"):
        faults.add_metric([kind], getattr(seen.overlays, kind))
    yield GaugeMetricFamily("aigirl_overlays_connected", "Overlay pages that report", value=seen.overlays.connected)
    yield faults


def _leases(workers: Iterable[Seen]) -> Iterable[Metric]:
    """What is told of a dead worker too, for an hour: that it is dead, and how often it came back."""
    held = _of_worker("runs", "Runs of a worker process")
    room = _of_worker("room", "Runs that a worker process can still take")
    lease = _of_worker("lease_seconds", "Seconds until a worker's lease runs out")
    cut_off = _of_worker("cut_off", "Whether a living worker gets no runs, as it does not reach Redis and others do")
    entered = CounterMetricFamily(
        "aigirl_worker_registrations", "How often a worker was entered: started, or back", labels=["worker", "kind"]
    )
    for worker in workers:
        labels = [worker.name, worker.kind]
        held.add_metric(labels, worker.runs)
        room.add_metric(labels, max(0, worker.capacity - worker.runs) if worker.life is Life.LIVING else 0)
        lease.add_metric(labels, worker.lease_seconds)
        cut_off.add_metric(labels, worker.is_cut_off)
        entered.add_metric(labels, worker.restarts + 1)
    yield from (held, room, lease, cut_off, entered)


def _figures(workers: list[Seen]) -> Iterable[Metric]:
    for end, told, read in LEVELS:
        level = _of_worker(end, told)
        for worker in workers:
            if (value := read(worker.figures)) is not None:
                level.add_metric([worker.name, worker.kind], value)
        yield level
    late = GaugeMetricFamily(
        "aigirl_worker_loop_late_seconds",
        "How much later than asked a worker's loop came back",
        labels=["worker", "kind", "quantile"],
    )
    frames = CounterMetricFamily("aigirl_worker_frames", "Frames handed to overlays", labels=["worker", "kind"])
    lost = CounterMetricFamily("aigirl_worker_lease_losses", "Leases a process lost", labels=["worker", "kind"])
    dropped = CounterMetricFamily(
        "aigirl_worker_dropped",
        "Chat lines that went unanswered for too many of them or too little time",
        labels=["worker", "kind", "reason"],
    )
    for worker in workers:
        labels, told_last = [worker.name, worker.kind], worker.figures
        late.add_metric([*labels, "0.5"], told_last.late_ms / 1000)
        late.add_metric([*labels, "1"], told_last.latest_ms / 1000)
        frames.add_metric(labels, told_last.frames)
        lost.add_metric(labels, told_last.lost)
        for reason, count in told_last.dropped.items():
            dropped.add_metric([*labels, reason], count)
    yield from (late, frames, lost, dropped)


def _runs(seen: Overview) -> Iterable[Metric]:
    wanted = GaugeMetricFamily("aigirl_runs_wanted", "Runs that shall go on", labels=["kind"])
    states = GaugeMetricFamily("aigirl_runs", "Wanted runs by what becomes of them", labels=["kind", "state"])
    restarts = CounterMetricFamily(
        "aigirl_run_restarts", "Runs begun again that nobody had asked to end", labels=["kind"]
    )
    for kind, tally in seen.runs.items():
        wanted.add_metric([kind], tally.wanted)
        for state in ("live", "waiting", "failing"):
            states.add_metric([kind, state], getattr(tally, state))
        restarts.add_metric([kind], tally.restarts)
    yield from (wanted, states, restarts)
    yield GaugeMetricFamily(
        "aigirl_runs_waiting_seconds", "How long the run waits that waits longest", value=seen.waits_seconds
    )
    up = GaugeMetricFamily("aigirl_gateway_up", "Whether a worker carries out a chat gateway", labels=["run"])
    for gateway in seen.gateways:
        up.add_metric([gateway.name], bool(gateway.owner))
    yield up
    if seen.tick_seconds is not None:
        yield GaugeMetricFamily("aigirl_tick_age_seconds", "Seconds since the last tick", value=seen.tick_seconds)


def _of_worker(end: str, told: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"aigirl_worker_{end}", told, labels=["worker", "kind"])
