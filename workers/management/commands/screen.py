"""`manage.py screen`: what the safety gate says of recorded text, JSON lines in and out."""

from __future__ import annotations

import asyncio
import io
import sys
from argparse import ArgumentParser
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError

from workers.pipeline.values import Profile
from workers.safety.gate import SafetyGate
from workers.safety.lines import answer
from workers.wiring import close_clients, moderation_for


class Command(BaseCommand):
    help = 'Reads lines {"id","surface","user","text"}, answers each with {"id","verdict","rule","us"}.'
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--profile", default="family", choices=get_args(Profile), help="how strict (family)")
        parser.add_argument("--moderation", action="store_true", help="ask the endpoint of MODERATION_BASE_URL too")

    def handle(self, *args: Any, **options: Any) -> None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            # One stray byte must not end the command in the middle of a file.
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")
        with asyncio.Runner() as runner:
            try:
                runner.run(self._answer_all(options["profile"], options["moderation"]))
            finally:
                runner.run(close_clients())

    async def _answer_all(self, profile: Profile, with_endpoint: bool) -> None:
        moderation = moderation_for({}) if with_endpoint else None
        if with_endpoint and moderation is None:
            raise CommandError("--moderation needs an endpoint: set MODERATION_BASE_URL, or leave the option out.")
        for line in sys.stdin:
            if line.strip():
                said = await answer(line, lambda: SafetyGate(profile=profile, moderation=moderation))
                self.stdout.write(said)
                self.stdout.flush()
