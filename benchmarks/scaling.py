"""What the truth in the database costs at a thousand, ten thousand and a hundred thousand live channels.

The fleet's own functions on real tables, with 500 channels a worker process: the tick when nothing is to be done, a
heartbeat, a worker process that dies, and its channels claimed by the others. On a PostgreSQL of its own where the
program is there, else on SQLite.

    python benchmarks/scaling.py [--channels 1000 10000 100000] [--database postgres|sqlite] [--json] [--strict]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from benchmarks.fault_parts import OwnPostgres

PER_WORKER = 500
TIMES = 7
"""Each thing is done so often; the median counts."""
PIECE = 2_000
MOST_TICK_MS = 200.0
"""At 100,000 channels: a fifth of the second that lies between two ticks."""


def median_ms(work: Callable[[], Any], times: int = TIMES) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took), 2)


def prepare(database: str, directory: Path) -> None:
    """Django on an empty database with all tables."""
    os.environ.update(
        AIGIRL_ENV_FILE="",
        DATA_DIR=str(directory),
        DATABASE_URL=database,
        DJANGO_SETTINGS_MODULE="aigirl_site.settings",
    )
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def fill(count: int) -> list[str]:
    """So many channels that are live, each owned by one of the worker processes, whose names come back."""
    from channels_app.models import Channel, DesiredState, User
    from workers.fleet import lease
    from workers.models import Run, WorkerProcess

    owner, _ = User.objects.get_or_create(username="owner")
    workers = [f"live1@host{number}" for number in range(-(-count // PER_WORKER))]
    for name in workers:
        WorkerProcess.objects.filter(name=name).delete()
        lease.register(name, kind="live", capacity=PER_WORKER * 2, host=name.partition("@")[2], pid=1)
    for begin in range(Channel.objects.count(), count, PIECE):
        numbers = range(begin, min(count, begin + PIECE))
        channels = Channel.objects.bulk_create(
            Channel(
                broadcaster=owner,
                public_id=f"channel-{number:08}",
                login=f"channel{number}",
                display_name=f"Channel {number}",
                desired_state=DesiredState.RUNNING,
            )
            for number in numbers
        )
        Run.objects.bulk_create(
            Run(
                name=lease.channel_run(channel.public_id),
                kind=Run.Kind.CHANNEL,
                channel=channel,
                owner=workers[number // PER_WORKER],
                owner_epoch=1,
                fence=1,
            )
            for number, channel in zip(numbers, channels, strict=True)
        )
    for number, name in enumerate(workers):
        names = [
            lease.channel_run(f"channel-{one:08}") for one in range(number * PER_WORKER, (number + 1) * PER_WORKER)
        ]
        Run.objects.filter(name__in=names).update(owner=name, owner_epoch=1)
    return workers


def keep_alive() -> None:
    """Nobody's heart beats here: every lease is made to last."""
    from datetime import timedelta

    from django.utils import timezone

    from workers.models import WorkerProcess

    WorkerProcess.objects.update(expires_at=timezone.now() + timedelta(hours=1))


def measure(count: int) -> dict[str, Any]:
    from django.db import connection

    from workers.fleet import lease, reconcile
    from workers.models import Run

    workers = fill(count)
    keep_alive()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    idle = median_ms(reconcile.tick)
    renew = median_ms(lambda: lease.renew(workers[0], 1))
    keep_alive()
    kept = median_ms(lambda: lease.held_by(workers[0], 1))
    lease.expire_worker(workers[-1])
    lost = list(Run.objects.filter(owner=workers[-1]).values_list("name", flat=True))
    began = time.perf_counter()
    pairs = reconcile.tick() if len(workers) > 1 else []
    death = round((time.perf_counter() - began) * 1000, 2)
    began = time.perf_counter()
    for run, worker in pairs:
        assert lease.claim(run, worker, 1) is not None
    took = time.perf_counter() - began
    return {
        "channels": count,
        "workers": len(workers),
        "tick_idle_ms": idle,
        "renew_ms": renew,
        "kept_ms": kept,
        "tick_death_ms": death,
        "channels_of_the_dead": len(lost),
        "dispatched": len(pairs),
        "claims_per_s": round(len(pairs) / took) if pairs else None,
    }


def show(result: dict[str, Any]) -> None:
    print(f"on {result['database']}")
    names = list(result["sizes"][0])
    print(" ".join(f"{name:>20}" for name in names))
    for row in result["sizes"]:
        print(" ".join(f"{row[name]!s:>20}" for name in names))
    print(goals.told(result["missed"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--channels", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--database", choices=["postgres", "sqlite"])
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.chmod(0o755)  # PostgreSQL's own user goes through it
        kind = options.database or ("postgres" if OwnPostgres.program() else "sqlite")
        database = f"sqlite:///{directory / 'aigirl.sqlite3'}"
        if kind == "postgres":
            server = OwnPostgres(directory / "postgres", ["127.0.0.1"])
            server.start()
            stack.callback(server.stop)
            database = server.url()
        prepare(database, directory)
        sizes = [measure(count) for count in sorted(options.channels)]
    missed = goals.missed(sizes[-1], most={"tick_idle_ms": MOST_TICK_MS})
    result = {"database": kind, "sizes": sizes, "missed": missed}
    print(json.dumps(result)) if options.json else show(result)
    goals.end(missed, strict=options.strict)


if __name__ == "__main__":
    main()
