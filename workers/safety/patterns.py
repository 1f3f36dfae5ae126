"""Things with a shape that are never read aloud: contact data, papers, addresses, links, secrets. Pure, linear-time.

The shapes stand in `data/shapes.txt`.
"""

from __future__ import annotations

import re

from workers.safety import figures as spoken
from workers.safety.tables import lines_under


def _shapes() -> dict[str, re.Pattern[str]]:
    """The pattern under each heading, of its lines as alternatives; macros may stand anywhere before their use."""
    macros: dict[str, str] = {}
    shapes: dict[str, re.Pattern[str]] = {}
    for heading, lines in lines_under("shapes.txt").items():
        alternatives = []
        for line in lines:
            name, is_macro, value = line.partition(" := ")
            if is_macro:
                macros[name] = value
            else:
                alternatives.append(re.sub(r"%(\w+)%", lambda found: macros[found[1]], line))
        if alternatives:
            shapes[heading] = re.compile("|".join(alternatives))
    return shapes


_SHAPES = _shapes()
_AT_SIGN = re.compile(r"@|\bat\b|собак|sobaka|\bэт\b")
"""One of these is in every address; most texts hold none, and are spared the search."""
_ANYWHERE = ("secret", "email", "url")
_WITH_FIGURES = ("ip", "address", "card", "id")
_HAS_FIGURE = re.compile(r"\d")


def find(text: str) -> tuple[str, str] | None:
    """(rule id, what was found) of the first such thing in plain lower-case text, or None."""
    for name in _ANYWHERE:
        if name == "email" and not _AT_SIGN.search(text):
            continue
        if found := _SHAPES[name].search(text):
            return f"pattern.{name}", found[0]
    figures, said = spoken.in_figures(text)
    if said:
        return "pattern.phone", said
    for reading in dict.fromkeys((text, figures)):
        if _HAS_FIGURE.search(reading) and (shape := _with_figures(reading)):
            return shape
    return None


def injection(text: str) -> str:
    """The phrase in plain lower-case text that tries to change her instructions, or ""."""
    found = _SHAPES["injection"].search(text)
    return found[0] if found else ""


def _with_figures(text: str) -> tuple[str, str] | None:
    for name in _WITH_FIGURES:
        if found := _SHAPES[name].search(text):
            return f"pattern.{name}", found[0]
    for found in _SHAPES["iban"].finditer(text):
        if is_iban(found[0]):
            return "pattern.iban", found[0]
    return _number(_SHAPES["date"].sub(" , ", text))


def _number(text: str) -> tuple[str, str] | None:
    for found in _SHAPES["number"].finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if 13 <= len(digits) <= 19 and luhn(digits):
            return "pattern.card", found[0]
        if 10 <= len(digits) <= 15:
            return "pattern.phone", found[0]
    for name in ("abroad", "local"):
        if phone := _SHAPES[name].search(text):
            return "pattern.phone", phone[0]
    return None


def luhn(digits: str) -> bool:
    """Whether the digits carry the check digit of a payment card."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the lower-case text carries the check digits of an IBAN."""
    code = text.replace(" ", "")
    turned = code[4:] + code[:4]
    return 15 <= len(code) <= 34 and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
