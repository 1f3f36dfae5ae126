"""A decoder that falls over a file: the streamer is told so, nothing is kept, and somebody can look into it."""

from __future__ import annotations

import faulthandler
import signal
from pathlib import Path

import pytest

from benchmarks import picture_fuzz
from benchmarks.hostile_pictures import good
from personas.uploads import picture, redraw
from personas.uploads.picture import PictureRefused, accept

PNG = good()["still.png"]


@pytest.fixture
def dying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script of the child, to be written by the test."""
    script = tmp_path / "dies.py"
    monkeypatch.setattr(picture, "REDRAW", script)
    return script


def end(code: str, *, after: str = "") -> str:
    """A child that reads its picture, says something, and comes to its end; without a core file."""
    lines = ("import os, resource, signal, sys", "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))")
    return "\n".join((*lines, "sys.stdin.buffer.read()", f"print({after!r}, flush=True)", code))


def by(number: signal.Signals) -> str:
    return f"os.kill(os.getpid(), {int(number)})"


@pytest.mark.parametrize(
    "how", [by(signal.SIGSEGV), by(signal.SIGABRT), by(signal.SIGBUS), by(signal.SIGILL), "sys.exit(1)"]
)
def test_a_crash_is_told_as_one_and_logged(dying: Path, caplog: pytest.LogCaptureFixture, how: str) -> None:
    dying.write_text(end(how))
    with pytest.raises(PictureRefused, match="stopped at this file") as refused:
        accept(PNG)
    assert refused.value.code == "crashed"
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert f"opening a picture of {len(PNG)} bytes" in record.getMessage()


@pytest.mark.parametrize("limit", [signal.SIGXCPU, signal.SIGKILL])
def test_what_the_limits_end_was_too_heavy(
    dying: Path, caplog: pytest.LogCaptureFixture, limit: signal.Signals
) -> None:
    dying.write_text(end(by(limit)))
    with pytest.raises(PictureRefused) as refused:
        accept(PNG)
    assert refused.value.code == "too_heavy"
    assert not caplog.records


def test_nothing_is_kept_of_a_child_that_died_after_it_answered(dying: Path) -> None:
    facts = '{"extension": "png", "width": 9, "height": 9, "frames": 1, "milliseconds": 0, "opaque": true}'
    dying.write_text(end(by(signal.SIGSEGV), after=facts))
    with pytest.raises(PictureRefused) as refused:
        accept(PNG)
    assert refused.value.code == "crashed"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGSEGV, "crashed"), (signal.SIGKILL, "too_heavy")])
def test_the_benchmark_tells_a_crash_from_a_limit(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: str
) -> None:
    def die(_data: bytes) -> None:
        faulthandler.disable()  # of the test runner; the fork has nothing to tell
        signal.raise_signal(number)

    monkeypatch.setattr(redraw, "answer", die)
    told = picture_fuzz.in_a_fork(PNG)
    assert (told["refused"], told["died"]) == (code, -number)
