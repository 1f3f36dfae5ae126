"""What the operators' pages bring along of our own: colours, and behaviour that needs no evaluation."""

from __future__ import annotations

import json
from typing import Any

import unfold.fields
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from channels_app.templatetags.vite import FrontEndMissingError, manifest, site_icon

ENTRY = "src/operators/main.ts"


def style(_request: HttpRequest) -> str:
    """Address of the style sheet."""
    return static(_entry()["css"][0])


def script(_request: HttpRequest) -> str:
    """Address of the script; it has to stand before that of unfold."""
    return static(_entry()["file"])


def _entry() -> dict[str, Any]:
    try:
        return dict(manifest()[ENTRY])
    except KeyError:
        raise FrontEndMissingError("The front end was built for another release: run ./start.sh.") from None


def colours(_request: HttpRequest) -> dict[str, dict[str, str]]:
    """None of the library's: it would write them into a style element of each page. Ours stand in the style sheet."""
    return {}


def icon(_request: HttpRequest) -> str:
    """The picture in the tab."""
    return site_icon()


def write_values_plainly() -> None:
    """JSON in a form is written by us: where Pygments is installed the library writes a style into each word, which the
    pages' policy refuses, and where it is not, all of it in one line. It has no setting for it."""
    unfold.fields.prettify_json = as_lines


def as_lines(value: Any, encoder: type[json.JSONEncoder] | None) -> SafeString:
    """JSON as it is read best."""
    text = json.dumps(value, indent=2, ensure_ascii=False, cls=encoder)
    return format_html('<pre class="whitespace-pre-wrap break-words">{}</pre>', text)
