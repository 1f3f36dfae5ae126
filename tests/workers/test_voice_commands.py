"""The commands that speak and move the mouth without a channel."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def test_speak_file_writes_a_wav_and_tells_its_mouth(tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("speak_file", text="Привет, чат!", lang="ru", wav=tmp_path / "a.wav", json=True, stdout=out)
    told = json.loads(out.getvalue())
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(told["seconds"], abs=0.01)
    assert told["visemes"][0][0] == 0
    assert told["visemes"][-1][1] == "sil"


def test_speak_file_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing to say"):
        call_command("speak_file", text="...", wav=tmp_path / "a.wav")


def test_mouth_answers_each_line_as_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("speak_file", text="Mama", wav=tmp_path / "a.wav", engine="espeak", stdout=io.StringIO())
    line = json.dumps({"id": 1, "wav": str(tmp_path / "a.wav"), "text": "Mama", "lang": "en"})
    monkeypatch.setattr("sys.stdin", io.StringIO(line + "\n"))
    out = io.StringIO()
    call_command("mouth", stream=True, stdout=out)
    assert [entry["v"] for entry in json.loads(out.getvalue())["visemes"]].count("PP") == 2
