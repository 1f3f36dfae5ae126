"""A brain behind any OpenAI-compatible Chat Completions endpoint: streamed, with deadlines, faults and a meter.

It knows nothing of channels, safety or sound. All tenants share one HTTP client; each brain carries its own key.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from openai.types.chat import ChatCompletionChunk

from workers.brain import catalogue, faults
from workers.brain.capabilities import Capabilities, CapabilityBook
from workers.brain.endpoint import ChatEndpoint, Deadlines
from workers.brain.parts import PromptMessage
from workers.brain.prompt import Question, build_messages
from workers.pipeline.ports import BrainError
from workers.pipeline.values import ReplyRequest, Usage

REPLY_TOKENS = 220
"""Limit of a reply: 220 characters are about 75 tokens of Russian; the rest is room for tags and long words."""
REPLY_CHARACTERS = 1_500
"""Where reading stops, for endpoints that ignore every limit."""
TEMPERATURE = 0.9
LONGEST_RETRY_AFTER = 1.0
"""Seconds. Whoever asks for more patience than this gets the turn dropped: chat has moved on."""
RETRY_PAUSE = 0.2
FORM_SECONDS = 40.0
"""For an answer nobody waits for."""

_OUR_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "connection", "user-agent", "authorization", "content-type"}
    | {"content-length", "transfer-encoding"}
)


LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=200, keepalive_expiry=50)
"""An idle connection lives 50 s, a little less than the usual servers allow. The client's own 5 s would make nearly
every message of a quiet chat pay for a new handshake, with the brain and with the voice."""


def shared_http_client(
    *,
    trusted: ssl.SSLContext | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    check_request: Callable[[httpx2.Request], Awaitable[None]] | None = None,
) -> httpx2.AsyncClient:
    """The one HTTP client of a worker process, for one event loop. It follows no redirects.

    `trusted` authorities that were read already save reading them again. `transport` or `check_request` guard where
    requests may go: they refuse with an `httpx2.RequestError`.
    """
    hooks: list[Callable[[httpx2.Request], Awaitable[None]]] = [_one_loop(), _drop_foreign_headers]
    if check_request is not None:
        hooks.append(check_request)
    return openai.DefaultAsyncHttpx2Client(
        follow_redirects=False,
        transport=transport,
        verify=trusted or True,
        limits=LIMITS,
        event_hooks={"request": hooks, "response": []},
    )


class OpenAIBrain:
    """One persona's language model. Cheap to make: 0.1 ms over the shared client."""

    def __init__(
        self,
        endpoint: ChatEndpoint,
        http_client: httpx2.AsyncClient,
        *,
        book: CapabilityBook | None = None,
        deadlines: Deadlines | None = None,
        identifier_salt: bytes = b"",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`book` is shared by all brains of a process. Without `identifier_salt` no chatter is identified.

        Raises BrainError (llm_no_key, llm_bad_address) before anything is sent.
        """
        if not _is_web_address(endpoint.base_url):
            raise faults.bad_address()
        # Without a key the client library would silently take the platform's from the environment.
        if not (endpoint.key.isascii() and endpoint.key.isprintable() and endpoint.key.strip()):
            raise faults.no_key(endpoint)
        self.endpoint = endpoint
        self.deadlines = deadlines or Deadlines()
        self._book = book or CapabilityBook()
        self._salt = identifier_salt
        self._sleep = sleep
        self._client = openai.AsyncOpenAI(
            api_key=endpoint.key, base_url=endpoint.base_url, http_client=http_client, max_retries=0
        )

    @property
    def label(self) -> str:
        return self.endpoint.model

    def reply(self, request: ReplyRequest) -> OpenAIReply:
        """Nothing is sent before the reply is iterated."""
        return OpenAIReply(self, request)

    async def open(self, request: ReplyRequest, messages: tuple[PromptMessage, ...]) -> openai.AsyncStream[Any]:
        """Starts a stream, taking out one refused request field after another. Raises openai's errors."""
        endpoint = self.endpoint
        while True:
            known = self._book.of(endpoint.base_url, endpoint.host, endpoint.model)
            try:
                stream: openai.AsyncStream[Any] = await self._client.chat.completions.create(
                    **self._fields(request, messages, known)
                )
                return stream
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                refusal = f"{error.param or ''} {error.message}"
                if not self._book.learn(endpoint.base_url, endpoint.host, endpoint.model, refusal):
                    raise

    async def form(self, question: Question) -> tuple[str, Usage]:
        """One whole answer in JSON, not streamed; its text and what it cost. Raises BrainError, after which nothing is
        known of the cost. It has time: nobody waits for it."""
        endpoint = self.endpoint
        while True:
            known = self._book.of(endpoint.base_url, endpoint.host, endpoint.model)
            try:
                async with asyncio.timeout(FORM_SECONDS):
                    answer = await self._client.chat.completions.create(**self._form_fields(question, known))
                return self._read_form(answer, question)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                refusal = f"{error.param or ''} {error.message}"
                if not self._book.learn(endpoint.base_url, endpoint.host, endpoint.model, refusal):
                    raise _refusal(error, endpoint) from None
            except TimeoutError:
                raise faults.late(endpoint, Deadlines(total=FORM_SECONDS), begun=True, whole=True) from None
            except openai.APIStatusError as error:
                raise _refusal(error, endpoint) from None
            except openai.APIConnectionError as error:
                raise _broken(error, endpoint) from None
            except (openai.APIError, httpx2.HTTPError, ValueError):
                raise faults.malformed(endpoint, "an answer that cannot be read") from None

    def _form_fields(self, question: Question, known: Capabilities) -> dict[str, Any]:
        messages = [_wire(message, breakpoints=False) for message in question.messages]
        fields: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": messages,
            "timeout": httpx2.Timeout(FORM_SECONDS, connect=self.deadlines.first_token),
        }
        if known.length_fields:
            fields[known.length_fields[0]] = question.tokens
        if known.temperature:
            fields["temperature"] = 0
        if known.reasoning_effort:
            fields["reasoning_effort"] = "none"
        if known.json_schema:
            schema = {"name": question.name, "strict": True, "schema": question.schema}
            fields["response_format"] = {"type": "json_schema", "json_schema": schema}
        return fields

    def _read_form(self, answer: Any, question: Question) -> tuple[str, Usage]:
        choices = getattr(answer, "choices", None)
        text = getattr(getattr(choices[0], "message", None), "content", None) if choices else None
        if not isinstance(text, str):
            raise faults.malformed(self.endpoint, "an answer that cannot be read")
        endpoint = self.endpoint
        price = catalogue.FREE if endpoint.is_own else catalogue.price(endpoint.host, endpoint.model)
        if getattr(answer, "usage", None) is not None:
            return text, catalogue.metered(_token_count(answer.usage), price, exact=True)
        prompt = sum(catalogue.estimate_tokens(message.content) for message in question.messages)
        count = catalogue.TokenCount(prompt=prompt, completion=catalogue.estimate_tokens(text))
        return text, catalogue.metered(count, price, exact=False)

    async def pause(self, seconds: float) -> None:
        await self._sleep(seconds)

    def _fields(
        self, request: ReplyRequest, messages: tuple[PromptMessage, ...], known: Capabilities
    ) -> dict[str, Any]:
        seconds = self.deadlines.total
        fields: dict[str, Any] = {
            "model": self.endpoint.model,
            # As they are sent already: the SDK would look through each of them, for 8 ms before the model is asked.
            "messages": [],
            "extra_body": {"messages": [_wire(message, breakpoints=known.prompt_cache) for message in messages]},
            "stream": True,
            "timeout": httpx2.Timeout(seconds, connect=min(seconds, self.deadlines.first_token)),
        }
        if known.length_fields:
            fields[known.length_fields[0]] = REPLY_TOKENS
        if known.temperature:
            fields["temperature"] = TEMPERATURE
        if known.stream_options:
            fields["stream_options"] = {"include_usage": True}
        if known.reasoning_effort:
            fields["reasoning_effort"] = "none"
        if known.prompt_cache:
            # The implicit breakpoint sits in the newest chat: it is written at 1.25x and never read.
            fields["prompt_cache_options"] = {"mode": "explicit"}
            fields["prompt_cache_key"] = f"{request.channel_id}:{request.persona.version_id}"
        if known.safety_identifier and self._salt:
            chatter = f"{request.channel_id}:{request.events[0].chatter.id}".encode()
            fields["safety_identifier"] = hashlib.blake2b(chatter, key=self._salt, digest_size=16).hexdigest()
        return fields


