"""The rooms without Django write English; the dashboard knows every sentence and error code of theirs again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from channels_app import words
from tests.guards.tracked import product, tree
from workers.brain import scripted
from workers.voice import catalogue, prices
from workers.voice.espeak import EspeakVoice
from workers.voice.hibari import HibariVoice

REASONS = {"end": 1, "_refuse": 1, "withdraw": 1, "_cancel": 1, "NoCall": 0, "_take_out": 1, "_take_back": 2}
"""Function of the line -> which of its arguments is a reason in words."""
CODES = {"_final": 0, "_passing": 0}
"""Function -> which of its arguments is an error code."""


def line() -> list[Path]:
    return [path for path in product() if path.parts[-2] != "commands" and "workers" in path.parts]


def called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def text_of(node: ast.expr | None) -> str:
    """A literal as it may come out, with something in the place of what an f-string fills in; "" for other code."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) if isinstance(part, ast.Constant) else "raid" for part in node.values)
    return ""


def reasons(tree: ast.AST) -> Iterator[str]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        place = REASONS.get(called(call))
        if place is not None and place < len(call.args):
            yield text_of(call.args[place])
        if called(call) == "update":
            yield from (text_of(keyword.value) for keyword in call.keywords if keyword.arg == "reason")


def codes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in CODES and node.args:
            yield text_of(node.args[CODES[called(node)]])
        if isinstance(node, ast.Call) and called(node) in {"VoiceError", "BrainError"}:
            yield from (text_of(keyword.value) for keyword in node.keywords if keyword.arg == "code")
        if (
            isinstance(node, ast.Tuple)
            and len(node.elts) == 2
            and text_of(node.elts[0]).startswith(("speech_", "llm_"))
        ):
            yield text_of(node.elts[0])


def found(search: object) -> set[str]:
    assert callable(search)
    return {text for path in line() for text in search(tree(path)) if text}


def test_every_reason_of_the_line_is_known() -> None:
    assert {text for text in found(reasons) if not words.is_known(text)} == set(), "Add it to channels_app/words.py."


def test_every_error_of_the_line_is_known() -> None:
    assert found(codes) == set(words.FAULTS), "Say in channels_app/words.py what happened and what to do."


def test_reasons_and_errors_were_found() -> None:
    assert len(found(reasons)) > 15
    assert len(found(codes)) > 25


@pytest.mark.parametrize(
    "label", [scripted.LABEL, EspeakVoice.label, HibariVoice.label, *(voice.label for voice in catalogue.voices())]
)
def test_our_own_brains_and_voices_are_known(label: str) -> None:
    assert words.is_known(label)


def test_who_says_what_a_voice_costs_is_known() -> None:
    assert [source for source in prices.sources() if not words.is_known(source)] == []


@pytest.mark.parametrize(
    ("text", "russian"),
    [
        ("the message was deleted", "сообщение удалили"),
        ("below the minimum of 50 bits", "меньше порога (битсы: 50)"),
        (
            "llm_unauthorised: The language model at 127.0.0.1 refused",
            "Языковая модель не приняла ключ. Введите рабочий.",
        ),
        ("gpt-6-luna", "gpt-6-luna"),
    ],
)
def test_the_line_is_understood_in_russian(text: str, russian: str) -> None:
    with translation.override("ru"):
        assert words.translated(text) == russian
