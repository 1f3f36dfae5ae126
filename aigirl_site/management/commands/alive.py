"""`manage.py alive web|live|control|beat`: whether a process of this machine works, for health checks."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError
from redis import RedisError

from aigirl_site.supervisor import plan
from aigirl_site.supervisor.house import answers
from workers.checks.services import STILL_TICKING
from workers.fleet import lease, pulse
from workers.models import WorkerProcess

ROLES = ("web", "live", "control", "beat")


class Command(BaseCommand):
    help = "Exit code 0 where this machine's process works, else 1 and one sentence."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=ROLES)
        parser.add_argument("--port", type=int, help="port of the site (default: SITE_URL's on loopback, else 8000)")

    def handle(self, *_args: Any, role: str, port: int | None, **_options: Any) -> None:
        if complaint := what_is_wrong(role, port=port):
            raise SystemExit(complaint)


def what_is_wrong(role: str, *, port: int | None = None) -> str:
    """One sentence, or "" where all is well."""
    try:
        if role == "web":
            house = plan.make(settings.ENV, port=port, workers=1)
            well = answers("127.0.0.1", house.port, house.env.site_host)
            return "" if well else f"The site does not answer on port {house.port}."
        if role == "beat":
            age = pulse.age()
            return "" if age is not None and age < STILL_TICKING else "The clock of the fleet stands still."
        ours = WorkerProcess.objects.filter(lease.living_workers(), kind=role, host=settings.ENV.node_name)
        return "" if ours.exists() else f"No {role} worker of {settings.ENV.node_name} takes part in the fleet."
    except DatabaseError as error:
        return f"The database does not answer ({type(error).__name__})."
    except RedisError as error:
        return f"Redis does not answer ({type(error).__name__})."