class OpenAIReply:
    """One reply while it is made. Iterate it once; `usage` is right at any time, also after cancelling."""

    def __init__(self, brain: OpenAIBrain, request: ReplyRequest) -> None:
        self._brain = brain
        self._request = request
        self._messages = build_messages(request)
        self._text = ""
        self._billable = False
        self._count: catalogue.TokenCount | None = None
        self._earlier = Usage()
        """Of an attempt that failed after the provider had begun."""

    @property
    def usage(self) -> Usage:
        return self._earlier + self._present

    @property
    def _present(self) -> Usage:
        endpoint = self._brain.endpoint
        known = catalogue.FREE if endpoint.is_own else catalogue.price(endpoint.host, endpoint.model)
        if self._count is not None:
            return catalogue.metered(self._count, known, exact=True)
        if not self._billable:
            return Usage()
        prompt = sum(
            catalogue.estimate_tokens(message.content) + catalogue.MESSAGE_OVERHEAD for message in self._messages
        )
        estimate = catalogue.TokenCount(prompt=prompt, completion=catalogue.estimate_tokens(self._text))
        return catalogue.metered(estimate, known, exact=False)

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        deadlines, began = self._brain.deadlines, asyncio.get_running_loop().time()
        first_token, total = began + deadlines.first_token, began + deadlines.total
        for retry in (False, True):
            try:
                async with contextlib.aclosing(self._attempt(first_token, total)) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except BrainError as error:
                wait = RETRY_PAUSE if error.retry_after is None else error.retry_after
                late = asyncio.get_running_loop().time() + wait >= first_token
                if retry or self._text or late or not error.retryable or wait > LONGEST_RETRY_AFTER:
                    raise
                self._earlier, self._billable, self._count = self.usage, False, None
                await self._brain.pause(wait)

    async def _attempt(self, first_token: float, total: float) -> AsyncGenerator[str, None]:
        endpoint, deadlines, ending = self._brain.endpoint, self._brain.deadlines, ""
        loop, deadline, stream = asyncio.get_running_loop(), min(first_token, total), None
        self._billable = True
        try:
            async with asyncio.timeout_at(deadline):
                stream = await self._brain.open(self._request, self._messages)
            self._refuse_unstreamed(stream)
            chunks = aiter(stream)
            while len(self._text) < REPLY_CHARACTERS:
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    break
                delta, ending = self._read(chunk, ending)
                if delta:
                    handed_over = loop.time()
                    yield delta
                    # Time the listener takes is not the provider's silence.
                    total += loop.time() - handed_over
                    deadline = min(loop.time() + deadlines.between_tokens, total)
        except TimeoutError:
            raise faults.late(endpoint, deadlines, begun=bool(self._text), whole=loop.time() >= total) from None
        except openai.APIStatusError as error:
            self._billable = False
            raise _refusal(error, endpoint) from None
        except openai.APIConnectionError as error:
            self._billable = stream is not None
            raise _broken(error, endpoint) from None
        except openai.APIError as error:
            raise faults.failed_midway(endpoint, _words(error)) from None
        except httpx2.HTTPError:
            # The body of an error status that broke off: the SDK lets this one through.
            self._billable = False
            raise faults.reset(endpoint) from None
        except ValueError:
            # What the SDK raises for a chunk that is no JSON or no UTF-8.
            raise faults.malformed(endpoint, "a chunk that is not JSON") from None
        finally:
            if stream is not None:
                await stream.close()
        if not self._text.strip():
            raise faults.silent(endpoint, ending, REPLY_TOKENS)

    def _read(self, chunk: object, ending: str) -> tuple[str, str]:
        """The new text and the finish reason; notes the usage where the chunk carries it."""
        choices = getattr(chunk, "choices", None)
        if not isinstance(chunk, ChatCompletionChunk) or not isinstance(choices, list | None):
            raise faults.malformed(self._brain.endpoint, "a chunk of another shape")
        if chunk.usage is not None:
            self._count = _token_count(chunk.usage)
        if not choices:
            return "", ending
        text = getattr(getattr(choices[0], "delta", None), "content", None)
        if text is not None and not isinstance(text, str):
            raise faults.malformed(self._brain.endpoint, "a chunk of another shape")
        self._text += text or ""
        return text or "", getattr(choices[0], "finish_reason", None) or ending

    def _refuse_unstreamed(self, stream: openai.AsyncStream[Any]) -> None:
        kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in {"text/html", "application/json"}:
            raise faults.unstreamed(self._brain.endpoint, kind)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _wire(message: PromptMessage, *, breakpoints: bool) -> dict[str, Any]:
    if message.cache_after and breakpoints:
        part = {"type": "text", "text": message.content, "prompt_cache_breakpoint": {"mode": "explicit"}}
        return {"role": message.role, "content": [part]}
    return {"role": message.role, "content": message.content}


