"""A piper server on loopback, shaped like `python -m piper.http_server`: whole WAVs, alignments of the last clip."""

from __future__ import annotations

import io
import json
import threading
import wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import numpy as np

RATE = 22_050
SECONDS_A_LETTER = 0.06


class PiperServer:
    """Says each letter of a text for 60 ms times `length_scale`. `status`, `body` and `last_text` make it misbehave."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.questions: list[str] = []
        self.voices = {"en_US-fake-medium": {"audio": {"sample_rate": RATE}}}
        self.status = 200
        self.body: bytes | None = None
        self.last_text: str | None = None
        self._last: dict[str, Any] | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(asked | {"path": self.path})
                self._answer(
                    server.status,
                    server._speak(asked["text"], asked.get("length_scale", 1.0)),
                    "text/html; charset=utf-8",
                )

            def do_GET(self) -> None:
                server.questions.append(self.path)
                if self.path == "/voices":
                    return self._answer(200, json.dumps(server.voices).encode(), "application/json")
                last = server._last and server._last | ({"text": server.last_text} if server.last_text else {})
                body = json.dumps({"voice": {"name": "en_US-fake-medium"}, "last": last}).encode()
                return self._answer(200, body, "application/json")

            def _answer(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="piper-fake", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def _speak(self, text: str, length_scale: float) -> bytes:
        """Sound of the text, with the signs piper puts around and between phonemes."""
        signs = ["^", "_", *(sign for letter in text for sign in (letter, "_")), "$"]
        each = SECONDS_A_LETTER / 2 * length_scale
        alignments = [{"phoneme": sign, "seconds": each} for sign in signs]
        self._last = {"text": text, "synthesize_seconds": 0.01, "phonemes": signs, "alignments": alignments}
        if self.body is not None:
            return self.body
        count = round(RATE * each * len(signs))
        sound = (9000 * np.sin(np.arange(count) * 2 * np.pi * 220 / RATE)).astype("<i2")
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(sound.tobytes())
        return out.getvalue()
