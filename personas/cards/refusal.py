"""Why a card is not taken, in one sentence a streamer understands: what is wrong, and how to mend it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from personas.cards import limits

SENTENCES = {
    "empty": _("The file is empty. Choose the card once more."),
    "too_big": _("The file is larger than %(megabytes)s MB. Save the card with a smaller picture, or as JSON."),
    "json_too_big": _("The card's text is larger than %(json)s MB. Remove lorebook entries and save it once more."),
    "kind": _("This is no character card. Choose a PNG, APNG, JSON or CHARX file that another program saved as one."),
    "no_card": _(
        "This picture holds no character card. Some sites strip it from pictures: download the original file once more."
    ),
    "damaged": _("The picture file is damaged or not finished. Download or export the card once more."),
    "checksum": _("A part of the picture file has changed since it was saved. Download or export the card once more."),
    "chunk": _("A part of the picture file is too large to be a card. Export the card once more, or as JSON."),
    "base64": _("The card inside the picture is cut off. Download or export it once more."),
    "encoding": _("The text is not saved as UTF-8. Open it in a text editor, and save it with that encoding."),
    "json": _("The card's text is damaged or not finished. Export the card once more."),
    "characters": _("The card holds characters that cannot be kept. Remove them, and export the card once more."),
    "too_deep": _(
        "The card is nested too deeply or has too many parts. Remove its extensions, and export it once more."
    ),
    "not_a_card": _("This JSON file is no character card and no lorebook. Export it from your program as a card."),
    "no_name": _("The card has no name. Name the character in your program, and export it once more."),
    "entries": _("The lorebook has more than %(entries)s entries. Split it, and keep the ones she needs on stream."),
    "keys": _("The lorebook has more than %(keys)s keys in all. Remove those that she does not need on stream."),
    "zip": _("The CHARX file is damaged or not finished. Download or export the card once more."),
    "zip_locked": _("The CHARX file is locked with a password. Export the card without one."),
    "zip_names": _("The CHARX file wants to write outside of its own folder, so it is not opened. Get it elsewhere."),
    "zip_bomb": _("The CHARX file unpacks to far more than it should. Export the card with fewer or smaller files."),
    "zip_no_card": _("There is no card.json inside this file. Export the character as CHARX, not as another archive."),
}
"""Code -> what the streamer reads."""
FIGURES = {
    "megabytes": limits.MAX_FILE_BYTES // (1024 * 1024),
    "json": limits.MAX_JSON_BYTES // (1024 * 1024),
    "entries": limits.MAX_ENTRIES,
    "keys": limits.MAX_KEYS,
}


class CardRefused(Exception):
    """The card is not taken. `code` is a key of SENTENCES; as text it is the sentence, in the reader's language."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return str(SENTENCES[self.code]) % FIGURES
