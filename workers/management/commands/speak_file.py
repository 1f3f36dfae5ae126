"""`manage.py speak_file`: voice and mouth without a channel."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workers.brain.http_client import shared_http_client
from workers.mouth.live import LiveMouth
from workers.pipeline.ports import VoiceError
from workers.pipeline.values import VoiceSpec
from workers.voice.catalogue import ENGINES, build_voice
from workers.voice.espeak import phonemes
from workers.voice.file import SpokenFile, speak_to_file
from workers.wiring import speech_config


class Command(BaseCommand):
    help = "Speaks a text into a WAV file and tells how the mouth moves."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--text", required=True)
        parser.add_argument("--lang", default="en", help="language tag, such as en or ru")
        parser.add_argument("--wav", required=True, type=Path, help="the file to write")
        parser.add_argument("--engine", default="auto", choices=ENGINES)
        parser.add_argument("--voice", default="", help="name of the engine's voice")
        parser.add_argument("--speed", default=1.0, type=float)
        parser.add_argument("--pitch", default=1.0, type=float)
        parser.add_argument("--json", action="store_true", help="one JSON object with the mouth keys")

    def handle(self, *args: Any, **options: Any) -> None:
        spec = VoiceSpec(
            options["engine"], options["voice"], options["lang"], speed=options["speed"], pitch=options["pitch"]
        )
        try:
            spoken = asyncio.run(_speak(options["text"], spec, options["wav"]))
        except VoiceError as error:
            raise CommandError(f"{error} ({error.code})") from None
        except OSError as error:
            raise CommandError(f"{options['wav']} cannot be written: {error.strerror}.") from None
        if options["json"]:
            self.stdout.write(json.dumps({"wav": str(options["wav"]), **spoken.as_json()}, ensure_ascii=False))
        else:
            self.stdout.write(
                f"{options['wav']}: {spoken.seconds:.2f} s by the {spoken.label}, first sound after "
                f"{spoken.first_part_seconds * 1000:.0f} ms, {len(spoken.keys)} mouth keys."
            )


async def _speak(text: str, spec: VoiceSpec, target: Path) -> SpokenFile:
    async with shared_http_client() as client:
        return await speak_to_file(build_voice(speech_config({}), client), LiveMouth(phonemes), text, spec, target)
