"""How the two APIs of OpenAI-compatible servers are spoken: what a request's body holds, and what a chunk says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workers.brain.capabilities import Capabilities
from workers.brain.catalogue import TokenCount
from workers.brain.parts import PromptMessage, Question

REPLY_TOKENS = 220
"""Limit of a reply: 220 characters are about 75 tokens of Russian; the rest is room for tags and long words."""
TEMPERATURE = 0.9


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who asks, as far as the provider is told."""

    cache_key: str
    """The same for all requests that begin with the same persona."""
    chatter: str = ""
    """Empty: nobody is identified."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk of a stream says."""

    text: str = ""
    ending: str = ""
    """Why the reply ended, once it has: "length", "content_filter", or anything else."""
    count: TokenCount | None = None
    failure: str = ""
    """The provider gave up; its own words."""


class ShapeError(ValueError):
    """A chunk is not what the API says it is."""


def common_fields(known: Capabilities, stamp: Stamp) -> dict[str, Any]:
    """What both APIs call the same."""
    fields: dict[str, Any] = {"stream": True}
    if known.length_fields:
        fields[known.length_fields[0]] = REPLY_TOKENS
    if known.temperature:
        fields["temperature"] = TEMPERATURE
    if known.prompt_cache:
        # The implicit breakpoint sits in the newest chat: it is written at 1.25x and never read.
        fields["prompt_cache_options"] = {"mode": "explicit"}
        fields["prompt_cache_key"] = stamp.cache_key
    if known.safety_identifier and stamp.chatter:
        fields["safety_identifier"] = stamp.chatter
    return fields


def messages(prompt: tuple[PromptMessage, ...], known: Capabilities, *, part: str) -> list[dict[str, Any]]:
    """The prompt as both APIs take it; `part` is what they call a piece of text."""
    return [_message(message, known, part) for message in prompt]


def _message(message: PromptMessage, known: Capabilities, part: str) -> dict[str, Any]:
    role = "developer" if message.role == "system" and known.developer_role else message.role
    if message.cache_after and known.prompt_cache:
        marked = {"type": part, "text": message.content, "prompt_cache_breakpoint": {"mode": "explicit"}}
        return {"role": role, "content": [marked]}
    return {"role": role, "content": message.content}


def chat_fields(prompt: tuple[PromptMessage, ...], known: Capabilities, stamp: Stamp) -> dict[str, Any]:
    """The body of a Chat Completions request, without its model."""
    fields = common_fields(known, stamp)
    if known.stream_options:
        fields["stream_options"] = {"include_usage": True}
    if known.reasoning_effort:
        fields["reasoning_effort"] = "none"
    return fields | {"messages": messages(prompt, known, part="text")}


def read_chat(chunk: Mapping[str, Any]) -> Piece:
    """One chunk of a Chat Completions stream. Raises ShapeError."""
    choices, count = chunk.get("choices"), read_usage(chunk.get("usage"))
    if chunk.get("object") not in (None, "chat.completion.chunk") or not isinstance(choices, list | None):
        raise ShapeError("a chunk of another shape")
    if not choices:
        return Piece(count=count)
    choice = _mapping(choices[0])
    text = _mapping(choice.get("delta")).get("content")
    if text is not None and not isinstance(text, str):
        raise ShapeError("a chunk of another shape")
    return Piece(text=text or "", ending=str(choice.get("finish_reason") or ""), count=count)


def responses_fields(prompt: tuple[PromptMessage, ...], known: Capabilities, stamp: Stamp) -> dict[str, Any]:
    """The body of a Responses request, without its model. Nothing is kept at the provider: its default is 30 days."""
    fields = common_fields(known, stamp)
    if known.store:
        fields["store"] = False
    if known.reasoning_effort:
        fields["reasoning"] = {"effort": "none"}
    return fields | {"input": messages(prompt, known, part="input_text")}


def form_fields(question: Question, known: Capabilities) -> dict[str, Any]:
    """The body of a Chat Completions request for one whole answer of a given form, without its model."""
    fields: dict[str, Any] = {"messages": messages(question.messages, replace(known, prompt_cache=False), part="text")}
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


def read_form(answer: Mapping[str, Any]) -> tuple[str, TokenCount | None]:
    """The text of a whole answer, and its figures where it has some. Raises ShapeError."""
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    text = _mapping(_mapping(first).get("message")).get("content")
    if not isinstance(text, str):
        raise ShapeError("an answer of another shape")
    return text, read_usage(answer.get("usage"))


_ENDINGS = {"max_output_tokens": "length", "content_filter": "content_filter"}


def read_responses(event: Mapping[str, Any]) -> Piece:
    """One event of a Responses stream. Raises ShapeError."""
    kind = event.get("type")
    if not isinstance(kind, str):
        raise ShapeError("an event of another shape")
    if kind == "response.output_text.delta":
        text = event.get("delta")
        if not isinstance(text, str):
            raise ShapeError("an event of another shape")
        return Piece(text=text)
    if kind not in {"response.completed", "response.incomplete", "response.failed", "error"}:
        return Piece()
    response = _mapping(event.get("response"))
    count = read_usage(response.get("usage"))
    if kind in {"response.failed", "error"}:
        words = _mapping(response.get("error")).get("message") or event.get("message") or "no reason given"
        return Piece(failure=str(words), count=count)
    reason = str(_mapping(response.get("incomplete_details")).get("reason") or "")
    return Piece(ending=_ENDINGS.get(reason, reason or "stop"), count=count)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def read_usage(usage: object) -> TokenCount | None:
    """The figures of an answer, by whichever of their two names for each; None where there are none."""
    if not isinstance(usage, Mapping) or not usage:
        return None
    read, answered = ("input", "output") if "input_tokens" in usage else ("prompt", "completion")
    parts = _mapping(usage.get(f"{read}_tokens_details"))
    return TokenCount(
        prompt=_number(usage.get(f"{read}_tokens")),
        completion=_number(usage.get(f"{answered}_tokens")),
        cached=_number(parts.get("cached_tokens")),
        written=_number(parts.get("cache_write_tokens")),
    )


def _number(value: object) -> int:
    """A count as a server sent it; compatible servers leave some out or send null."""
    return value if isinstance(value, int) and value > 0 else 0
