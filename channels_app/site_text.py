"""The little Markdown that operators write pages in, as HTML. Whatever they write, nothing in it can act.

Known are: headings (`#` to `###`), paragraphs, lists (`-`, `1.`), `**bold**`, and `[words](address)` with an address of
the web, of mail or of this site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

_HEADING = re.compile(r"(#{1,3}) +(.+)")
_ITEM = re.compile(r"(?:[-*]|\d{1,3}[.)]) +(.+)")
_INLINE = re.compile(r"\[([^\[\]\n]+)\]\(([^()\s]+)\)|\*\*([^*\n]+)\*\*")
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+|mailto:[^\s\"'<>\\:/]+|/(?![/\\])[^\s\"'<>\\]*")


def as_html(text: str) -> SafeString:
    """The text's blocks, the headings one level down: the page itself has the first."""
    return mark_safe("\n".join(_blocks(text)))  # noqa: S308  every piece went through `escape` or `format_html`


def _blocks(text: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        yield from _block(lines)


def _block(lines: list[str]) -> Iterator[str]:
    while lines:
        if heading := _HEADING.fullmatch(lines[0]):
            level = len(heading[1]) + 1
            yield f"<h{level}>{_inline(heading[2])}</h{level}>"
            lines = lines[1:]
            continue
        listed = _ITEM.fullmatch(lines[0]) is not None
        size = next((n for n, line in enumerate(lines) if _kind_differs(line, listed)), len(lines))
        yield (_list if listed else _paragraph)(lines[:size])
        lines = lines[size:]


def _kind_differs(line: str, listed: bool) -> bool:
    return _HEADING.fullmatch(line) is not None or (not listed and _ITEM.fullmatch(line) is not None)


def _paragraph(lines: list[str]) -> str:
    return f"<p>{_inline(' '.join(lines))}</p>"


def _list(lines: list[str]) -> str:
    """A line that begins no item goes on with the one before."""
    items: list[str] = []
    for line in lines:
        if item := _ITEM.fullmatch(line):
            items.append(item[1])
        else:
            items[-1] += f" {line}"
    tag = "ol" if lines[0][0].isdigit() else "ul"
    return f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{tag}>"


def _inline(text: str) -> str:
    pieces, end = [], 0
    for found in _INLINE.finditer(text):
        pieces += [escape(text[end : found.start()]), _marked(found)]
        end = found.end()
    return "".join([*pieces, escape(text[end:])])


def _marked(found: re.Match[str]) -> str:
    words, address, bold = found.groups()
    if bold is not None:
        return format_html("<strong>{}</strong>", bold)
    if not _ADDRESS.fullmatch(address):
        return escape(found[0])
    return format_html('<a href="{}" rel="noopener">{}</a>', address, words)
