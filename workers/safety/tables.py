"""The lists in `data/` that are no word files: lines of pairs or patterns under headings."""

from __future__ import annotations

import re
from pathlib import Path

DATA = Path(__file__).parent / "data"
_HEADING = re.compile(r"\[(\w+)\]")


def lines_under(name: str) -> dict[str, list[str]]:
    """Heading -> its lines; those before the first heading under "". A comment is `#` with a space behind it."""
    found: dict[str, list[str]] = {}
    under = found.setdefault("", [])
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.fullmatch(line):
            under = found.setdefault(heading[1], [])
        elif line and not line.startswith("# "):
            under.append(line)
    return found
