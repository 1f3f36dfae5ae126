"""Runs the director over a recorded chat: JSON lines in, one JSON line a reply out."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workers.pipeline.simulate import Pace, TraceError, read_trace, simulate


class Command(BaseCommand):
    help = "Reads a chat trace (JSON lines with id, t, user, text, bits; by time), prints what is answered when."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default="ai", help="name the character is called by (ai)")
        parser.add_argument("--think", type=float, default=1.8, help="seconds to the first sound (1.8)")
        parser.add_argument("--speech", type=float, default=6.0, help="seconds of speech for one message (6.0)")
        parser.add_argument("--more", type=float, default=2.5, help="seconds for each further message (2.5)")
        parser.add_argument("--seed", type=int, default=0, help="seed of what is left to chance (0)")

    def handle(self, *args: Any, **options: Any) -> None:
        pace = Pace(options["think"], options["speech"], options["more"])
        try:
            for answered in simulate(read_trace(sys.stdin), name=options["name"], pace=pace, seed=options["seed"]):
                self.stdout.write(json.dumps(asdict(answered)))
        except TraceError as error:
            raise CommandError(str(error)) from error
