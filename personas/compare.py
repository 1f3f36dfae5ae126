"""Two versions side by side: each field that differs, texts word by word, and the lorebook entry by entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from personas.cards.card import V1_FIELDS, Card, card_of
from personas.cards.entries import entry_keys, entry_rows, entry_text, named_in
from personas.cards.summary import USED
from personas.cards.text import Document
from personas.look import ACCESSORIES, KINDS
from personas.look_form import COLOURS, PARTS, slot_label
from personas.models import EVENTS, LANGUAGES, PersonaVersion
from personas.pronunciation import text_of
from personas.text_diff import Piece, Steps, worded
from personas.words import CARD_FIELDS

TEXTS = frozenset({"description", "style", "pronunciation", "voice_instructions"})
"""Fields of a version that are compared word by word."""
MOST_ENTRIES = 200
"""Entries of a lorebook that are shown with what changed in them."""
AVATAR_WORDS = {
    "kind": gettext_lazy("what she is"),
    "accessories": gettext_lazy("accessories"),
    "bounce": gettext_lazy("bounce while she talks"),
    "mouth": gettext_lazy("mouth map"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field. Texts have `pieces`, everything else `before` and `after` in words."""

    label: str
    pieces: tuple[Piece, ...] = ()
    before: str = ""
    after: str = ""
    group: str = ""
    """What several differences belong to, such as the lorebook."""


def differences(before: PersonaVersion, after: PersonaVersion) -> list[Difference]:
    """What is other in the newer version, in the order of the persona page."""
    steps = Steps()
    return [
        *_fields(before, after, steps),
        *_looks(before, after),
        *_card_texts(_card(before), _card(after), steps),
        *_entries(_books(before), _books(after), steps),
    ]


def _fields(before: PersonaVersion, after: PersonaVersion, steps: Steps) -> Iterator[Difference]:
    for field in PersonaVersion._meta.concrete_fields:
        if field.name not in _SHOWN:
            continue
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new:
            continue
        label = capfirst(str(field.verbose_name))
        if field.name in TEXTS:
            yield Difference(label, worded(_as_text(old), _as_text(new), steps))
        else:
            yield Difference(label, before=_told(field, old), after=_told(field, new))


_SHOWN = frozenset(
    {
        "name", "description", "style", "language", "mode", "mention", "misspelt", "question", "first_message",
        "nicknames", "command", "every_message", "chance", "events", "cheer_minimum", "cut_in_bits", "cut_in_raiders",
        "cooldown", "chatter_cooldown", "replies_per_minute", "voice_engine", "voice_name", "voice_speed",
        "voice_pitch", "voice_instructions", "language_voices", "pronunciation", "mood",
    }
)  # fmt: skip
"""Fields with a name of their own; look, card and lorebook are taken apart below."""


def _as_text(value: Any) -> str:
    return text_of(value) if isinstance(value, list) else str(value)


def _told(field: models.Field[Any, Any], value: Any) -> str:
    """A value in the words of the page."""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.name == "events":
        return ", ".join(str(label) for name, label in EVENTS if name in value) or "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return number_format(value)
    if field.name == "voice_engine" and value == "auto":
        return _("Best available for her language")
    if isinstance(value, Mapping):
        called = dict(LANGUAGES)
        return ", ".join(f"{called.get(key, key)}: {each}" for key, each in value.items()) or "—"
    return ", ".join(map(str, value)) or "—" if isinstance(value, list) else str(value) or "—"


def _looks(before: PersonaVersion, after: PersonaVersion) -> Iterator[Difference]:
    group = _("Look")
    old, new = _look(before), _look(after)
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield Difference(_look_label(key), before=old.get(key, "—"), after=new.get(key, "—"), group=group)


def _look(version: PersonaVersion) -> dict[str, str]:
    """What she looks like, flat: what part -> its value in words."""
    drawn, own = version.avatar.get("drawn") or {}, version.avatar.get("own") or {}
    files = {row.name: str(row) for row in version.channel.avatar_pictures.all()} if own.get("pictures") else {}
    flat = {"kind": _words(KINDS, [version.avatar.get("kind")])}
    for part, (_label, choices) in PARTS.items():
        flat[part] = _words(choices, [drawn.get(part)])
    flat["accessories"] = _words(ACCESSORIES, drawn.get("accessories", ()))
    flat |= {f"slot_{slot}": files.get(name, str(name)) for slot, name in (own.get("pictures") or {}).items()}
    flat["mouth"] = ", ".join(number_format(value) for value in (own.get("mouth") or {}).values()) or "—"
    flat["bounce"] = str(own.get("bounce", "—"))
    return flat | {f"colour_{part}": str(colour) for part, colour in version.palette.items()}


