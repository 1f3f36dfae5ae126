"""`manage.py serve web|live|control|beat`: one process of the house alone, for containers and system services."""

from __future__ import annotations

import dataclasses
import os
import re
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from aigirl_site.management.commands.up import settle
from aigirl_site.supervisor import ground, plan
from aigirl_site.supervisor.children import Child

ROLE = re.compile(r"web|control|beat|live(?P<number>[1-9]\d*)?")


class Command(BaseCommand):
    help = "Becomes one process of the house: the same, with the same options, as `up` starts. Needs REDIS_URL."
    requires_system_checks: list[str] = []  # the settings are looked at below; the pages are not this one's business

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", help="web, live (or live2, live3 … on the same machine), control, beat")
        parser.add_argument("--host", help="address the site listens on (default: loopback where SITE_URL is)")
        parser.add_argument("--port", type=int, help="port of the site (default: SITE_URL's on loopback, else 8000)")

    def handle(self, *_args: Any, role: str, host: str | None, port: int | None, **_options: Any) -> None:
        try:
            child = process_of(role, host=host, port=port)
        except ground.Obstacle as obstacle:
            raise SystemExit(str(obstacle)) from obstacle
        os.chdir(child.directory)
        # In place of this process, so that signals reach the one they are meant for.
        os.execvpe(child.command[0], child.command, dict(child.environment))  # noqa: S606


def process_of(role: str, *, host: str | None = None, port: int | None = None) -> Child:
    """The process with this name, ready to be started. Raises Obstacle when it cannot be."""
    known = ROLE.fullmatch(role)
    if known is None:
        raise ground.Obstacle(f"There is no process {role!r}; choose web, live, control or beat.")
    env = settings.ENV
    if env.embeds_redis:
        raise ground.Obstacle(
            "One process alone needs a Redis that runs: set REDIS_URL, or start everything together with ./start.sh."
        )
    settle(env)
    ground.data_directory(env.DATA_DIR)
    house = plan.make(env, port=port, workers=int(known["number"] or 1))
    if host is not None:
        house = dataclasses.replace(house, host=host)
    name = "live1" if role == "live" else role
    return next(child for child in house.children() if child.name == name)
