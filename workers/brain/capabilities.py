"""What each endpoint and model understands: guessed at first, corrected by the errors it answers with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from workers.brain.endpoint import ChatEndpoint

OPENAI_HOST = "api.openai.com"
_REASONING = re.compile(r"^(gpt-([5-9]|\d\d)|o\d)")
_CACHE_BREAKPOINTS = re.compile(r"^gpt-(5\.([6-9]|\d\d)|[6-9]|\d\d)")
_OTHER_NAMES = {
    "reasoning": "reasoning_effort",
    "prompt_cache_options": "prompt_cache_key",
    "prompt_cache_breakpoint": "prompt_cache_key",
    "role": "developer",
}
"""What a refusal may call a field -> the name it is remembered by."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Which optional request fields are sent."""

    length_fields: tuple[str, ...] = ("max_tokens", "max_completion_tokens")
    """Names the reply's limit may have; the first is sent, none where all were refused."""
    temperature: bool = True
    stream_options: bool = True
    reasoning_effort: bool = False
    developer_role: bool = False
    """Whether the rules come from a "developer" in place of a "system"."""
    prompt_cache: bool = False
    """`prompt_cache_key`, `prompt_cache_options` and the breakpoint after the persona."""
    safety_identifier: bool = False
    json_schema: bool = True
    """`response_format` with a schema, where an answer has a form; without it the prompt alone asks for JSON."""
    store: bool = False
    """Whether the endpoint is told to keep nothing."""

    def without(self, field: str) -> Capabilities | None:
        """The record after the endpoint refused this request field; None when it was not ours to drop."""
        if self.length_fields[:1] == (field,):
            return replace(self, length_fields=self.length_fields[1:])
        match field:
            case "temperature" if self.temperature:
                return replace(self, temperature=False)
            case "reasoning_effort" if self.reasoning_effort:
                return replace(self, reasoning_effort=False)
            case "developer" if self.developer_role:
                return replace(self, developer_role=False)
            case "stream_options" if self.stream_options:
                return replace(self, stream_options=False)
            case "response_format" | "json_schema" if self.json_schema:
                return replace(self, json_schema=False)
            case "safety_identifier" if self.safety_identifier:
                return replace(self, safety_identifier=False)
            case "prompt_cache_key" if self.prompt_cache:
                return replace(self, prompt_cache=False)
            case "store" if self.store:
                return replace(self, store=False)
        return None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One field that a model at an endpoint refused; `place` as `ChatEndpoint` tells it."""

    place: str
    model: str
    field: str


def _forget(refusal: Refusal) -> None:
    pass


class CapabilityBook:
    """What was learned of each endpoint and model, by this process and by those before it."""

    def __init__(self, remember: Callable[[Refusal], None] = _forget) -> None:
        """`remember` is told each refusal once, to keep it beyond this process; it returns at once."""
        self._remember = remember
        self._refused: dict[tuple[str, str], list[str]] = {}

    def of(self, endpoint: ChatEndpoint) -> Capabilities:
        present = guess(endpoint)
        for field in self._refused.get((endpoint.place, endpoint.model), ()):
            present = present.without(field) or present
        return present

    def learn(self, endpoint: ChatEndpoint, refusal: str) -> bool:
        """Takes one field out that the refusal names. False when it names none that is sent."""
        present = self.of(endpoint)
        for word in re.findall(r"[a-z_]+", refusal):
            field = _OTHER_NAMES.get(word, word)
            if present.without(field) is not None:
                new = Refusal(endpoint.place, endpoint.model, field)
                self.recall([new])
                self._remember(new)
                return True
        return False

    def recall(self, refusals: Iterable[Refusal]) -> None:
        """What other processes have learned, in the order in which they did."""
        for refusal in refusals:
            known = self._refused.setdefault((refusal.place, refusal.model), [])
            if refusal.field not in known:
                known.append(refusal.field)


def guess(endpoint: ChatEndpoint) -> Capabilities:
    """What to send to an endpoint nobody has asked yet. OpenAI's own fields go to OpenAI only."""
    ours = endpoint.host == OPENAI_HOST
    reasoning = ours and _REASONING.match(endpoint.model) is not None
    names: tuple[str, ...] = ("max_completion_tokens", "max_tokens") if ours else Capabilities().length_fields
    is_chat = endpoint.api == "chat"
    return Capabilities(
        length_fields=names if is_chat else ("max_output_tokens",),
        temperature=not reasoning,
        # Responses sends its figures without being asked.
        stream_options=is_chat,
        reasoning_effort=reasoning,
        developer_role=reasoning,
        prompt_cache=ours and _CACHE_BREAKPOINTS.match(endpoint.model) is not None,
        safety_identifier=ours,
        store=not is_chat,
    )
