"""A piper server of one's own (`python -m piper.http_server`): a clip for each sentence, with exact phone times."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx2

from workers.pipeline.ports import VoiceError
from workers.pipeline.values import Audio, PhoneTime, VoiceSpec
from workers.voice.openai_speech import LONGEST_TEXT, SpeechConfig
from workers.voice.pcm import seconds, split
from workers.voice.timings import from_durations
from workers.voice.wav import StreamedSound, UnknownSoundError

MODEL = "piper"
"""The model name that says that an address is a piper server and no OpenAI-compatible one."""
PART_SECONDS = 0.1
TIMING_SECONDS = 0.25
"""How long the clip waits for its phone times: the server has them already."""
SLACK_SECONDS = 0.1
"""Phone times that miss the clip's end by more belong to another clip."""


class PiperSpeech:
    """Speaks through one piper server. Channels share the HTTP client, which follows no redirects."""

    def __init__(self, config: SpeechConfig, http_client: httpx2.AsyncClient) -> None:
        """Raises VoiceError without an address, ValueError on a client that follows redirects."""
        if not config.base_url:
            raise VoiceError("The piper server has no address.", code="speech_unconfigured", retryable=False)
        if http_client.follow_redirects:
            raise ValueError("The HTTP client of a provider must not follow redirects.")
        self._config, self._http = config, http_client
        self._address = config.base_url.rstrip("/")

    @property
    def label(self) -> str:
        return f"piper ({self._config.voice})" if self._config.voice else "piper"

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        """Parts of 100 ms; the first brings all phones. Raises VoiceError."""
        text = text[:LONGEST_TEXT].strip()
        pcm = _decoded(await self._synthesised(text, voice))
        if not pcm:
            raise VoiceError("The piper server sent no sound.", code="speech_empty", retryable=True)
        phones = await self._phones(text, seconds(pcm))
        for part in split(pcm, PART_SECONDS):
            yield Audio(part, phones)
            phones = ()

    async def _synthesised(self, text: str, voice: VoiceSpec) -> bytes:
        """The WAV of the whole sentence; piper sends none of it before it is complete."""
        wishes: dict[str, Any] = {"text": text}
        if name := voice.name or self._config.voice:
            wishes["voice"] = name
        if voice.speed != 1.0:
            wishes["length_scale"] = round(1 / voice.speed, 3)
        deadlines = self._config.deadlines
        try:
            async with asyncio.timeout(deadlines.total):
                response = await self._http.post(
                    f"{self._address}/synthesize", json=wishes, timeout=deadlines.first_byte * 2
                )
        except (TimeoutError, httpx2.TimeoutException):
            raise VoiceError(
                "The piper server did not answer in time.", code="speech_timeout", retryable=True
            ) from None
        except httpx2.HTTPError as error:
            raise VoiceError(
                f"The piper server is not to be reached ({type(error).__name__}): is it running?",
                code="speech_connection",
                retryable=True,
            ) from None
        if response.status_code != 200:
            raise VoiceError(
                f"The piper server answered {response.status_code}: check its address and the voice's name.",
                code="speech_not_found" if response.status_code == 404 else "speech_failed",
                retryable=response.status_code >= 500,
            )
        return response.content

    async def _phones(self, text: str, length: float) -> tuple[PhoneTime, ...]:
        """The server remembers the alignments of its last clip; those of anybody else's are not ours."""
        try:
            response = await self._http.get(f"{self._address}/info", timeout=TIMING_SECONDS)
            last = response.json()["last"]
            if response.status_code != 200 or last["text"] != text:
                return ()
            phones = from_durations(last["alignments"])
        except (httpx2.HTTPError, ValueError, LookupError, TypeError, AttributeError):
            return ()
        fits = bool(phones) and abs(phones[-1].end - length) <= SLACK_SECONDS
        return phones if fits else ()


def _decoded(wav: bytes) -> bytes:
    sound = StreamedSound()
    try:
        return sound.feed(wav) + sound.finish() if wav.startswith(b"RIFF") else _no_wav()
    except UnknownSoundError as error:
        raise VoiceError(f"The piper server sent {error}.", code="speech_format", retryable=False) from None


def _no_wav() -> bytes:
    raise UnknownSoundError("something else than a WAV: is it a piper server?")
