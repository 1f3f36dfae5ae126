"""A few warm espeak-ng processes shared by all channels of this process, from any loop or thread."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import selectors
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from workers.pipeline.ports import VoiceError

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("espeak_child.py")
ANSWER_SECONDS = 10.0
"""The longest silence of a process at work; it makes a whole reply in under a tenth of a second."""
MOST_CHANGES = 1000
"""Of the voice in the life of one process: the library loses up to 9 KB at each (English and Russian in turn)."""

Frame = tuple[bytes, bytes]
"""Kind and payload, as espeak_child.py names them."""


class EspeakPool:
    """Each thread of the pool owns one espeak-ng process, starts it when first needed and again when it has died."""

    def __init__(self, size: int = 0) -> None:
        """`size`: processes at most; 0 takes one per core, two at most (one makes 500 seconds of speech a second)."""
        self._size = size or min(2, os.cpu_count() or 1)
        self._threads = ThreadPoolExecutor(self._size, thread_name_prefix="espeak")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._children: set[_Child] = set()
        self._closed = False

    @property
    def pids(self) -> list[int]:
        """Process ids of the living children."""
        with self._lock:
            return [child.pid for child in self._children]

    def ask(self, request: dict[str, Any], on_frame: Callable[[bytes, bytes], None]) -> Future[None]:
        """Runs one request; frames arrive on a thread of the pool. The future fails with VoiceError.

        Cancelling the future drops a request that still waits; one at work is finished within milliseconds.
        """
        return self._threads.submit(self._answer, request, on_frame)

    def phonemes(self, text: str, voices: list[str], corrections: dict[int, str] | None = None) -> Future[str]:
        """The IPA of a text: a line per clause, words parted by spaces, phones by underscores.

        The first of `voices` that exists reads it. `corrections` replace single characters of the answer.
        """
        return self._threads.submit(self._phonemes, text, voices, corrections or {})

    def warm(self) -> None:
        """Begins to start all processes: neither the first sentence nor the first two at a time shall wait for one."""
        for _ in range(self._size):
            self._threads.submit(self._child)

    def close(self) -> None:
        """Ends the processes and threads. Requests that wait are dropped."""
        with self._lock:
            self._closed = True
            for child in self._children:
                child.kill()
            self._children.clear()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _phonemes(self, text: str, voices: list[str], corrections: dict[int, str]) -> str:
        found: list[str] = []
        self._answer({"voices": voices, "phonemes": text}, lambda _, payload: found.append(payload.decode()))
        return "\n".join(found).translate(corrections)

    def _answer(self, request: dict[str, Any], on_frame: Callable[[bytes, bytes], None]) -> None:
        for last_try in (False, True):
            delivered = False
            child = self._child()
            try:
                for kind, payload in child.ask(request):
                    delivered = True
                    on_frame(kind, payload)
            except _ChildDiedError as error:
                self._forget(child)
                logger.warning("An espeak-ng process died (%s); the next sentence starts a new one.", error)
                if delivered or last_try or self._closed:
                    raise VoiceError(
                        f"The espeak-ng process ended while it spoke ({error}).", code="espeak_died", retryable=True
                    ) from None
            except VoiceError:
                raise
            except BaseException:
                # The rest of the answer would be taken for the beginning of the next one.
                self._forget(child)
                raise
            else:
                if child.changes >= MOST_CHANGES:
                    self._forget(child)
                return

    def _child(self) -> _Child:
        child: _Child | None = getattr(self._own, "child", None)
        if child is None or not child.alive:
            if child is not None:
                self._forget(child)
            child = _Child()
            with self._lock:
                if self._closed:
                    child.kill()
                    raise VoiceError("The voice is shut down.", code="espeak_closed", retryable=False)
                self._children.add(child)
            self._own.child = child
        return child

    def _forget(self, child: _Child) -> None:
        child.kill()
        self._own.child = None
        with self._lock:
            self._children.discard(child)


@functools.cache
def shared_pool() -> EspeakPool:
    """The pool of this process."""
    return EspeakPool()


class _ChildDiedError(Exception):
    """The process ended, hung or spoke nonsense."""


class _Child:
    """One espeak-ng process and its pipes. Used by one thread at a time."""

    def __init__(self) -> None:
        # -I: neither the working directory nor the environment can put another module before ours.
        self._process = subprocess.Popen(  # noqa: S603 (our own program by its path, no shell)
            [sys.executable, "-I", str(CHILD), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._output, selectors.EVENT_READ)
        self._bytes = b""
        self._voices: list[str] = []
        self.changes = 0
        """How often it was to speak with another voice than before."""
        try:
            kind, _ = self._frame()
        except _ChildDiedError as error:
            self.kill()
            raise VoiceError(
                f"espeak-ng did not start ({error}): reinstall the package espeakng-loader.",
                code="espeak_missing",
                retryable=False,
            ) from None
        if kind != b"r":
            self.kill()
            raise VoiceError("espeak-ng answered out of turn.", code="espeak_protocol", retryable=True)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any]) -> Any:
        """Frames of the answer without the closing one. Raises _ChildDiedError, or VoiceError on a refused request."""
        if request["voices"] != self._voices:
            self._voices = request["voices"]
            self.changes += 1
        try:
            self._input.write(json.dumps(request).encode() + b"\n")
            self._input.flush()
        except OSError as error:
            raise _ChildDiedError(str(error)) from None
        while True:
            kind, payload = self._frame()
            if kind == b"d":
                return
            if kind == b"x":
                reason = payload.decode("utf-8", "replace")
                raise VoiceError(f"espeak-ng cannot speak this: {reason}.", code="espeak_refused", retryable=False)
            yield kind, payload

    def kill(self) -> None:
        """Ends the process and frees its pipes; harmless when repeated."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError, KeyError, ValueError, RuntimeError):
            self._ready.close()
        for pipe in (self._input, self._output):
            with contextlib.suppress(OSError):
                pipe.close()

    def _frame(self) -> Frame:
        head = self._read(5)
        kind, length = struct.unpack("<cI", head)
        return kind, self._read(length)

    def _read(self, count: int) -> bytes:
        while len(self._bytes) < count:
            try:
                if not self._ready.select(ANSWER_SECONDS):
                    raise _ChildDiedError(f"no answer for {ANSWER_SECONDS:g} s")
                data = os.read(self._output.fileno(), 1 << 16)
            except (OSError, ValueError) as error:  # closed under our hands
                raise _ChildDiedError(str(error)) from None
            if not data:
                raise _ChildDiedError("its pipe closed")
            self._bytes += data
        out, self._bytes = self._bytes[:count], self._bytes[count:]
        return out
