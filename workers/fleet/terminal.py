"""The fleet as lines of a terminal. Pure: an overview in, text out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from workers.fleet.overview import LATE, ChannelSeen, Life, Overview, Seen, Waiting, Why
from workers.speeds import Times, seconds

Paint = Callable[[str, str], str]
"""Text and what it is (good, odd, bad) -> the text as it is written."""

WHY = {
    Why.NO_WORKER: "no live worker",
    Why.CUT_OFF: "no live worker reaches Redis",
    Why.NO_ROOM: "all workers are full",
    Why.FAILED: "ended too soon",
    Why.STARTING: "is being started",
}


def fleet(seen: Overview, speeds: Times, paint: Paint) -> list[str]:
    """Everything, with what is wrong at its end."""
    parts = [_runs(seen), _workers(seen, paint), _waiting(seen.waiting), _gateways(seen), _speeds(speeds), _rest(seen)]
    lines = [line for part in parts if part for line in [*part, ""]]
    wrong = [paint(complaint, "bad") for complaint in complaints(seen)]
    return lines + (wrong or [paint("All that is wanted is live.", "good")])


def complaints(seen: Overview) -> list[str]:
    """What somebody has to do something about; the command ends with 1 where there is anything."""
    found = []
    if not seen.living:
        found.append("No live worker: start one with ./start.sh or: python manage.py serve live")
    found += [
        f"{worker.name} does not reach Redis and gets no runs: look at the network of {worker.host or 'its machine'}."
        for worker in seen.living
        if worker.is_cut_off
    ]
    if seen.late:
        one = "run is" if seen.late == 1 else "runs are"
        found.append(f"{seen.late} wanted {one} not live for more than {LATE.total_seconds():.0f} s.")
    return found


def channel(seen: ChannelSeen, paint: Paint) -> list[str]:
    """One channel's run, a fact a line."""
    state = "live" if seen.is_live else "wanted and not live" if seen.is_wanted else "not wanted"
    facts = {
        "channel": seen.login,
        "state": paint(state, "good" if seen.is_live else "bad" if seen.is_wanted else "odd"),
        "owner": seen.owner or "-",
        "fence": str(seen.fence),
        "since": "-" if seen.seconds is None else span(seen.seconds),
        "inbox": "not known" if seen.inbox is None else str(seen.inbox),
        "restarts": str(seen.restarts),
        "last error": seen.last_error or "-",
    }
    if seen.waiting:
        facts["waits"] = f"{_since(seen.waiting)}, {_why(seen.waiting)}"
    return [f"{name:<10}  {value}" for name, value in facts.items()]


def _runs(seen: Overview) -> list[str]:
    rows = [
        [kind, str(tally.wanted), str(tally.live), str(tally.waiting), str(tally.failing), str(tally.restarts)]
        for kind, tally in seen.runs.items()
    ]
    return table(["runs", "wanted", "live", "waiting", "failing", "restarts"], rows, right={1, 2, 3, 4, 5})


def _workers(seen: Overview, paint: Paint) -> list[str]:
    head = [
        "worker", "host", "state", "runs", "lease", "up", "loop p50", "loop max", "memory", "inbox", "deepest",
        "turns", "calls", "dropped", "restarts",
    ]  # fmt: skip
    lines = table(head, [_worker(worker) for worker in seen.workers], right=set(range(3, len(head))))
    moods = {Life.LIVING: "good", Life.DRAINING: "odd", Life.CUT_OFF: "bad", Life.DEAD: "bad"}
    painted = [
        line.replace(f" {_life(worker)} ", f" {paint(_life(worker), moods[worker.life])} ", 1)
        for worker, line in zip(seen.workers, lines[1:], strict=True)
    ]
    return [*lines[:1], *painted] if seen.workers else []


def _life(worker: Seen) -> str:
    return worker.life.replace("_", " ")


def _worker(worker: Seen) -> list[str]:
    told = worker.figures
    runs = f"{worker.runs}/{worker.capacity}" if worker.capacity else "-"
    lease = f"{worker.lease_seconds:.1f} s" if worker.lives else f"-{span(-worker.lease_seconds)}"
    begun = [worker.name, worker.host, _life(worker), runs, lease]
    if not worker.lives:
        return [*begun, *["-"] * 9, str(worker.restarts)]
    return [
        *begun,
        span(worker.up_seconds) if told.since else "-",
        f"{told.late_ms:.1f} ms",
        f"{told.latest_ms:.1f} ms",
        size(told.memory),
        str(told.inbox),
        str(told.inbox_most),
        str(told.turns),
        str(told.calls),
        str(sum(told.dropped.values())),
        str(worker.restarts),
    ]


def _waiting(waiting: Sequence[Waiting]) -> list[str]:
    rows = [[each.login or each.name, _since(each), _why(each)] for each in waiting]
    return table(["waits", "for", "why"], rows, right={1}) if rows else []


def _since(waiting: Waiting) -> str:
    return "-" if waiting.seconds is None else span(waiting.seconds)


def _why(waiting: Waiting) -> str:
    again = f", again in {waiting.again_in:.0f} s" if waiting.again_in > 0 else ""
    error = f": {waiting.last_error}" if waiting.last_error else ""
    return f"{WHY[waiting.why]}{again}{error}"


def _gateways(seen: Overview) -> list[str]:
    rows = [
        [each.name, each.owner or "not live", "-" if each.seconds is None else span(each.seconds), str(each.restarts)]
        for each in seen.gateways
    ]
    return table(["gateway", "owner", "since", "restarts"], rows, right={2, 3}) if rows else []


def _speeds(speeds: Times) -> list[str]:
    rows = [
        [stage.replace("_", " "), str(len(values)), *(f"{seconds(values, percent):.2f} s" for percent in (50, 95))]
        for stage, values in speeds.items()
    ]
    return table(["stage, last 5 min", "turns", "p50", "p95"], rows, right={1, 2, 3}) if rows else []


def _rest(seen: Overview) -> list[str]:
    pages = seen.overlays
    faults = f"{pages.gaps} gaps, {pages.underruns} underruns, {pages.dropped} dropped"
    lines = [
        f"overlays  {pages.connected} connected: {faults}",
        f"tick      {'not seen' if seen.tick_seconds is None else f'{seen.tick_seconds:.1f} s ago'}",
    ]
    return [f"dropped   {_counts(seen.dropped)}", *lines] if seen.dropped else lines


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in counts.items())


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: set[int]) -> list[str]:
    """Rows under their head, each column as wide as it must be; those in `right` stand at their right end."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]


def span(seconds: float) -> str:
    """A time as people read it: 12 s, 4 min, 3 h 20 min, 5 d 2 h."""
    whole = timedelta(seconds=int(seconds))
    minutes, rest = divmod(whole.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if whole.days:
        return f"{whole.days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{rest} s"


def size(count: int | None) -> str:
    """Bytes as people read them."""
    return "-" if count is None else f"{count / 1e6:.0f} MB"
