"""`manage.py privacy export|erase --channel LOGIN [--chatter WHO]`: copies and erasure, for operators."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from channels_app import chatters, erasure, exports
from channels_app.actions import Refused, record
from channels_app.models import Channel
from channels_app.twitch import people

PATIENCE = 60.0
"""Seconds a live run is waited for."""


class Command(BaseCommand):
    help = "Exports or erases a channel, or one chatter of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("deed", choices=["export", "erase"])
        parser.add_argument("--channel", required=True, help="login or public id of the channel")
        parser.add_argument("--chatter", default="", help="Twitch id or login; without it the channel itself")
        parser.add_argument("--out", default="", help="file of an export; a chatter's goes to the screen without it")
        parser.add_argument("--yes", action="store_true", help="erases a channel without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = self._channel(options["channel"])
        if options["chatter"]:
            self._chatter(channel, options["deed"], options["chatter"], options["out"])
        elif options["deed"] == "export":
            self._export(channel, options["out"])
        else:
            self._erase(channel, sure=options["yes"])

    def _channel(self, name: str) -> Channel:
        channel = Channel.objects.filter(login=name.lower()).first() or Channel.objects.filter(public_id=name).first()
        if channel is None:
            raise CommandError(f"There is no channel {name!r}.")
        return channel

    def _chatter(self, channel: Channel, deed: str, who: str, out: str) -> None:
        found = chatters.find(channel, who)
        if not found and (sought := people.seek(who)):
            found = chatters.by_login(channel, sought)
        if not found:
            raise CommandError(f"Nothing is stored under {who!r}. Names are forgotten within a day; try the Twitch id.")
        if deed == "erase":
            for chatter in found:
                chatters.erase(channel, chatter, acting_user=None)
            self.stdout.write(f"Erased: {', '.join(chatter.id for chatter in found)}.")
            return
        copies = [chatters.copy_of(channel, chatter, acting_user=None) for chatter in found]
        text = json.dumps(copies, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        if out:
            Path(out).write_text(text)
        else:
            self.stdout.write(text)

    def _export(self, channel: Channel, out: str) -> None:
        if not out:
            raise CommandError("Name the file with --out, such as --out channel.zip.")
        record(channel, None, "privacy.export_asked")
        with Path(out).open("wb") as file:
            exports.write_zip(file, channel, lambda _done, _total: None)
        self.stdout.write(f"Written to {out}.")

    def _erase(self, channel: Channel, *, sure: bool) -> None:
        name = channel.login
        if not sure:
            if not sys.stdin.isatty():
                raise CommandError("This cannot be undone. Say --yes.")
            if input(f"Type {name} to erase this channel with everything in it: ").strip() != name:
                raise CommandError("Nothing was erased.")
        try:
            erasure.erase_at_once(channel, patience=PATIENCE)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        except erasure.StillRunning:
            raise CommandError(
                "Its run does not end. It is stopped and hidden, and will be erased as soon as the run has ended."
            ) from None
        self.stdout.write(f"{name} is erased.")
