"""Any OpenAI-compatible `/v1/audio/speech`: streamed PCM at 24 kHz, with deadlines of our own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2
import openai

from workers.pipeline.ports import VoiceError
from workers.pipeline.values import SAMPLE_RATE, Audio, VoiceSpec
from workers.voice.speech_events import ResponseSound
from workers.voice.wav import PCM_WANTED, UnknownSoundError

LONGEST_TEXT = 4096
"""Characters the endpoint takes in one request."""
TEXT_TYPES = ("application/json", "text/html", "text/plain", "application/problem+json")
PACKED_TYPES = ("audio/mpeg", "audio/mp3", "audio/ogg", "audio/opus", "audio/aac", "audio/flac", "audio/webm")
PERMANENT = {400, 401, 402, 403, 404, 405, 413, 415, 422}
AHEAD_SECONDS = 0.5
"""Sound that is here and not yet due, from which the next is not read as soon as it comes."""
GATHER_SECONDS = 0.1
"""It is read so much later, all that came meanwhile, and goes on in one part: a provider's small pieces cost more on
their way than to speak."""
AT_ONCE_SECONDS = 0.001
"""What took no longer was here already: there is more of it."""
MOST_GATHERED_BYTES = SAMPLE_RATE * 2
"""One part: a second of sound at most."""
DROPPABLE = frozenset({"instructions", "speed"})
"""Fields a server may refuse by name; the voice then does without them."""


@dataclass(frozen=True, slots=True)
class SpeechDeadlines:
    """Seconds until the first byte, between two chunks, and of waiting for one clip in all."""

    first_byte: float = 4.0
    stall: float = 4.0
    total: float = 60.0


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """Where and how one channel speaks. `voice` is used where the persona names none."""

    base_url: str
    api_key: str = field(repr=False)
    model: str = "tts-1"
    voice: str = "alloy"
    deadlines: SpeechDeadlines = SpeechDeadlines()
    is_own: bool = False
    """A server of whoever runs it: nobody asks money for it."""
    of_member: bool = False
    """The channel brought it, and pays it."""
    price: float | None = None
    """US dollars for 1,000 characters, where whoever set it up knows better than the list."""


class OpenAISpeech:
    """Speaks through one endpoint. Channels share the HTTP client, which follows no redirects."""

    def __init__(self, config: SpeechConfig, http_client: httpx2.AsyncClient) -> None:
        """Raises VoiceError on an empty key or address, ValueError on a client that follows redirects."""
        if not config.api_key.strip():
            # An empty key would make the client take the platform's own from its environment.
            raise VoiceError(
                "The speech provider has no API key: enter one (any word where a local server needs none).",
                code="speech_unconfigured",
                retryable=False,
            )
        if not config.base_url:
            raise VoiceError("The speech provider has no address.", code="speech_unconfigured", retryable=False)
        if http_client.follow_redirects:
            raise ValueError("The HTTP client of a provider must not follow redirects.")
        self._config = config
        self._refused: set[str] = set()
        self._format: Literal["pcm", "wav"] = "pcm"
        self._client = openai.AsyncOpenAI(
            api_key=config.api_key, base_url=config.base_url, http_client=http_client, max_retries=0
        )
        # Read from the environment by the client; they would go to the tenant's server.
        self._client.organization = self._client.project = None

    @property
    def label(self) -> str:
        return self._config.model

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        """Parts as the network brings them, without timings. Raises VoiceError. Closing it ends the request."""
        deadlines = self._config.deadlines
        left = deadlines.total
        heard = False
        silent = True
        made, begun, clock = 0, 0.0, asyncio.get_running_loop().time
        gathered = b""
        try:
            async with AsyncExitStack() as stack:
                began = time.monotonic()
                async with asyncio.timeout(min(deadlines.first_byte, left)):
                    response = await self._request(stack, text, voice)
                sound = ResponseSound(response.headers.get("content-type", ""), text)
                chunks = response.iter_bytes()
                allowed = max(0.0, deadlines.first_byte - (time.monotonic() - began))
                while True:
                    waited = time.monotonic()
                    try:
                        async with asyncio.timeout(min(allowed, left)):
                            chunk = await anext(chunks, None)
                    except (TimeoutError, openai.APIError, httpx2.HTTPError):
                        for part in sound.feed(gathered):
                            yield part
                        raise
                    took = time.monotonic() - waited
                    left -= took
                    if chunk is None:
                        break
                    if not chunk:
                        continue
                    allowed = deadlines.stall
                    if not heard:
                        heard, begun = True, clock()
                    gathered += chunk
                    is_ahead = begun + made / (2 * SAMPLE_RATE) - clock() > AHEAD_SECONDS
                    if is_ahead and took <= AT_ONCE_SECONDS and len(gathered) < MOST_GATHERED_BYTES:
                        continue
                    for part in sound.feed(gathered):
                        silent = silent and not part.pcm
                        made += len(part.pcm)
                        yield part
                    gathered = b""
                    if is_ahead and took > AT_ONCE_SECONDS:
                        await asyncio.sleep(GATHER_SECONDS)
                for last in (*sound.feed(gathered), sound.finish()):
                    if last.pcm or last.phones:
                        silent = silent and not last.pcm
                        yield last
        except TimeoutError:
            raise self._late(heard) from None
        except openai.APIStatusError as error:
            raise _refusal(error) from None
        except openai.APITimeoutError:
            raise self._late(heard) from None
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            reason = type(error.__cause__ or error).__name__
            raise VoiceError(
                f"The connection to the speech provider broke ({reason}).", code="speech_connection", retryable=True
            ) from None
        except UnknownSoundError as error:
            raise VoiceError(f"The speech provider sent {error}.", code="speech_format", retryable=False) from None
        if silent:
            raise VoiceError("The speech provider sent no sound.", code="speech_empty", retryable=True)

    async def _request(self, stack: AsyncExitStack, text: str, voice: VoiceSpec) -> Any:
        """The opened response. A field the server refuses by name is left out from then on."""
        while True:
            try:
                response = await stack.enter_async_context(
                    self._client.audio.speech.with_streaming_response.create(
                        input=text[:LONGEST_TEXT],
                        model=self._config.model,
                        voice=voice.name or self._config.voice,
                        response_format=self._format,
                        timeout=self._config.deadlines.total,
                        **self._wishes(voice),
                    )
                )
            except openai.BadRequestError as error:
                if error.param == "response_format" and self._format == "pcm":
                    self._format = "wav"  # a small server without raw PCM; its header is taken off as it comes
                    continue
                if error.param not in DROPPABLE - self._refused:
                    raise
                self._refused.add(str(error.param))
                continue
            kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
            if response.status_code != 200:
                raise VoiceError(
                    f"The speech provider answered {response.status_code} instead of sound: check its base URL.",
                    code="speech_redirect",
                    retryable=False,
                )
            if kind in TEXT_TYPES:
                raise VoiceError(
                    "The speech provider sent text instead of sound.", code="speech_format", retryable=True
                )
            if kind in PACKED_TYPES:
                raise UnknownSoundError(f"{kind}, though PCM was asked for: {PCM_WANTED}")
            return response

    def _wishes(self, voice: VoiceSpec) -> dict[str, Any]:
        """Optional fields: only those that say something, as small servers refuse what they do not know."""
        wishes: dict[str, Any] = {}
        if voice.instructions:
            wishes["instructions"] = voice.instructions
        if voice.speed != 1.0:
            wishes["speed"] = min(4.0, max(0.25, voice.speed))
        return {name: value for name, value in wishes.items() if name not in self._refused}

    def _late(self, began: bool) -> VoiceError:
        if began:
            return VoiceError("The speech provider stopped in mid-sentence.", code="speech_stalled", retryable=True)
        limit = self._config.deadlines.first_byte
        return VoiceError(
            f"The speech provider sent no sound within {limit:g} s.", code="speech_timeout", retryable=True
        )


def _refusal(error: openai.APIStatusError) -> VoiceError:
    """The HTTP error as ours. Provider messages are not repeated: some quote the key."""
    status = error.status_code
    messages = {
        400: ("speech_refused", "refused the request: check the model and the voice"),
        401: ("speech_unauthorised", "refused the API key: enter a valid one"),
        402: ("speech_unpaid", "asks for payment: check the account's balance"),
        403: ("speech_forbidden", "does not allow this key to use this model"),
        404: ("speech_not_found", "knows no such model or address: check the base URL and the model"),
        429: ("speech_busy", "asks to slow down"),
    }
    if 300 <= status < 400:
        code, text = "speech_redirect", "answered with a redirect, which is not followed: check its base URL"
    else:
        code, text = messages.get(status, ("speech_failed", f"failed with status {status}"))
    return VoiceError(
        f"The speech provider {text}.",
        code=code,
        retryable=status not in PERMANENT and status >= 400,
        retry_after=_retry_after(error.response),
    )


def _retry_after(response: httpx2.Response) -> float | None:
    try:
        return max(0.0, float(response.headers.get("retry-after", "")))
    except ValueError:
        return None
