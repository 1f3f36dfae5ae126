"""The espeak-ng program: the only place that loads the GPL-3 library, always as a process of its own.

Started by path, speaks frames over its pipes, imports nothing of ours. Requests are one JSON line each; an answer is
frames of `kind (1 byte), length (u32 little endian), payload`, ended by a `d` (done) or `x` (failed) frame.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

AUDIO, EVENTS, PHONEMES, DONE, FAILED, READY = b"a", b"e", b"p", b"d", b"x", b"r"

_SYNCHRONOUS = 2
_PHONEME_EVENTS_IN_IPA = 0b11
_BUFFER_MS = 100
_UTF8 = 1
_IPA_WITH_UNDERSCORES = 0x02 | (ord("_") << 8)
_PARAMETER_RATE, _PARAMETER_PITCH, _PARAMETER_RANGE = 1, 3, 4
_END_OF_LIST, _WORD, _PHONEME = 0, 1, 7
_SET_DEATH_SIGNAL = 1


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


class _Library:
    """espeak-ng, initialised for synchronous synthesis into the output pipe."""

    def __init__(self, out: int) -> None:
        import espeakng_loader

        self._out = out
        self._lib = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        data = Path(str(espeakng_loader.get_data_path()))
        self.rate = int(
            self._lib.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, os.fsencode(data), _PHONEME_EVENTS_IN_IPA)
        )
        if self.rate <= 0:
            raise RuntimeError(f"espeak-ng could not load its data from {data}")
        callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
        self._callback = callback(self._on_sound)  # kept: the library calls it for as long as it lives
        self._lib.espeak_SetSynthCallback(self._callback)
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._voices: list[str] = []

    def answer(self, request: dict[str, Any]) -> None:
        self._use(request["voices"])
        if "phonemes" in request:
            self.send(PHONEMES, self._phonemes(request["phonemes"]).encode())
            return
        self._lib.espeak_SetParameter(_PARAMETER_RATE, int(request["rate"]), 0)
        self._lib.espeak_SetParameter(_PARAMETER_PITCH, int(request["pitch"]), 0)
        self._lib.espeak_SetParameter(_PARAMETER_RANGE, int(request["range"]), 0)
        text = request["text"].encode() + b"\0"
        self._lib.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 1, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()

    def _use(self, voices: list[str]) -> None:
        """Chooses the first of these that exists. Choosing reads its dictionary anew, for milliseconds, and the library
        never gives all of the old one back."""
        if voices == self._voices:
            return
        self._voices = []
        if not any(self._lib.espeak_SetVoiceByName(name.encode()) == 0 for name in voices):
            raise ValueError(f"no voice of {', '.join(voices)}")
        self._voices = voices

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        frame = memoryview(struct.pack("<cI", kind, len(payload)) + payload)
        while frame:
            frame = frame[os.write(self._out, frame) :]

    def _on_sound(self, samples: Any, count: int, events: Any) -> int:
        marks: list[list[object]] = []
        index = 0
        while events[index].type != _END_OF_LIST:
            event = events[index]
            if event.type == _PHONEME:
                marks.append(["p", event.sample, bytes(event.id.string).split(b"\0")[0].decode("utf-8", "ignore")])
            elif event.type == _WORD:
                marks.append(["w", event.sample, event.text_position, event.length])
            index += 1
        if marks:
            self.send(EVENTS, json.dumps(marks).encode())
        if samples and count > 0:
            self.send(AUDIO, ctypes.string_at(samples, count * 2))
        return 0

    def _phonemes(self, text: str) -> str:
        """One clause a line; phones parted by `_`, words by a space."""
        buffer = ctypes.create_string_buffer(text.encode())
        rest = ctypes.c_void_p(ctypes.addressof(buffer))
        clauses: list[str] = []
        while rest.value:
            clause = self._lib.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA_WITH_UNDERSCORES)
            clauses.append((clause or b"").decode("utf-8", "ignore"))
        return "\n".join(clauses)


def _die_with(parent: int) -> None:
    """Ends this process when the parent ends: at once on Linux, within a second elsewhere."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the call above
        os._exit(0)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Answers requests until the input pipe closes."""
    _die_with(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes the pipe
    out = os.dup(1)
    os.dup2(2, 1)  # whatever the library prints must not mix with the frames
    library = _Library(out)
    library.send(READY, str(library.rate).encode())
    for line in sys.stdin.buffer:
        try:
            library.answer(json.loads(line))
        except (ValueError, KeyError) as error:
            library.send(FAILED, str(error).encode())
        else:
            library.send(DONE)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
