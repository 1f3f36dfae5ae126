"""The .po files: brought up to date with the source, and compiled to the .mo files Django reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import polib

from aigirl_site.translations.sources import ROOT, Message, messages

LOCALES = ROOT / "aigirl_site" / "locale"
WIDTH = 118


def catalogues(locales: Path = LOCALES) -> list[Path]:
    """The .po file of each language."""
    return sorted(locales.glob("*/LC_MESSAGES/django.po"))


def compile_changed(locales: Path = LOCALES) -> list[Path]:
    """Compiles what is newer than its .mo file. Returns the .po files that were."""
    changed = [path for path in catalogues(locales) if _is_newer(path, path.with_suffix(".mo"))]
    for path in changed:
        # Two processes may do this at once; a reader sees the old file or the new one, never half of it.
        fresh = path.with_suffix(f".{os.getpid()}.tmp")
        polib.pofile(str(path)).save_as_mofile(str(fresh))
        fresh.replace(path.with_suffix(".mo"))
    return changed


def update(locales: Path = LOCALES) -> dict[Path, list[str]]:
    """Gives each .po file exactly the messages of the source. Returns the texts that wait for a translation."""
    wanted = messages()
    waiting = {}
    for path in catalogues(locales):
        old = polib.pofile(str(path))
        known = {message_of(entry): entry for entry in old}
        fresh = polib.POFile(wrapwidth=WIDTH)
        fresh.metadata, fresh.header = old.metadata, old.header
        # No line numbers: they would change with every edit and make two people's work collide.
        forms = plural_forms(old)
        fresh.extend(_entry(message, files, known.get(message), forms) for message, files in wanted.items())
        fresh.save(str(path))
        waiting[path] = [entry.msgid for entry in fresh if not entry.translated()]
    return waiting


def message_of(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgctxt or "", entry.msgid_plural or "")


def plural_forms(catalogue: polib.POFile) -> int:
    """How many forms of a noun the language counts with. Raises ValueError where the header does not say."""
    found = re.search(r"nplurals=(\d+)", catalogue.metadata.get("Plural-Forms", ""))
    if not found:
        raise ValueError("The header of the catalogue names no Plural-Forms.")
    return int(found[1])


def _entry(message: Message, files: list[str], known: polib.POEntry | None, forms: int) -> polib.POEntry:
    plural = dict.fromkeys(range(forms), "")
    return polib.POEntry(
        msgid=message.text,
        msgctxt=message.context or None,
        msgid_plural=message.plural,
        msgstr=known.msgstr if known else "",
        msgstr_plural=(known.msgstr_plural if known else plural) if message.plural else {},
        comment=known.comment if known else "",
        tcomment=known.tcomment if known else "",
        flags=list(_format(message)),
        occurrences=[(file, "") for file in files],
    )


def _format(message: Message) -> Iterator[str]:
    if "%(" in message.text:
        yield "python-format"
    elif "{" in message.text:
        yield "python-brace-format"


def _is_newer(source: Path, made: Path) -> bool:
    return not made.exists() or made.stat().st_mtime <= source.stat().st_mtime
