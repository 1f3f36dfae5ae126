"""A brain behind any OpenAI-compatible endpoint, by Chat Completions or Responses: streamed, with deadlines, faults and
a meter.

It knows nothing of channels, safety or sound. All tenants share one HTTP client; each brain carries its own key.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from workers.brain import catalogue, faults, wire
from workers.brain.capabilities import CapabilityBook
from workers.brain.endpoint import ChatEndpoint, Deadlines
from workers.brain.meter import Experience
from workers.brain.parts import PromptMessage, Question
from workers.brain.prompt import build_messages
from workers.pipeline.ports import BrainError
from workers.pipeline.values import ReplyRequest, Usage

REPLY_CHARACTERS = 1_500
"""Where reading stops, for endpoints that ignore every limit."""
TRIES = 2
LONGEST_RETRY_AFTER = 1.0
"""Seconds. Whoever asks for more patience than this gets the turn dropped: chat has moved on."""
RETRY_PAUSE = 0.2
FORM_SECONDS = 40.0
"""For an answer nobody waits for."""


class OpenAIBrain:
    """One persona's language model. Cheap to make: 0.1 ms over the shared client."""

    def __init__(
        self,
        endpoint: ChatEndpoint,
        http_client: httpx2.AsyncClient,
        *,
        book: CapabilityBook | None = None,
        experience: Experience | None = None,
        deadlines: Deadlines | None = None,
        tries: int = TRIES,
        identifier_salt: bytes = b"",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`book` and `experience` are shared by all brains of a process. A reply that has not begun is asked for
        `tries` times at most. Without `identifier_salt` no chatter is identified.

        Raises BrainError (llm_no_key, llm_bad_address) before anything is sent.
        """
        if not _is_web_address(endpoint.base_url):
            raise faults.bad_address()
        # Without a key the client library would silently take the platform's from the environment.
        if not (endpoint.key.isascii() and endpoint.key.isprintable() and endpoint.key.strip()):
            raise faults.no_key(endpoint)
        self.endpoint = endpoint
        self.deadlines = deadlines or Deadlines()
        self.experience = experience or Experience()
        self.tries = tries
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

    async def open(self, request: ReplyRequest, messages: tuple[PromptMessage, ...]) -> openai.AsyncStream[object]:
        """Starts a stream, taking out one refused request field after another. Raises openai's errors."""
        endpoint, stamp = self.endpoint, self._stamp(request)
        while True:
            known = self._book.of(endpoint)
            try:
                if endpoint.api == "responses":
                    return await self._stream("/responses", wire.responses_fields(messages, known, stamp))
                return await self._stream("/chat/completions", wire.chat_fields(messages, known, stamp))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._book.learn(endpoint, f"{error.param or ''} {error.message}"):
                    raise

    async def form(self, question: Question) -> tuple[str, Usage]:
        """One whole answer in JSON, not streamed; its text and what it cost. Raises BrainError, after which nothing is
        known of the cost. It has time: nobody waits for it."""
        # By Chat Completions, which everybody has, however replies are asked for.
        endpoint = replace(self.endpoint, api="chat")
        patience = httpx2.Timeout(FORM_SECONDS, connect=self.deadlines.first_token)
        while True:
            fields = wire.form_fields(question, self._book.of(endpoint))
            try:
                async with asyncio.timeout(FORM_SECONDS):
                    answer = await self._client.chat.completions.create(
                        model=endpoint.model, messages=[], extra_body=fields, timeout=patience
                    )
                return self._read_form(answer.to_dict(warnings=False), question)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._book.learn(endpoint, f"{error.param or ''} {error.message}"):
                    raise _refusal(error, endpoint) from None
            except TimeoutError:
                raise faults.late(endpoint, Deadlines(total=FORM_SECONDS), begun=True, whole=True) from None
            except openai.APIStatusError as error:
                raise _refusal(error, endpoint) from None
            except openai.APIConnectionError as error:
                raise _broken(error, endpoint) from None
            except (openai.APIError, httpx2.HTTPError, ValueError):
                raise faults.malformed(endpoint, "an answer that cannot be read") from None

    def _read_form(self, answer: Mapping[str, Any], question: Question) -> tuple[str, Usage]:
        text, count = wire.read_form(answer)
        if count is not None:
            return text, self.endpoint.metered(count, exact=True)
        prompt = sum(catalogue.estimate_tokens(message.content) for message in question.messages)
        count = catalogue.TokenCount(prompt=prompt, completion=catalogue.estimate_tokens(text))
        return text, self.endpoint.metered(count, exact=False)

    async def pause(self, seconds: float) -> None:
        await self._sleep(seconds)

    async def _stream(self, path: str, fields: dict[str, Any]) -> openai.AsyncStream[object]:
        # The SDK's own methods look through each message, for 8 ms before the model is asked, and make a model with
        # some forty fields of each chunk, of which one is read.
        return await self._client.post(
            path,
            cast_to=object,
            body={"model": self.endpoint.model, **fields},
            options={"timeout": self._patience},
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )

    @property
    def _patience(self) -> httpx2.Timeout:
        seconds = self.deadlines.total
        return httpx2.Timeout(seconds, connect=min(seconds, self.deadlines.first_token))

    def _stamp(self, request: ReplyRequest) -> wire.Stamp:
        if not self._salt:
            return wire.Stamp(cache_key(request))
        chatter = f"{request.channel_id}:{request.events[0].chatter.id}".encode()
        return wire.Stamp(cache_key(request), hashlib.blake2b(chatter, key=self._salt, digest_size=16).hexdigest())


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
    def label(self) -> str:
        return self._brain.label

    @property
    def detour(self) -> str:
        """There is nobody else it could have asked."""
        return ""

    @property
    def _present(self) -> Usage:
        endpoint = self._brain.endpoint
        if self._count is not None:
            return endpoint.metered(self._count, exact=True)
        if not self._billable:
            return Usage()
        # By the machine's clock: the turn is written down in another thread, where no loop runs.
        count = self._brain.experience.estimate(endpoint, cache_key(self._request), self._guessed, now=time.monotonic())
        return endpoint.metered(count, exact=False)

    @property
    def _guessed(self) -> catalogue.TokenCount:
        prompt = sum(
            catalogue.estimate_tokens(message.content) + catalogue.MESSAGE_OVERHEAD for message in self._messages
        )
        return catalogue.TokenCount(prompt=prompt, completion=catalogue.estimate_tokens(self._text))

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        deadlines, began = self._brain.deadlines, asyncio.get_running_loop().time()
        first_token, total = began + deadlines.first_token, began + deadlines.total
        for attempt in range(1, self._brain.tries + 1):
            try:
                async with contextlib.aclosing(self._attempt(first_token, total)) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except BrainError as error:
                wait = RETRY_PAUSE if error.retry_after is None else error.retry_after
                late = asyncio.get_running_loop().time() + wait >= first_token
                last = attempt == self._brain.tries
                if last or self._text or late or not error.retryable or wait > LONGEST_RETRY_AFTER:
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
                    self._compare_estimate()
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
        except wire.ShapeError as error:
            raise faults.malformed(endpoint, str(error)) from None
        except ValueError:
            # What the SDK raises for a chunk that is no JSON or no UTF-8.
            raise faults.malformed(endpoint, "a chunk that is not JSON") from None
        finally:
            if stream is not None:
                await stream.close()
        if not self._text.strip():
            raise faults.silent(endpoint, ending, wire.REPLY_TOKENS)

    def _read(self, chunk: object, ending: str) -> tuple[str, str]:
        """The new text and the finish reason; notes the usage where the chunk carries it."""
        if not isinstance(chunk, dict):
            raise wire.ShapeError("a chunk of another shape")
        read = wire.read_responses if self._brain.endpoint.api == "responses" else wire.read_chat
        piece = read(chunk)
        self._count = piece.count or self._count
        if piece.failure:
            raise faults.failed_midway(self._brain.endpoint, piece.failure)
        self._text += piece.text
        return piece.text, piece.ending or ending

    def _compare_estimate(self) -> None:
        """The reply is whole: where its figures came, later ones without can be estimated better."""
        if self._count is not None:
            self._brain.experience.note(
                self._brain.endpoint,
                cache_key(self._request),
                guessed=self._guessed,
                exact=self._count,
                now=time.monotonic(),
            )

    def _refuse_unstreamed(self, stream: openai.AsyncStream[object]) -> None:
        kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in {"text/html", "application/json"}:
            raise faults.unstreamed(self._brain.endpoint, kind)


def cache_key(request: ReplyRequest) -> str:
    """The same for all replies whose prompt begins with the same persona."""
    return f"{request.channel_id}:{request.persona.version_id}"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _refusal(error: openai.APIStatusError, endpoint: ChatEndpoint) -> BrainError:
    words, wait = _words(error), error.response.headers.get("retry-after", "")
    return faults.refused(endpoint, error.status_code, code=error.code or "", words=words, retry_after=wait)


def _broken(error: openai.APIConnectionError, endpoint: ChatEndpoint) -> BrainError:
    unreachable = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
    return faults.unreachable(endpoint) if isinstance(error.__cause__, unreachable) else faults.reset(endpoint)


def _words(error: openai.APIError) -> str:
    words = error.body.get("message") if isinstance(error.body, dict) else None
    return str(words or error.message)
