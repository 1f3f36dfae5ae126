"""`manage.py safety_cases`: lines that members reported as wrongly blocked, as the corpus of the tests holds them."""

from __future__ import annotations

from argparse import ArgumentParser
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand

from channels_app.models import SafetyCase
from workers.brain.language import detect_language

NO_TEST = "moderation."
"""Rules that are an endpoint's and not ours: nothing of ours can be tested with them."""


class Command(BaseCommand):
    help = "Writes reported lines as `language|reported|text`, for tests/workers/safety/corpus/benign.txt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", help="login of the one channel whose lines are wanted")

    def handle(self, *args: Any, **options: Any) -> None:
        cases = SafetyCase.objects.exclude(rule__startswith=NO_TEST).order_by("rule", "reported_at")
        if options["channel"]:
            cases = cases.filter(channel__login=options["channel"].lower())
        seen: set[str] = set()
        for rule, of_rule in groupby(cases, key=lambda case: case.rule):
            lines = dict.fromkeys(" ".join(case.line.split()) for case in of_rule)
            fresh = [line for line in lines if line not in seen]
            seen.update(fresh)
            if fresh:
                self.stdout.write(f"# {rule}")
            for line in fresh:
                self.stdout.write(f"{detect_language(line, 'en')}|reported|{line}")
        if not seen:
            self.stderr.write("No line was reported.")
