"""A card file in and out: JSON, PNG, APNG and CHARX around the same document."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Literal

from personas.cards import card, charx, limits, png, text
from personas.cards.card import Card
from personas.cards.lore import check_keys
from personas.cards.refusal import CardRefused
from personas.cards.text import Document

Carrier = Literal["json", "png", "apng", "charx"]


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file holds: a card or a lorebook, as the file says it, and what carried it."""

    carrier: Carrier
    document: Document
    two_cards: bool = False
    """The picture held a V2 and a V3 card that tell different things; the V3 card was read."""


def read(data: bytes) -> Brought:
    """The card or lorebook in the file, told by its bytes and not by its name. Raises CardRefused."""
    if not data:
        raise CardRefused("empty")
    if len(data) > limits.MAX_FILE_BYTES:
        raise CardRefused("too_big")
    if data.startswith(png.SIGNATURE):
        return _from_picture(data)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return Brought("json", _checked(text.read(data)))
    if charx.is_zip(data):
        return Brought("charx", _checked(text.read(charx.card_text(data))))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CardRefused("encoding")
    raise CardRefused("kind")


def to_json(document: Document) -> bytes:
    return text.write(document)


def to_picture(document: Document, picture: bytes) -> bytes:
    """The PNG or APNG with the card in it. A V3 card stands there as V2 too, for programs that know no V3."""
    kind = card.kind_of(document)
    texts = [("chara", card.as_kind(Card("v3", document), "v2") if kind == "v3" else document)]
    if kind == "v3":
        texts.append(("ccv3", document))
    return png.with_card_texts(picture, [(name, base64.b64encode(text.write(value))) for name, value in texts])


def to_charx(document: Document) -> bytes:
    """The CHARX file, which holds the card alone."""
    return charx.write(text.write(document))


def without_files(document: Document) -> Document:
    """The card without those assets that name a file inside a CHARX: none are kept."""
    assets = document["data"].get("assets") if isinstance(document.get("data"), dict) else None
    if not isinstance(assets, list):
        return document
    return document | {"data": document["data"] | {"assets": [each for each in assets if not _is_inside(each)]}}


def _is_inside(asset: object) -> bool:
    address = asset.get("uri") if isinstance(asset, dict) else None
    return isinstance(address, str) and address.lower().startswith(charx.SCHEME)


def _from_picture(data: bytes) -> Brought:
    texts = png.card_texts(data)
    carrier: Carrier = "apng" if png.is_animated(data) else "png"
    found: dict[str, Document] = {}
    refused = CardRefused("no_card")
    for keyword in png.KEYWORDS:
        if keyword in texts:
            try:
                found[keyword] = _checked(text.read(_decoded(texts[keyword])))
            except CardRefused as reason:
                # One of the two may be whole. The first reason is the one to tell: it is about the card that counts.
                refused = reason if refused.code == "no_card" else refused
    if not found:
        raise refused
    best = next(found[keyword] for keyword in png.KEYWORDS if keyword in found)
    return Brought(carrier, best, two_cards=len(found) > 1 and _tell_different(*found.values()))


def _decoded(value: bytes) -> bytes:
    try:
        decoded = base64.b64decode(b"".join(value.split()), validate=True)
    except binascii.Error:
        raise CardRefused("base64") from None
    if len(decoded) > limits.MAX_JSON_BYTES:
        raise CardRefused("json_too_big")
    return decoded


def _checked(document: Document) -> Document:
    kind = card.kind_of(document)
    if kind in {"v1", "v2", "v3"}:
        check_keys(card.card_of(document).book)
    return document


def _tell_different(one: Document, other: Document) -> bool:
    if not {card.kind_of(one), card.kind_of(other)} <= {"v1", "v2", "v3"}:
        return True
    pair = card.card_of(one), card.card_of(other)
    return any(pair[0].text(name) != pair[1].text(name) for name in card.V1_FIELDS)
