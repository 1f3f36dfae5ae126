"""`manage.py chat CHANNEL NAME "TEXT"`: one message into a channel's inbox, as if it stood in chat."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from channels_app.models import Channel
from channels_app.talk import KINDS, NEED_TEXT, PAID_KINDS, say_as, why_nobody


class Command(BaseCommand):
    help = "Sends one message or event into a channel's inbox."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channel", help="login of the channel, such as demo")
        parser.add_argument("name", help="name of the chatter")
        parser.add_argument("text", nargs="?", default="", help="may be left out for an event")
        parser.add_argument("--event", choices=sorted(set(KINDS) - {"message"}), default="message")
        parser.add_argument("--amount", type=int, default=0, help="bits, gifted subs, raiders, or dollars of a tip")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            channel = Channel.objects.filter(login=options["channel"].lower()).first()
        except DatabaseError as error:
            raise CommandError("The database is not ready. Start the service first: ./start.sh") from error
        if channel is None:
            raise CommandError(f"There is no channel {options['channel']!r}. `manage.py up` makes the channel demo.")
        if options["event"] in NEED_TEXT and not options["text"].strip():
            raise CommandError("Write something she can answer.")
        if options["event"] not in PAID_KINDS and (why := why_nobody(channel)):
            self.stderr.write(why)
        event_id = say_as(channel, options["name"], options["text"], kind=options["event"], amount=options["amount"])
        self.stdout.write(event_id)