def _token_count(usage: Any) -> catalogue.TokenCount:
    details = getattr(usage, "prompt_tokens_details", None)
    return catalogue.TokenCount(
        prompt=_number(getattr(usage, "prompt_tokens", None)),
        completion=_number(getattr(usage, "completion_tokens", None)),
        cached=_number(getattr(details, "cached_tokens", None)),
        written=_number(getattr(details, "cache_write_tokens", None)),
    )


def _number(value: object) -> int:
    """A count as a server sent it; compatible servers leave some out or send null."""
    return value if isinstance(value, int) and value > 0 else 0


def _refusal(error: openai.APIStatusError, endpoint: ChatEndpoint) -> BrainError:
    words, wait = _words(error), error.response.headers.get("retry-after", "")
    return faults.refused(endpoint, error.status_code, code=error.code or "", words=words, retry_after=wait)


def _broken(error: openai.APIConnectionError, endpoint: ChatEndpoint) -> BrainError:
    unreachable = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
    return faults.unreachable(endpoint) if isinstance(error.__cause__, unreachable) else faults.reset(endpoint)


def _words(error: openai.APIError) -> str:
    words = error.body.get("message") if isinstance(error.body, dict) else None
    return str(words or error.message)


async def _drop_foreign_headers(request: httpx2.Request) -> None:
    """The SDK adds the platform's organisation, project and machine from its environment: no tenant's business."""
    for name in list(request.headers):
        if name.lower() not in _OUR_HEADERS:
            del request.headers[name]


def _one_loop() -> Callable[[httpx2.Request], Awaitable[None]]:
    """Pooled connections belong to the loop that opened them: elsewhere they fail in ways that are hard to read."""
    homes: list[asyncio.AbstractEventLoop] = []

    async def check(request: httpx2.Request) -> None:
        running = asyncio.get_running_loop()
        if not homes:
            homes.append(running)
        if homes[0] is not running:
            raise RuntimeError("The shared HTTP client belongs to another event loop. Make one client for each loop.")

    return check
