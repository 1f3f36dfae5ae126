"""Every message in the source: Python read as syntax trees, templates through Django's own reader."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("aigirl_site", "billing", "channels_app", "personas", "workers")
FUNCTIONS = {
    "_": ("text",),
    "gettext": ("text",),
    "gettext_lazy": ("text",),
    "gettext_noop": ("text",),
    "ngettext": ("text", "plural"),
    "ngettext_lazy": ("text", "plural"),
    "pgettext": ("context", "text"),
    "pgettext_lazy": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
    "npgettext_lazy": ("context", "text", "plural"),
}
"""What the first arguments of each function are."""
_CALL = re.compile(r"""\b\w+\((?:\s*u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*,?)+(?:\s*count\s*)?\)""")


@dataclass(frozen=True, order=True)
class Message:
    """Words to translate. `context` tells apart what is written alike and means another thing."""

    text: str
    context: str = ""
    plural: str = ""


class UnreadableMessageError(Exception):
    """A message that is put together while the program runs: nobody could translate it."""


def messages() -> dict[Message, list[str]]:
    """Every message of the product, with the files it stands in."""
    found: dict[Message, set[str]] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            for message in _of_file(path):
                found.setdefault(message, set()).add(path.relative_to(ROOT).as_posix())
    return {message: sorted(files) for message, files in sorted(found.items())}


def _of_file(path: Path) -> Iterator[Message]:
    if path.suffix == ".py" and "migrations" not in path.parts:
        yield from in_python(path.read_text(), path.name)
    elif path.suffix in {".html", ".txt"}:
        yield from in_template(path.read_text())


def in_python(source: str, name: str = "") -> Iterator[Message]:
    """The messages of Python code. Raises UnreadableMessageError for an f-string or a sum."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (message := _of_call(node, name)):
            yield message


def in_template(source: str) -> Iterator[Message]:
    """The messages of a Django template."""
    for call in _CALL.finditer(templatize(source)):
        parsed = ast.parse(call[0].strip(), mode="eval").body
        if isinstance(parsed, ast.Call) and (message := _of_call(parsed, "")):
            yield message


def _of_call(call: ast.Call, name: str) -> Message | None:
    function = call.func.id if isinstance(call.func, ast.Name) else ""
    wanted = FUNCTIONS.get(function)
    if not wanted or len(call.args) < len(wanted):
        return None
    values = {}
    for part, argument in zip(wanted, call.args, strict=False):
        if isinstance(argument, ast.JoinedStr | ast.BinOp):
            raise UnreadableMessageError(
                f"{name}:{call.lineno}: write the message in one piece and fill it in with .format(...) afterwards."
            )
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            return None  # looks up what is marked elsewhere
        values[part] = argument.value
    return Message(**values)
