"""`manage.py mouth`: mouth shapes for WAV files, JSON lines in and out."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workers.mouth.file import CHUNK_SECONDS, answer_lines
from workers.mouth.live import FILE_PATIENCE_SECONDS, LiveMouth
from workers.voice.espeak import phonemes


class Command(BaseCommand):
    help = 'Reads lines {"id","wav","text","lang"}, answers each with {"id","set":"ovr","visemes":[...]}.'
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stream", action="store_true", help="feed each file chunk by chunk, as a voice would")

    def handle(self, *args: Any, **options: Any) -> None:
        mouth = LiveMouth(phonemes, patience=FILE_PATIENCE_SECONDS)
        chunk = CHUNK_SECONDS if options["stream"] else None
        for answer in answer_lines(sys.stdin, mouth, chunk_seconds=chunk):
            self.stdout.write(answer)
            self.stdout.flush()
