"""Keeps secrets out of every log line, whoever wrote it."""

from __future__ import annotations

import logging
import re

HIDDEN = "[hidden]"

_PATTERNS = [
    re.compile(r"(#k=|[?&](?:k|key|code|state|client_secret|access_token|refresh_token)=)[^\s&\"'#]+", re.IGNORECASE),
    re.compile(r"(\b(?:Bearer|OAuth|Basic)\s+)[\w\-.~+/=]{8,}", re.IGNORECASE),
    re.compile(
        r"([\"'](?:key|api_key|access_token|refresh_token|client_secret|password)[\"']\s*:\s*[\"'])[^\"']+",
        re.IGNORECASE,
    ),
    re.compile(r"(/panic/[\w-]+/)[\w-]+"),
    re.compile(r"()\baigu?_\w{4,}"),
    re.compile(r"(/join/)[\w-]+"),
    re.compile(r"()\b(?:sk|rk|pk|whsec)[-_][\w-]{12,}"),
]


def redact(text: str) -> str:
    """The text with tokens, keys and overlay fragments replaced by `[hidden]`."""
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


class SecretFilter(logging.Filter):
    """Rewrites the message of each record, exception text included, before any handler formats it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        elif record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True
