"""`manage.py fleet`: which workers live, who carries out what, what waits and why, in a terminal."""

from __future__ import annotations

import dataclasses
import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from channels_app.models import Channel
from workers import speeds
from workers.fleet import overview, terminal

CLEAR = "\x1b[H\x1b[2J"


class Command(BaseCommand):
    help = "Shows the fleet. Exit code 1 where a wanted channel is not live for more than 10 s, or no worker lives."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
        parser.add_argument("--watch", type=float, metavar="SECONDS", help="again and again, until Ctrl-C")
        parser.add_argument("--channel", metavar="LOGIN", help="one channel's run instead of the fleet")

    def handle(self, *_args: Any, **options: Any) -> None:
        every: float | None = options["watch"]
        if every is None:
            if self._show(options["channel"], as_json=options["json"]):
                raise SystemExit(1)
            return
        try:
            while True:
                if self.stdout.isatty():
                    self.stdout.write(CLEAR, ending="")
                self._show_patiently(options["channel"], as_json=options["json"])
                time.sleep(max(0.2, every))
        except KeyboardInterrupt:
            raise SystemExit(0) from None

    def _show_patiently(self, login: str | None, *, as_json: bool) -> None:
        """A database that is away comes back while somebody watches."""
        try:
            self._show(login, as_json=as_json)
        except SystemExit as reason:
            self.stderr.write(str(reason))

    def _show(self, login: str | None, *, as_json: bool) -> bool:
        """Whether somebody has to do something. Raises SystemExit with one sentence where nothing can be shown."""
        try:
            return self._channel(login, as_json=as_json) if login else self._fleet(as_json=as_json)
        except DatabaseError as failure:
            kind = type(failure).__name__
            raise SystemExit(f"The database does not answer ({kind}). See that it runs and is up to date.") from failure

    def _fleet(self, *, as_json: bool) -> bool:
        now = timezone.now()
        seen, times = overview.look(now), speeds.stages(now)
        complaints = terminal.complaints(seen)
        if as_json:
            stages = {
                stage: {f"p{percent}_ms": round(speeds.seconds(values, percent) * 1000) for percent in (50, 95)}
                for stage, values in times.items()
            }
            extra = {"stages": stages, "dropped": seen.dropped, "complaints": complaints}
            self._json(dataclasses.asdict(seen) | extra)
        else:
            self._lines(terminal.fleet(seen, times, self._paint))
        return bool(complaints)

    def _channel(self, login: str, *, as_json: bool) -> bool:
        one = Channel.objects.filter(Q(login__iexact=login) | Q(public_id=login)).first()
        if one is None:
            raise SystemExit(f"There is no channel {login!r}.")
        seen = overview.channel(one, timezone.now())
        if as_json:
            self._json(dataclasses.asdict(seen))
        else:
            self._lines(terminal.channel(seen, self._paint))
        return seen.is_late

    def _paint(self, text: str, mood: str) -> str:
        painted: str = {"good": self.style.SUCCESS, "odd": self.style.WARNING, "bad": self.style.ERROR}[mood](text)
        return painted

    def _lines(self, lines: list[str]) -> None:
        self.stdout.write("\n".join(lines))

    def _json(self, value: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(value, cls=DjangoJSONEncoder))
