"""What the provider fake is told to do: timings, scripted behaviours, and the record of each request."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CHUNK_SECONDS = 0.040
"""Length of one written piece of sound."""


@dataclass(frozen=True, slots=True)
class Timings:
    """How fast the provider is, in seconds and rates; 0 means at once."""

    first_token: float = 0.0
    tokens_per_second: float = 0.0
    first_audio: float = 0.0
    audio_speed: float = 0.0
    """Seconds of sound sent per second."""
    moderation: float = 0.0

    def token_at(self, index: int) -> float:
        return self.first_token + (index / self.tokens_per_second if self.tokens_per_second else 0.0)

    def audio_at(self, index: int) -> float:
        return self.first_audio + (index * CHUNK_SECONDS / self.audio_speed if self.audio_speed else 0.0)


BENCHMARK = Timings(first_token=0.350, tokens_per_second=60, first_audio=0.250, audio_speed=4.0, moderation=0.120)
"""The conditions of every published latency figure."""


@dataclass(frozen=True, slots=True)
class Script:
    """What to do with one request. `after` counts the tokens or sound pieces sent before the fault."""

    status: int = 200
    fault: str = ""
    after: int = 0
    text: str | None = None
    retry_after: float | None = None
    parameter: str = ""
    location: str = ""
    message: str = ""
    timings: Timings | None = None
    usage: bool = True
    content_type: str = ""
    """Speech: the kind the answer claims to be."""
    events: bool = False
    """Speech: answer in server-sent events whatever was asked."""
    beside: dict[str, Any] | Callable[[str], dict[str, Any]] = field(default_factory=dict)
    """Speech: fields of the first event, such as timings; or what makes them from the text.
    Moderation: fields of the answer."""
    body: bytes = b""
    """Speech: these bytes instead of sound."""


def reply(text: str, *, usage: bool = True) -> Script:
    """Answer with this text. `usage=False`: never send figures, as small local servers do."""
    return Script(text=text, usage=usage)


def empty() -> Script:
    """A well-formed answer without content: no text, or no sound."""
    return Script(text="")


def status(code: int, *, retry_after: float | None = None, parameter: str = "", message: str = "") -> Script:
    """An HTTP error in the provider's own shape; `parameter` names the refused field."""
    return Script(status=code, retry_after=retry_after, parameter=parameter, message=message)


def redirect(location: str, code: int = 307) -> Script:
    """Send the client elsewhere."""
    return Script(status=code, location=location)


def stall(after: int = 0) -> Script:
    """Send nothing more, and keep the connection open until the client or the server closes it."""
    return Script(fault="stall", after=after)


def reset(after: int = 0) -> Script:
    """Cut the connection hard (RST)."""
    return Script(fault="reset", after=after)


def malformed(after: int = 0) -> Script:
    """Chat: a chunk that is no JSON. Speech: a JSON body instead of sound, or half a sample after some sound."""
    return Script(fault="malformed", after=after)


def stream_error(after: int = 0, *, message: str = "The model is overloaded") -> Script:
    """Chat: an `error` object inside the stream, as several servers send it after answering 200."""
    return Script(fault="error", after=after, message=message)


def slow(timings: Timings, text: str | None = None) -> Script:
    """Answer with timings of its own."""
    return Script(timings=timings, text=text)


@dataclass(slots=True)
class Recorded:
    """One request as it arrived. Times are `time.monotonic()`; `cancelled_at` is set when the client hung up."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    arrived: float
    first_byte_at: float | None = None
    finished_at: float | None = None
    cancelled_at: float | None = None
    sent: int = 0
    """Pieces of a chat answer that were written."""
    peer: object = None
    """The client's end of the connection: the same for requests that shared one."""


@dataclass(slots=True)
class Route:
    """The scripts of one endpoint. Queued scripts are used up in order; then `default` answers."""

    default: Script = field(default_factory=Script)
    waiting: deque[Script] = field(default_factory=deque)

    def queue(self, *scripts: Script) -> None:
        self.waiting.extend(scripts)

    def next(self) -> Script:
        return self.waiting.popleft() if self.waiting else self.default
