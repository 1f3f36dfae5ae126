"""What a log line is about: the request, channel and turn at hand, on every line and whoever wrote it."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponse

_at_hand: ContextVar[Mapping[str, str]] = ContextVar("at_hand", default=MappingProxyType({}))
HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[\w-]{8,64}", re.ASCII)


def about(**ids: object) -> None:
    """From here on lines of this task or thread, and of tasks it begins, bear these ids."""
    _at_hand.set({**_at_hand.get(), **{name: str(value) for name, value in ids.items()}})


class RequestIds:
    """Gives each request an id, or keeps the proxy's, and tells it in the answer: a user can name it to support."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        name = given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        # Threads serve one request after the other: nothing of the one before may stay.
        _at_hand.set({"request": name})
        response = self.get_response(request)
        response.headers[HEADER] = name
        return response


class AboutFilter(logging.Filter):
    """Puts what is at hand onto each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        at_hand = _at_hand.get()
        record.at_hand = at_hand
        record.about = "".join(f" {name}={value}" for name, value in at_hand.items())
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, what it is about, and the exception where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "at_hand", {}),
        }
        if record.exc_text or record.exc_info:
            line["exception"] = record.exc_text or self.formatException(record.exc_info or (None, None, None))
        return json.dumps(line, ensure_ascii=False)
