"""`manage.py up`: every process of the house on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import sys
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import ERROR
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor

from aigirl_site.checks import problems
from aigirl_site.env import Env
from aigirl_site.past import TOO_OLD, is_too_old
from aigirl_site.supervisor import ground, plan
from aigirl_site.supervisor.children import say
from aigirl_site.supervisor.house import House, tell_ready
from workers.fleet import lease
from workers.models import WorkerProcess


class Command(BaseCommand):
    help = "Starts all processes, restarts what dies, and ends them all on Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="port of the site (default: SITE_URL's, else 8000)")
        parser.add_argument("--data", type=Path, help="data directory (default: DATA_DIR, else var/)")
        parser.add_argument("--workers", type=int, help="live workers (default: 1 on loopback, else up to 4)")

    def handle(self, *_args: Any, port: int | None, data: Path | None, workers: int | None, **_options: Any) -> None:
        if port is not None and not 0 < port < 65536:
            raise SystemExit(f"--port {port} is no port: choose one between 1 and 65535.")
        if workers is not None and workers < 1:
            raise SystemExit(f"--workers {workers} would leave nobody to speak: choose 1 or more.")
        begin_anew_with(port=port, data=data)
        try:
            run(plan.make(settings.ENV, port=port, workers=workers))
        except ground.Obstacle as obstacle:
            # Not CommandError: its name before the sentence would tell the person nothing.
            raise SystemExit(str(obstacle)) from obstacle


def begin_anew_with(*, port: int | None, data: Path | None) -> None:
    """Settings are read once, at start: an argument that changes them makes this process a fresh one."""
    changed = {}
    if data is not None and data.expanduser().absolute() != settings.ENV.DATA_DIR:
        changed["DATA_DIR"] = str(data.expanduser().absolute())
    own_url = f"http://127.0.0.1:{port}"
    if port is not None and "SITE_URL" not in settings.ENV.model_fields_set and own_url != settings.ENV.SITE_URL:
        changed["SITE_URL"] = own_url
    if changed:
        os.environ.update(changed)
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606


def run(house_plan: plan.Plan) -> None:
    """Everything from the first check to the last process. Raises Obstacle."""
    env = house_plan.env
    settle(env)
    directory = ground.data_directory(env.DATA_DIR)
    with ground.alone(directory):
        ground.free_port(house_plan.host, house_plan.port)
        env.site_file.write_text(env.SITE_URL)
        house = House(house_plan, workers_live=workers_live, expire=expire)
        try:
            house.open_redis()
            migrate()
            overlay = prepare_demo()
            house.open()
            house.stay(when_ready=lambda: tell_ready(env.SITE_URL, overlay or f"{env.SITE_URL}/home/"))
        finally:
            house.close()


def settle(env: Env) -> None:
    """Says what does not fit together in the settings. Raises Obstacle when she must not be started like this."""
    for problem in problems(env):
        sentence = f"{problem.msg} {problem.hint or ''} ({problem.id})"
        if problem.level >= ERROR:
            raise ground.Obstacle(sentence)
        say(sentence)


def migrate() -> None:
    """Brings the database up to date. Raises Obstacle when it does not answer or is too old."""
    try:
        if is_too_old(connection):
            raise ground.Obstacle(TOO_OLD)
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            say(f"preparing the database ({missing} migrations)")
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise ground.Obstacle(
            f"The database cannot be used ({str(error).splitlines()[0]}); check DATABASE_URL and that it runs."
        ) from error


def prepare_demo() -> str:
    """The demo channel's overlay URL, or "" where the real thing runs."""
    if settings.ENV.has_twitch or not settings.ENV.is_loopback:
        return ""
    from workers import demo

    return demo.prepare()


def workers_live(names: list[str]) -> bool:
    """Whether all these live workers take part in the fleet."""
    try:
        close_old_connections()
        living = WorkerProcess.objects.filter(lease.living_workers(), name__in=names, draining=False)
        return living.count() == len(names)
    except DatabaseError:
        return False


def expire(worker: str) -> None:
    """Its runs are free at once; without a database they are free when the lease runs out."""
    try:
        close_old_connections()
        lease.expire_worker(worker)
    except DatabaseError as error:
        say(f"the lease of {worker} will run out by itself ({type(error).__name__})")
    else:
        # In a thread: a broker that is away is waited for, and meanwhile others may die.
        threading.Thread(target=hand_on, name="hand-on", daemon=True).start()


def hand_on() -> None:
    """What the dead worker carried out goes to others now and not at the next tick."""
    from workers import tasks

    try:
        tasks.dispatch()
    except Exception as error:
        say(f"the next tick will move the runs ({type(error).__name__})")
    finally:
        connection.close()
