"""What a person reads on a page: its text, and the attributes that are shown or read out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

READ_OUT = ("title", "aria-label", "alt", "placeholder", "data-done", "data-busy", "data-failed", "data-cost",
            "data-no-answer", "data-sound-label", "data-captions", "data-sample",
            "data-text", "data-label", "data-title-paid")  # fmt: skip
SILENT = {"script", "style", "svg", "code"}
VOID = {"input", "link", "meta", "br", "path", "rect", "circle"}
NAMES = re.compile(
    r"AI Girl|Twitch|EventSub|OBS|OpenAI|Client (ID|Secret)|Python|Redis|SQLite|WebSocket|PCM|UTC|NTP|DEBUG|English|URL"
    r"|Stream Deck|POST|Esc\b|cookie|CSS|CSV|JSON|CHARX|PNG|WebP|GIF|APNG|\.env|lumen|kaz_|Dora|\{\w+\}|ru: GG|xQc"
    r"|!ai|\(beat\)|localhost|gpt-\w+(-\w+)*|tts-1|local-voice|#\w{6}|[A-Z]+_[A-Z_]+|\w+Error\b"
    r"|\w+://\S*|(\./)?\S+\.(sh|md|log|ts)\b|[\w-]+(\.[\w-]+)+|python manage\.py \w+|--port|/\S+|Not a directory"
    r'|python -c "[^"]*"'
)
"""What stays as it is in every language."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._inside.append(tag)
        given = dict(attrs)
        if tag == "meta" and given.get("name") == "description":
            self.found.append(given["content"] or "")
        self.found += [given[name] or "" for name in READ_OUT if name in given]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not SILENT & set(self._inside):
            self.found.append(data)


def texts(page: str) -> list[str]:
    """Every text of the page a person meets, in its order."""
    reader = _Reader()
    reader.feed(page)
    return [" ".join(text.split()) for text in reader.found if text.strip()]


def left_in_english(page: str, *names: str) -> list[str]:
    """Texts with a Latin word that is neither a name known here nor one of `names`."""
    return [text for text in texts(page) if has_english(text, *names)]


def has_english(text: str, *names: str) -> bool:
    rest = NAMES.sub("", text)
    for name in names:
        rest = rest.replace(name, "")
    return re.search(r"[A-Za-z]{2}", rest) is not None
