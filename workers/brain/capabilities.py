"""What each endpoint and model understands: guessed at first, corrected by the errors it answers with."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

OPENAI_HOST = "api.openai.com"
_REASONING = re.compile(r"^(gpt-([5-9]|\d\d)|o\d)")
_CACHE_BREAKPOINTS = re.compile(r"^gpt-(5\.([6-9]|\d\d)|[6-9]|\d\d)")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Which optional request fields are sent."""

    length_fields: tuple[str, ...] = ("max_tokens", "max_completion_tokens")
    """Names the reply's limit may have; the first is sent, none where all were refused."""
    temperature: bool = True
    stream_options: bool = True
    reasoning_effort: bool = False
    prompt_cache: bool = False
    """`prompt_cache_key`, `prompt_cache_options` and the breakpoint after the persona."""
    safety_identifier: bool = False
    json_schema: bool = True
    """`response_format` with a schema, where an answer has a form; without it the prompt alone asks for JSON."""

    def without(self, field: str) -> Capabilities | None:
        """The record after the endpoint refused this request field; None when it was not ours to drop."""
        if self.length_fields[:1] == (field,):
            return replace(self, length_fields=self.length_fields[1:])
        match field:
            case "temperature" if self.temperature:
                return replace(self, temperature=False)
            case "reasoning_effort" if self.reasoning_effort:
                return replace(self, reasoning_effort=False)
            case "stream_options" if self.stream_options:
                return replace(self, stream_options=False)
            case "response_format" | "json_schema" if self.json_schema:
                return replace(self, json_schema=False)
            case "safety_identifier" if self.safety_identifier:
                return replace(self, safety_identifier=False)
            case "prompt_cache_key" | "prompt_cache_options" | "prompt_cache_breakpoint" if self.prompt_cache:
                return replace(self, prompt_cache=False)
        return None


class CapabilityBook:
    """Remembers, for the life of the process, what was learned of each endpoint and model."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Capabilities] = {}

    def of(self, base_url: str, host: str, model: str) -> Capabilities:
        return self._known.get((base_url, model)) or guess(host, model)

    def learn(self, base_url: str, host: str, model: str, refusal: str) -> bool:
        """Takes one field out that the refusal names. False when it names none that is sent."""
        present = self.of(base_url, host, model)
        for word in re.findall(r"[a-z_]+", refusal):
            if (fewer := present.without(word)) is not None:
                self._known[base_url, model] = fewer
                return True
        return False


def guess(host: str, model: str) -> Capabilities:
    """What to send to an endpoint nobody has asked yet. OpenAI's own fields go to OpenAI only."""
    if host != OPENAI_HOST:
        return Capabilities()
    reasoning = _REASONING.match(model) is not None
    return Capabilities(
        length_fields=("max_completion_tokens", "max_tokens"),
        temperature=not reasoning,
        reasoning_effort=reasoning,
        prompt_cache=_CACHE_BREAKPOINTS.match(model) is not None,
        safety_identifier=True,
    )
