"""The gate over recorded text: one JSON line in, one verdict out, each judged by a gate that has seen nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from workers.pipeline.usage import Meter
from workers.pipeline.values import Surface, Verdict
from workers.safety.gate import SafetyGate

SURFACES: tuple[str, ...] = get_args(Surface)


class BadLineError(Exception):
    """A line that cannot be judged. The message says what is wrong with it and what to write instead."""

    def __init__(self, message: str, identity: object = None) -> None:
        super().__init__(message)
        self.identity = identity


@dataclass(frozen=True, slots=True)
class Asked:
    """What one line asks: (chatter, text) in their order, of which the last one is judged."""

    identity: object
    surface: Surface
    messages: tuple[tuple[str, str], ...]


def read_line(line: str) -> Asked:
    """{"id","surface","user","text"}, or "messages" as [{"user","text"}] in place of "text". Raises BadLineError."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLineError(f"This line is not JSON ({error}).") from None
    if not isinstance(row, dict):
        raise BadLineError('This line is no JSON object: write {"id": 1, "surface": "chat", "text": "hello"}.')
    identity = row.get("id")
    surface = row.get("surface", "sequence" if row.get("messages") else "chat")
    if surface not in SURFACES:
        raise BadLineError(f'"surface" is {surface!r}: use one of {", ".join(SURFACES)}.', identity)
    try:
        return Asked(identity, surface, tuple(_messages(row)))
    except BadLineError as error:
        error.identity = identity
        raise


async def answer(line: str, make_gate: Callable[[], SafetyGate]) -> str:
    """The JSON line that answers this one: {"id","verdict","rule","us"}, or {"id","error"}. Nothing raises.

    `us` is the time the last message took: the rules, and the gate's endpoint where it has one and they let it pass.
    """
    try:
        asked = read_line(line)
    except BadLineError as error:
        return json.dumps({"id": error.identity, "error": str(error)})
    gate = make_gate()
    # Several messages are chat, whatever they are called: words are split over chat only.
    surface: Surface = "chat" if asked.surface == "sequence" else asked.surface
    for user, text in asked.messages[:-1]:
        gate.screen(text, surface=surface, chatter_id=user)
    user, text = asked.messages[-1]
    began = time.perf_counter_ns()
    verdict: Verdict = gate.screen(text, surface=surface, chatter_id=user)
    if verdict.allowed:
        verdict = await gate.moderate(text, Meter())
    spent = (time.perf_counter_ns() - began) // 1000
    return json.dumps({"id": asked.identity, "verdict": verdict.action.value, "rule": verdict.rule_id, "us": spent})


def _messages(row: dict[str, Any]) -> list[tuple[str, str]]:
    if not row.get("messages"):
        return [_message(row, "this line")]
    if row.get("text"):
        raise BadLineError('Give "text" or "messages", not both.')
    if not isinstance(row["messages"], list):
        raise BadLineError('"messages" is no list: write [{"user": "anna", "text": "hello"}].')
    return [_message(message, f"message {number}") for number, message in enumerate(row["messages"], start=1)]


def _message(row: Any, place: str) -> tuple[str, str]:
    text = row.get("text") if isinstance(row, dict) else None
    if not isinstance(text, str):
        raise BadLineError(f'There is no "text" in {place}: give what was written, as a string.')
    user = row.get("user")
    return "" if user is None else str(user), text
