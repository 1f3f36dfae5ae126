"""`manage.py stripe_catalogue [--check]`: makes Stripe sell what the catalogue of plans says, or says what differs."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing import catalogue, gateway


class Command(BaseCommand):
    help = "Makes the products and prices of the plans at Stripe, and what the customer portal offers. Repeatable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; ends with 1 where something differs")

    def handle(self, *args: Any, **options: Any) -> None:
        only_look = bool(options["check"])
        try:
            lines = catalogue.publish(only_look=only_look)
        except gateway.StripeProblem as problem:
            raise CommandError(f"Stripe could not be asked: {problem}") from None
        mode = "live" if gateway.is_live() else "test"
        for line in lines:
            self.stdout.write(f"{'missing' if only_look else 'made'}: {line}")
        if not lines:
            self.stdout.write(f"Stripe ({mode} mode) sells what the catalogue says.")
        if only_look and lines:
            sys.exit(1)
