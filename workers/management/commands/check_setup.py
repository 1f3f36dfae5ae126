"""Is everything ready to go live? Each fault is named with its mend; exit code 1 when there is one."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from channels_app.models import Channel
from workers.checks.everything import all_well, check_all
from workers.checks.finding import GROUPS, Finding, Status

MARKS = {Status.OK: "ok  ", Status.WARN: "warn", Status.FAULT: "FAULT"}


class Command(BaseCommand):
    help = "Checks whether everything is ready to go live, and says how to mend what is not."
    requires_system_checks: list[str] = []  # they are among the findings

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help='print {"ok": bool, "findings": [...]}')
        parser.add_argument("--channel", metavar="LOGIN", help="also check this channel (default: the only one)")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = check_all(_channel(options["channel"]))
        well = all_well(findings)
        if options["json"]:
            report = {"ok": well, "findings": [finding.as_json() for finding in findings]}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self._print(findings, well=well)
        if not well:
            sys.exit(1)

    def _print(self, findings: list[Finding], *, well: bool) -> None:
        for group, members in groupby(findings, key=lambda finding: finding.group):
            self.stdout.write(f"\n{GROUPS[group]}")
            for finding in members:
                detail = f"  ({finding.detail})" if finding.detail else ""
                self.stdout.write(f"  {MARKS[finding.status]:5} {finding.title}: {finding.what}{detail}")
                if finding.mend:
                    self.stdout.write(f"        → {finding.mend}")
        self.stdout.write("\nReady to go live." if well else "\nNot ready yet.")


def _channel(login: str | None) -> Channel | None:
    """The channel asked for, or the only one there is. A database that is away is for the checks to tell."""
    try:
        if login is None:
            channels = list(Channel.objects.all()[:2])
            return channels[0] if len(channels) == 1 else None
        return Channel.objects.get(login=login.lower())
    except Channel.DoesNotExist:
        raise CommandError(f"There is no channel {login!r}.") from None
    except DatabaseError:
        return None
