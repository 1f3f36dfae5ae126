"""Mouth shapes for files, line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.speech_sound import speech
from workers.mouth.file import answer_lines
from workers.mouth.live import FILE_PATIENCE_SECONDS, LiveMouth
from workers.pipeline.values import SAMPLE_RATE, Viseme
from workers.voice.espeak import phonemes
from workers.voice.wav import write_wav

TEXT = "papa banana mama"


@pytest.fixture
def line(tmp_path: Path) -> str:
    write_wav(tmp_path / "a.wav", speech(TEXT))
    return json.dumps({"id": "a", "wav": str(tmp_path / "a.wav"), "text": TEXT, "lang": "en"})


def answers(*lines: str, chunk_seconds: float | None = None) -> list[dict[str, Any]]:
    return [
        json.loads(answer)
        for answer in answer_lines(
            lines, LiveMouth(phonemes, patience=FILE_PATIENCE_SECONDS), chunk_seconds=chunk_seconds
        )
    ]


def test_an_answer_has_shapes_with_times_and_openings(line: str) -> None:
    (answer,) = answers(line)
    assert (answer["id"], answer["set"]) == ("a", "ovr")
    assert {"PP", "aa"} <= {entry["v"] for entry in answer["visemes"]} <= {str(viseme) for viseme in Viseme}
    assert all(0 <= entry["open"] <= 1 and entry["dur"] > 0 for entry in answer["visemes"])
    assert all(entry["open"] == 0 for entry in answer["visemes"] if entry["v"] == "PP")


def test_streaming_tells_when_each_entry_was_final(line: str) -> None:
    (answer,) = answers(line, chunk_seconds=0.02)
    length = len(speech(TEXT)) / 2 / SAMPLE_RATE
    emitted = [entry["emit"] for entry in answer["visemes"]]
    assert emitted == sorted(emitted)
    assert [entry for entry in answer["visemes"] if entry["emit"] - entry["t"] > 0.165] == []
    assert emitted[-1] <= length + 0.001


def test_a_whole_file_is_final_at_its_end(line: str) -> None:
    (answer,) = answers(line)
    length = len(speech(TEXT)) / 2 / SAMPLE_RATE
    assert all(entry["emit"] == pytest.approx(length, abs=0.001) for entry in answer["visemes"])


def test_a_file_without_sound_has_no_shapes(tmp_path: Path) -> None:
    write_wav(tmp_path / "empty.wav", b"")
    ask = json.dumps({"id": 1, "wav": str(tmp_path / "empty.wav"), "text": TEXT})
    for chunk_seconds in (None, 0.02):
        assert answers(ask, chunk_seconds=chunk_seconds) == [{"id": 1, "set": "ovr", "visemes": []}]


def test_ornaments_of_a_text_are_no_sounds(line: str) -> None:
    ornate = json.dumps({**json.loads(line), "text": f"**{TEXT}** 🎉 *waves*"})
    (plain,), (adorned,) = answers(line), answers(ornate)
    assert adorned == plain


def test_a_broken_line_says_why_and_the_next_is_answered(line: str) -> None:
    found = answers("not json", json.dumps({"id": 7, "wav": "/nowhere.wav"}), "", line)
    assert [("error" in answer, answer["id"]) for answer in found] == [(True, None), (True, 7), (False, "a")]
