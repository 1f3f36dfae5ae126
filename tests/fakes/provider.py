"""An OpenAI-compatible provider on loopback: chat, speech, moderation, models, with scripted faults and timings.

    with ProviderServer() as server:
        server.chat.queue(status(429, retry_after=2), reply("Hello."))
        client = AsyncOpenAI(api_key="k", base_url=server.base_url)

Every request is kept in `server.requests`. `python -m tests.fakes.provider --benchmark` runs it alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from aiohttp import web

from tests.fakes.loopback import Loopback, cut_off
from tests.fakes.provider_chat import (
    Till,
    Visit,
    chat_chunks,
    chat_usage,
    completion,
    decision_visit,
    response_events,
    response_usage,
    tokens,
)
from tests.fakes.provider_script import (
    BENCHMARK,
    CHUNK_SECONDS,
    Recorded,
    Route,
    Script,
    Timings,
    empty,
    malformed,
    redirect,
    reply,
    reset,
    slow,
    stall,
    status,
    stream_error,
)
from tests.fakes.provider_verdicts import MODERATION_MARKERS, decided, direction, judgement, speech_event
from tests.fakes.speech_sound import RATE, speech, streamed_wav_header

__all__ = [
    "BENCHMARK",
    "DEFAULT_REPLY",
    "MODERATION_MARKERS",
    "ProviderServer",
    "Recorded",
    "Script",
    "Till",
    "Timings",
    "empty",
    "malformed",
    "redirect",
    "reply",
    "reset",
    "slow",
    "stall",
    "status",
    "stream_error",
    "tokens",
]

DEFAULT_REPLY = "[happy] Hello there, nice to see you! What shall we do today?"


class ProviderServer(Loopback):
    """The server, on a free port of 127.0.0.1, in a thread and loop of its own."""

    def __init__(
        self,
        *,
        timings: Timings | None = None,
        keys: frozenset[str] = frozenset(),
        rejected_parameters: frozenset[str] = frozenset(),
        answer: Callable[[dict[str, Any]], str] | None = None,
        sound: Callable[[str], bytes] = speech,
        till: Till | None = None,
        port: int = 0,
    ) -> None:
        """`keys`: the accepted API keys (empty: any). `rejected_parameters`: chat fields answered with 400.
        `answer`: makes the reply from the request's body; `DEFAULT_REPLY` otherwise. `sound`: text to PCM.
        `till`: counts and bills what chat requests cost, broken off ones too."""
        self.timings = timings or Timings()
        self.keys = keys
        self.rejected_parameters = rejected_parameters
        self.answer = answer or (lambda body: DEFAULT_REPLY)
        self.sound = sound
        self.till = till or Till()
        self.chat = Route()
        self.speech = Route()
        self.moderation = Route()
        self.decisions = Route()
        self.embeddings = Route()
        self.pages: dict[str, bytes | None] = {}  # JSON by path, for whoever has the key; None never answers
        self.speech_formats, self.models = {"pcm", "wav"}, ["gpt-6-luna", "local-voice"]
        self.requests, self.knocks = list[Recorded](), list[Recorded]()  # a knock (HEAD) asks for nothing
        super().__init__("provider-fake")
        self._port = port
        self._changed: asyncio.Condition

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def requests_to(self, end: str) -> list[Recorded]:
        """The requests whose path ends so, such as "/chat/completions", in order of arrival."""
        return [request for request in self.requests if request.path.endswith(end)]

    async def until(self, condition: Callable[[], bool], *, seconds: float = 5.0) -> None:
        """Waits, from any loop, until something happened at the server. Raises TimeoutError."""

        async def wait() -> None:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(condition)

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(wait(), self.loop))

    async def serve(self) -> None:
        self._changed = asyncio.Condition()
        app = web.Application(client_max_size=8 << 20)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/responses", self._chat)
        app.router.add_post("/v1/audio/speech", self._speech)
        app.router.add_post("/v1/moderations", self._moderations)
        app.router.add_post("/v1/decisions", self._decide)
        app.router.add_post("/v1/embeddings", self._embeddings)
        app.router.add_get("/v1/models", self._models)
        app.router.add_route("*", "/{elsewhere:.*}", self._elsewhere)
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        await web.SockSite(runner, listener).start()
        self.opened()
        await self.closing.wait()
        await runner.cleanup()

    async def _record(self, request: web.Request) -> Recorded:
        raw = await request.read()
        body = json.loads(raw) if raw else {}
        record = Recorded(request.method, request.path, dict(request.headers), body, time.monotonic())
        record.peer = request.transport.get_extra_info("peername") if request.transport else None
        (self.knocks if record.method == "HEAD" else self.requests).append(record)
        await self._notify()
        return record

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    @contextlib.asynccontextmanager
    async def _watched(self, record: Recorded) -> AsyncIterator[None]:
        """Notes how the request ended; a hang-up of the client arrives here as cancellation or a broken write."""
        try:
            yield
            record.finished_at = time.monotonic()
        except (asyncio.CancelledError, ConnectionResetError):
            if not self.closing.is_set():
                record.cancelled_at = time.monotonic()
            raise
        finally:
            await asyncio.shield(self._notify())

    def _refusal(self, request: web.Request, script: Script) -> web.Response | None:
        """The HTTP error of the script, or of a wrong key."""
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not key or (self.keys and key not in self.keys):
            return _error(401, "Incorrect API key provided.", code="invalid_api_key")
        if script.location:
            return web.Response(status=script.status, headers={"Location": script.location})
        if script.status == 200:
            return None
        headers = {} if script.retry_after is None else {"Retry-After": f"{script.retry_after:g}"}
        message = script.message or f"Scripted failure {script.status}"
        return _error(script.status, message, parameter=script.parameter, headers=headers)

    async def _fault(self, request: web.Request, script: Script) -> None:
        if script.fault == "stall":
            await self.closing.wait()
        if script.fault in {"stall", "reset"} and request.transport is not None:
            cut_off(request.transport)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        record = await self._record(request)
        async with self._watched(record):
            script = self.chat.next()
            if (refusal := self._refusal(request, script)) is not None:
                return refusal
            for parameter in sorted(self.rejected_parameters & record.body.keys()):
                message = f"Unsupported parameter: '{parameter}' is not supported with this model."
                return _error(400, message, parameter=parameter, code="unsupported_parameter")
            text = self.answer(record.body) if script.text is None else script.text
            pieces, visit = tokens(text), self.till.visit(record.body)
            try:
                return await self._tell(request, record, script, pieces, visit)
            finally:
                self.till.charge(visit, record.sent)

    async def _tell(
        self, request: web.Request, record: Recorded, script: Script, pieces: list[str], visit: Visit
    ) -> web.StreamResponse:
        """The answer in the shape and at the pace that was asked for."""
        timings, started, body = script.timings or self.timings, self.loop.time(), record.body
        if not body.get("stream"):
            await self._until(started + timings.token_at(len(pieces)))
            await self._fault(request, script)
            record.sent = len(pieces)
            used = chat_usage(visit, len(pieces)) if script.usage else None
            return web.json_response(completion(body, "".join(pieces), used))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with_usage = script.usage and bool((body.get("stream_options") or {}).get("include_usage"))
        usage = chat_usage(visit, len(pieces)) if with_usage else None
        newer = request.path.endswith("/responses")
        chunks = response_events(body, pieces, visit) if newer else chat_chunks(body, pieces, usage)
        for index, chunk in enumerate(chunks):
            if script.fault and index == script.after:
                await self._chat_fault(request, response, script)
                return response
            await self._until(started + timings.token_at(min(index, len(pieces))))
            name = f"event: {chunk['type']}\n" if newer else ""
            await response.write(f"{name}data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
            record.first_byte_at = record.first_byte_at or time.monotonic()
            record.sent = min(index + 1, len(pieces))
        if not newer:
            await response.write(b"data: [DONE]\n\n")
        return response

    async def _chat_fault(self, request: web.Request, response: web.StreamResponse, script: Script) -> None:
        if script.fault == "malformed":
            await response.write(b'data: {"id": "chatcmpl-1", "choi\n\n')
        elif script.fault == "error":
            await response.write(f"data: {json.dumps({'error': {'message': script.message}})}\n\n".encode())
        else:
            await self._fault(request, script)

    async def _speech(self, request: web.Request) -> web.StreamResponse:
        record = await self._record(request)
        async with self._watched(record):
            script, started = self.speech.next(), self.loop.time()
            if (refusal := self._refusal(request, script)) is not None:
                return refusal
            form = record.body.get("response_format", "mp3")
            if form not in self.speech_formats:
                return _error(400, f"Unsupported response_format '{form}'.", parameter="response_format")
            timings = script.timings or self.timings
            text = record.body["input"] if script.text is None else script.text
            pcm = self.sound(text)
            if script.fault == "malformed" and not script.after:
                return web.json_response({"detail": "no sound today"})
            if script.body:
                return web.Response(body=script.body, content_type=script.content_type)
            events = script.events or record.body.get("stream_format") == "sse"
            kind = "text/event-stream" if events else "audio/wav" if form == "wav" else "audio/pcm"
            response = web.StreamResponse(headers={"Content-Type": script.content_type or kind})
            if script.fault and not script.after:
                await self._fault(request, script)
            await self._until(started + timings.first_audio)
            await response.prepare(request)
            if form == "wav" and not events:
                await response.write(streamed_wav_header())
            beside = _beside(script, text)
            size = round(RATE * CHUNK_SECONDS) * 2
            for index, start in enumerate(range(0, len(pcm), size)):
                if script.fault and index == script.after:
                    await response.write(b"\x00") if script.fault == "malformed" else await self._fault(request, script)
                    return response
                await self._until(started + timings.audio_at(index))
                part = pcm[start : start + size]
                await response.write(speech_event(part, {} if index else beside) if events else part)
                record.first_byte_at = record.first_byte_at or time.monotonic()
            if events:
                done = {"type": "speech.audio.done", "usage": {"input_tokens": len(text) // 4, "output_tokens": 1}}
                await response.write(f"data: {json.dumps(done)}\n\n".encode())
            return response

    async def _moderations(self, request: web.Request) -> web.StreamResponse:
        record = await self._record(request)
        async with self._watched(record):
            script, started = self.moderation.next(), self.loop.time()
            if (refusal := self._refusal(request, script)) is not None:
                return refusal
            await self._until(started + (script.timings or self.timings).moderation)
            if script.fault == "malformed":
                return web.Response(text="not json", content_type="application/json")
            await self._fault(request, script)
            given = record.body["input"]
            parts = given if isinstance(given, list) else [given]
            results = [judgement(part if isinstance(part, str) else part.get("text", "")) for part in parts]
            model = record.body.get("model", "omni-moderation-latest")
            return web.json_response({"id": "modr-1", "model": model, "results": results, **_beside(script, given)})

    async def _decide(self, request: web.Request) -> web.StreamResponse:
        """A predicate is true where the input holds its name in capitals, such as HATE."""
        record = await self._record(request)
        async with self._watched(record):
            script, started = self.decisions.next(), self.loop.time()
            if (refusal := self._refusal(request, script)) is not None:
                return refusal
            questions, text = record.body["questions"], record.body["input"]
            if not 1 <= len(questions) <= 400:
                return _error(400, "Ask 1 to 400 questions.", parameter="questions")
            # Billed whether or not anybody waits for it.
            visit = decision_visit(record.body)
            self.till.charge(visit, 0)
            await self._until(started + (script.timings or self.timings).moderation)
            if script.fault == "malformed":
                return web.json_response({"answers": []})
            await self._fault(request, script)
            answers = [decided(asked["name"], text) for asked in questions]
            told: dict[str, Any] = {"model": record.body["model"], "answers": answers}
            return web.json_response(told | ({"usage": response_usage(visit, 0)} if script.usage else {}))

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        """Texts with a word in common point the same way."""
        record = await self._record(request)
        async with self._watched(record):
            script, started = self.embeddings.next(), self.loop.time()
            if (refusal := self._refusal(request, script)) is not None:
                return refusal
            await self._until(started + (script.timings or self.timings).first_token)
            await self._fault(request, script)
            texts = record.body["input"]
            rows = [{"index": number, "embedding": direction(text)} for number, text in enumerate(texts)]
            usage = {"prompt_tokens": sum(len(tokens(text)) for text in texts)}
            return web.json_response({"object": "list", "data": rows[::-1], "usage": usage})

    async def _models(self, request: web.Request) -> web.StreamResponse:
        await self._record(request)
        if (refusal := self._refusal(request, Script())) is not None:
            return refusal
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "fake"} for name in self.models]
        return web.json_response({"object": "list", "data": listed})

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        await self._record(request)
        if request.path not in self.pages:
            return _error(404, f"Unknown path {request.path}")
        if (body := self.pages[request.path]) is None:
            await self.closing.wait()
        return self._refusal(request, Script()) or web.Response(body=body, content_type="application/json")

    async def _until(self, when: float) -> None:
        """Sleeps to a moment of this loop's clock, or until the server closes."""
        if (left := when - self.loop.time()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self.closing.wait()


def _beside(script: Script, text: str) -> dict[str, Any]:
    return script.beside(text) if callable(script.beside) else script.beside


def _error(
    http: int, message: str, *, parameter: str = "", code: str = "", headers: Mapping[str, str] | None = None
) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": parameter or None, "code": code or None}
    return web.json_response({"error": error}, status=http, headers=headers)


def main() -> None:
    """Serves until interrupted; prints the base URL first."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--benchmark", action="store_true", help="the timings of the published figures")
    options = parser.parse_args()
    with ProviderServer(port=options.port, timings=BENCHMARK if options.benchmark else None) as server:
        print(server.base_url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