def _words(choices: Sequence[tuple[str, Any]], chosen: Iterable[Any]) -> str:
    return ", ".join(str(dict(choices)[each]) for each in chosen if each in dict(choices)) or "—"


def _look_label(key: str) -> str:
    if key in PARTS:
        return str(PARTS[key][0])
    if key.startswith("slot_"):
        return str(slot_label(key.removeprefix("slot_")))
    if key.startswith("colour_"):
        return str(COLOURS.get(key.removeprefix("colour_"), key))
    return capfirst(str(AVATAR_WORDS.get(key, key)))


def _card(version: PersonaVersion) -> Card | None:
    return card_of(version.card) if version.card else None


def _card_texts(before: Card | None, after: Card | None, steps: Steps) -> Iterator[Difference]:
    group = _("Character card")
    if before is None and after is None:
        return
    seen = {"name", "description", "character_book"}
    for name in dict.fromkeys((*USED, *V1_FIELDS)):
        if name in seen:
            continue
        seen.add(name)
        old, new = before.text(name) if before else "", after.text(name) if after else ""
        if old != new:
            yield Difference(str(CARD_FIELDS.get(name, name)), worded(old, new, steps), group=group)
    old_rest, new_rest = (_rest(card, seen) for card in (before, after))
    for name in dict.fromkeys((*old_rest, *new_rest)):
        if old_rest.get(name) != new_rest.get(name):
            pieces = worded(old_rest.get(name, ""), new_rest.get(name, ""), steps)
            yield Difference(str(CARD_FIELDS.get(name, name)), pieces, group=group)


def _rest(card: Card | None, seen: set[str]) -> dict[str, str]:
    """All other fields of the card, lists of texts one to a line."""
    fields = card.fields if card else {}
    return {name: _plain(value) for name, value in fields.items() if name not in seen and value}


def _plain(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _books(version: PersonaVersion) -> list[Document]:
    card = _card(version)
    own = [version.lorebook["data"]] if version.lorebook else []
    return [*([card.book] if card and card.book else []), *own]


def _entries(before: Sequence[Document], after: Sequence[Document], steps: Steps) -> Iterator[Difference]:
    """Entries are the same where they have the same id, or else the same name or keys."""
    group = _("Lorebook")
    old, new = _listed(before), _listed(after)
    shown = 0
    for mark in dict.fromkeys((*old, *new)):
        one, other = old.get(mark, _NO_ENTRY), new.get(mark, _NO_ENTRY)
        if one == other:
            continue
        shown += 1
        if shown > MOST_ENTRIES:
            yield Difference(_("More entries differ than are shown."), group=group)
            return
        yield Difference(other.called or one.called, worded(one.text, other.text, steps), group=group)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A lorebook entry as it is compared."""

    called: str
    text: str


_NO_ENTRY = _Entry("", "")


def _listed(books: Sequence[Document]) -> dict[str, _Entry]:
    """Entries by what tells them from others: where programs write one id, or none, for several, by their order."""
    found: dict[str, _Entry] = {}
    met: Counter[str] = Counter()
    for number, book in enumerate(books):
        for row in entry_rows(book):
            called = entry_name(row)
            named = isinstance(row.get("id"), str | int) and row.get("id") != ""
            mark = f"{number}:{row['id'] if named else called}"
            met[mark] += 1
            found[f"{mark}#{met[mark]}"] = _Entry(called, _entry_text(row))
    return found


def entry_name(row: Document) -> str:
    """What an entry is called on the page: its name, else the words that bring it up."""
    return (entry_text(row, named_in(row)).strip() or ", ".join(entry_keys(row)) or _("without a name"))[:120]


def _entry_text(row: Document) -> str:
    words = [f"{_('Words that bring it up')}: {', '.join(entry_keys(row))}"]
    for name, label in (
        ("secondary_keys", _("And one of these")),
        ("constant", _("Always known")),
        ("enabled", _("Switched on")),
        ("insertion_order", _("Order")),
    ):
        if name in row:
            value = row[name]
            words.append(f"{label}: {', '.join(map(str, value)) if isinstance(value, list) else _as_yes(value)}")
    return "\n".join([*words, str(row.get("content", ""))])


def _as_yes(value: Any) -> str:
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value)
