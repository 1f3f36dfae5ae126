"""Lorebooks as cards and other programs write them, in one plain shape: what `workers` turns into its frozen value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from personas.cards import limits
from personas.cards.card import LOREBOOK_SPEC, check_entries, kind_of, whole_number
from personas.cards.entries import CALLED, entry_keys, entry_rows, entry_text, stands_before
from personas.cards.refusal import CardRefused
from personas.cards.text import Document

LOGIC = ("any", "not_all", "not_any", "all")
"""How secondary keys count, in the numbers of SillyTavern."""
KEY_LISTS = ("keys", "secondary", "excluded")
"""Where the keys of a plain entry stand."""
_SLASHED = re.compile(r"/(?P<pattern>.+)/(?P<flags>[a-z]*)", re.DOTALL)
_DECORATOR = re.compile(r"(?P<signs>@@@?)(?P<name>[a-z_]+)(?:[ \t]+(?P<value>.*))?")
_KNOWN = {"activate", "dont_activate", "scan_depth", "additional_keys", "exclude_keys", "position"}
"""Decorators that are followed. All others are taken out of the text and change nothing."""


def lorebook_of(document: Document) -> Document:
    """A file that is a lorebook, as `lorebook_v3`; the original where it is one. Raises CardRefused."""
    kind = kind_of(document)
    if kind == "lorebook":
        check_entries(document["data"])
        check_keys(document["data"])
        return document
    if kind != "world":
        raise CardRefused("not_a_card")
    check_entries(document)
    entries = document["entries"]
    rows = entries.values() if isinstance(entries, dict) else entries
    if not all(isinstance(row, dict) for row in rows):
        raise CardRefused("not_a_card")
    beside = {name: value for name, value in document.items() if name != "entries"}
    book = beside | {"extensions": beside.get("extensions", {}), "entries": [_from_world(row) for row in rows]}
    check_keys(book)
    return {"spec": LOREBOOK_SPEC, "data": book}


def check_keys(book: Document) -> None:
    """Raises CardRefused for a lorebook with too many keys in the entries that are used."""
    if sum(len(entry[name]) for entry in _plain_entries(book) for name in KEY_LISTS) > limits.MAX_KEYS:
        raise CardRefused("keys")


def plain_book(book: Document) -> Document:
    """scan_depth and token_budget (None where unsaid), recursive, and entries as `plain_entry`. Reads anything.

    A book that was kept before its keys were counted has the first MAX_KEYS of them.
    """
    entries = []
    room = limits.MAX_KEYS
    for entry in _plain_entries(book):
        for name in KEY_LISTS:
            entry[name] = entry[name][:room]
            room -= len(entry[name])
        entries.append(entry)
    return {
        "scan_depth": _number_or_none(book.get("scan_depth")),
        "token_budget": _number_or_none(book.get("token_budget")),
        "recursive": book.get("recursive_scanning") is True,
        "entries": entries,
    }


def _plain_entries(book: Document) -> Iterator[Document]:
    entries = book.get("entries")
    rows = entries.values() if isinstance(entries, dict) else entries if isinstance(entries, list) else []
    for number, row in enumerate(rows):
        if isinstance(row, dict) and (entry := plain_entry(row, number)) is not None:
            yield entry


def unfollowed(book: Document) -> tuple[str, ...]:
    """Names of the decorators in this book that change nothing here, each once."""
    rows = (row for row in entry_rows(book) if row.get("enabled", True) is not False)
    return tuple(dict.fromkeys(name for row in rows for name in _decorated(entry_text(row, "content"))[2]))


def plain_entry(row: Document, number: int) -> Document | None:
    """One entry in plain values; None where it says nothing or is switched off."""
    content, decorators, _unknown = _decorated(entry_text(row, "content"))
    if not content or row.get("enabled", True) is False or "dont_activate" in decorators:
        return None
    extensions = row["extensions"] if isinstance(row.get("extensions"), dict) else {}
    is_regex = row.get("use_regex") is True
    is_exact = row.get("case_sensitive", extensions.get("case_sensitive")) is True
    keys = entry_keys(row) + _listed(decorators.get("additional_keys"))
    second = entry_keys(row, "secondary_keys") if row.get("selective") is True else []
    logic = whole_number(extensions.get("selectiveLogic"), 0)
    depth = decorators.get("scan_depth", "")
    return {
        # A number, a text or nothing, as the writer liked; compared as text.
        "id": str(row["id"]) if isinstance(row.get("id"), str | int) else str(number),
        "name": next((text for name in CALLED if (text := entry_text(row, name))), ""),
        "content": content,
        "keys": _keys(keys, is_regex, is_exact),
        "secondary": _keys(second, is_regex, is_exact),
        "excluded": _keys(_listed(decorators.get("exclude_keys")), False, is_exact),
        "logic": LOGIC[logic] if 0 <= logic < len(LOGIC) else LOGIC[0],
        "constant": row.get("constant") is True or "activate" in decorators,
        "before": _stands_before(row, decorators),
        "order": whole_number(row.get("insertion_order"), 0),
        "priority": _number_or_none(row.get("priority")),
        "scan_depth": int(depth) if depth.isascii() and depth.isdigit() and len(depth) < 6 else None,
    }


def _keys(keys: list[str], is_regex: bool, is_exact: bool) -> list[dict[str, Any]]:
    """Each once."""
    return [_key(key, is_regex, is_exact) for key in dict.fromkeys(keys)]


def _key(key: str, is_regex: bool, is_exact: bool) -> dict[str, Any]:
    """text, regex, exact. `/pattern/i` is a regular expression where nothing says so: SillyTavern writes it bare."""
    if slashed := _SLASHED.fullmatch(key.strip()):
        return {"text": slashed["pattern"], "regex": True, "exact": "i" not in slashed["flags"]}
    return {"text": key if is_regex else key.strip(), "regex": is_regex, "exact": is_exact}


def _decorated(content: str) -> tuple[str, dict[str, str], list[str]]:
    """The text without the decorators it begins with, those that are followed, and the names of those that are not.

    `@@@name` stands in for the line above it where that one is not known.
    """
    found: dict[str, str] = {}
    unknown: list[str] = []
    lines = content.lstrip().split("\n")
    settled = False
    while lines and (match := _DECORATOR.fullmatch(lines[0].strip())):
        lines.pop(0)
        if match["signs"] == "@@":
            settled = False
            unknown.append(match["name"])
        if not settled and match["name"] in _KNOWN:
            found[match["name"]] = (match["value"] or "").strip()
            settled = True
            unknown = unknown[:-1]
    return "\n".join(lines).strip(), found, unknown


def _stands_before(row: Document, decorators: dict[str, str]) -> bool:
    if decorators.get("position") in {"before_desc", "after_desc"}:
        return decorators["position"] == "before_desc"
    return stands_before(row)


def _from_world(row: Document) -> Document:
    """An entry of SillyTavern's world files as a lorebook's; what has no name there stands in `extensions`."""
    known = {"uid", "key", "keysecondary", "comment", "content", "constant", "selective", "order", "disable",
             "position", "caseSensitive", "extensions"}  # fmt: skip
    beside = {name: value for name, value in row.items() if name not in known}
    own = row["extensions"] if isinstance(row.get("extensions"), dict) else {}
    entry: Document = {
        "id": row.get("uid", ""),
        "keys": entry_keys(row, "key"),
        "secondary_keys": entry_keys(row, "keysecondary"),
        "comment": row.get("comment", ""),
        "content": row.get("content", ""),
        "constant": row.get("constant") is True,
        "selective": row.get("selective") is True,
        "insertion_order": whole_number(row.get("order"), 100),
        "enabled": row.get("disable") is not True,
        "position": "before_char" if row.get("position", 0) == 0 else "after_char",
        "use_regex": False,
        "extensions": own | beside | {"position": row.get("position", 0)},
    }
    if isinstance(row.get("caseSensitive"), bool):
        entry["case_sensitive"] = row["caseSensitive"]
    return entry


def _listed(value: str | None) -> list[str]:
    return [part.strip() for part in (value or "").split(",") if part.strip()]


def _number_or_none(value: Any) -> int | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else int(value)
