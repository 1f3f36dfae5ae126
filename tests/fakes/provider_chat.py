"""What a chat model's answer looks like on the wire, in both of OpenAI's APIs, and what a provider asks for it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

CACHED_FROM = 1024
"""Tokens a beginning must have to be kept."""
CACHE_LIFE = 1800.0


def tokens(text: str) -> list[str]:
    """The text in pieces of about four characters, as a model would stream it."""
    return re.findall(r"\s*(?:\w{1,6}|[^\w\s])|\s+", text)


def messages_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages of a request to either API."""
    return list(body["messages"] if "messages" in body else body["input"])


def text_of(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content)


@dataclass(frozen=True, slots=True)
class Visit:
    """What one request counts before a word was answered. `cached` and `written` are parts of `prompt`."""

    prompt: int
    cached: int = 0
    written: int = 0


@dataclass
class Till:
    """Bills as OpenAI does: `prices` are US dollars per million tokens, read, read from the cache, written, answered.

    Without the explicit mode the whole prompt is written to the cache, and a later prompt finds it only whole.
    """

    prices: tuple[float, float, float, float] = (0.10, 0.01, 0.125, 0.50)
    now: Callable[[], float] = time.monotonic
    micros: float = 0.0
    """The bill so far, millionths of a US dollar."""
    cached: int = 0
    written: int = 0
    prompt: int = 0
    completion: int = 0
    _kept: dict[tuple[str, str], float] = field(default_factory=dict)

    def visit(self, body: Mapping[str, Any]) -> Visit:
        messages = messages_of(body)
        counts = [len(tokens(text_of(message))) for message in messages]
        explicit = (body.get("prompt_cache_options") or {}).get("mode") == "explicit"
        end = next((n + 1 for n, message in enumerate(messages) if _is_marked(message)), 0) if explicit else len(counts)
        beginning = sum(counts[:end])
        if beginning < CACHED_FROM:
            return Visit(sum(counts))
        key = (str(body.get("prompt_cache_key", "")), json.dumps([text_of(message) for message in messages[:end]]))
        known = self._kept.get(key, float("-inf")) > self.now() - CACHE_LIFE
        self._kept[key] = self.now()
        return Visit(sum(counts), cached=beginning if known else 0, written=0 if known else beginning)

    def charge(self, visit: Visit, completion: int) -> None:
        read, cached, written, answered = self.prices
        self.micros += (visit.prompt - visit.cached - visit.written) * read + visit.cached * cached
        self.micros += visit.written * written + completion * answered
        self.prompt += visit.prompt
        self.cached += visit.cached
        self.written += visit.written
        self.completion += completion


def _is_marked(message: Mapping[str, Any]) -> bool:
    content = message.get("content")
    return isinstance(content, list) and any("prompt_cache_breakpoint" in part for part in content)


def chat_usage(visit: Visit, completion: int) -> dict[str, Any]:
    return {
        "prompt_tokens": visit.prompt,
        "completion_tokens": completion,
        "total_tokens": visit.prompt + completion,
        "prompt_tokens_details": {"cached_tokens": visit.cached, "cache_write_tokens": visit.written},
    }


def chat_chunks(body: Mapping[str, Any], pieces: list[str], usage: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    head: dict[str, Any] = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": body["model"]}
    for index, piece in enumerate(pieces):
        delta = {"role": "assistant", "content": piece} if index == 0 else {"content": piece}
        yield head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    if usage is not None:
        yield head | {"choices": [], "usage": usage}


def response_usage(visit: Visit, completion: int) -> dict[str, Any]:
    """As the Responses API and the Decisions API name the figures."""
    return {
        "input_tokens": visit.prompt,
        "input_tokens_details": {"cached_tokens": visit.cached, "cache_write_tokens": visit.written},
        "output_tokens": completion,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": visit.prompt + completion,
    }


def decision_visit(body: Mapping[str, Any]) -> Visit:
    """A request for decisions: the input and all that is asked of it."""
    asked = "\n".join(f"{question['name']} {question['instructions']}" for question in body["questions"])
    return Visit(len(tokens(body["input"])) + len(tokens(asked)))


def completion(body: Mapping[str, Any], text: str, usage: dict[str, Any] | None) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": body["model"]}
    return head | {"choices": choices} | ({"usage": usage} if usage else {})


def response_events(
    body: Mapping[str, Any], pieces: list[str], visit: Visit, *, reason: str = ""
) -> Iterator[dict[str, Any]]:
    """The events of a streamed Responses answer; one for each piece, then the end with its usage.

    `reason`: why the answer is incomplete, such as max_output_tokens.
    """
    response: dict[str, Any] = {
        "id": "resp_1", "object": "response", "created_at": 0, "model": body["model"], "status": "in_progress",
        "output": [], "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
    }  # fmt: skip
    where = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []}
    for number, piece in enumerate(pieces):
        yield {"type": "response.output_text.delta", "sequence_number": number, "delta": piece, **where}
    response["usage"] = response_usage(visit, len(pieces))
    response["status"] = "incomplete" if reason else "completed"
    response["incomplete_details"] = {"reason": reason} if reason else None
    yield {"type": f"response.{response['status']}", "sequence_number": len(pieces), "response": response}
