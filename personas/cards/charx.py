"""CHARX: a zip file with `card.json` and the files the card names as `embeded://path` (spelled so by the standard)."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from personas.cards import limits
from personas.cards.refusal import CardRefused

CARD = "card.json"
SCHEME = "embeded://"
_FIRST_MEGABYTE = 1024 * 1024
_END = b"PK\x05\x06"
_END_RECORD = struct.Struct("<4s6xHI6x")
"""The last record of a zip file: its sign, how many files there are, and the bytes of the directory."""
_LONGEST_COMMENT = 0xFFFF
_LONGEST_ENTRY = 2_048
"""Bytes of the directory a file needs at most: 46, its path, and what programs add."""
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
"""What the zip reader raises on damaged files, and on ways of packing it does not know."""


def card_text(data: bytes) -> bytes:
    """The bytes of `card.json`. Raises CardRefused."""
    try:
        with _opened(data) as archive:
            return _read(archive, CARD, limits.MAX_JSON_BYTES, "json_too_big")
    except _BROKEN:
        raise CardRefused("zip") from None


def write(card: bytes) -> bytes:
    """The file with this `card.json` alone; the same input gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(CARD), card, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def is_zip(data: bytes) -> bool:
    """Whether it is a zip file, also one that stands behind a picture."""
    return data.startswith(b"PK") or zipfile.is_zipfile(io.BytesIO(data))


def _opened(data: bytes) -> zipfile.ZipFile:
    """The archive when what its directory says is in bounds. It may lie, so reading is bounded too."""
    if _told_files(data) > limits.MAX_FILES:
        raise CardRefused("zip_bomb")
    archive = zipfile.ZipFile(io.BytesIO(data))
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if any(map(_leads_out, names)) or len(set(names)) != len(names):
        raise CardRefused("zip_names")
    if any(info.flag_bits & 1 for info in infos):
        raise CardRefused("zip_locked")
    if len(infos) > limits.MAX_FILES or sum(info.file_size for info in infos) > limits.MAX_UNPACKED_BYTES:
        raise CardRefused("zip_bomb")
    if any(info.file_size > _FIRST_MEGABYTE + info.compress_size * limits.MAX_RATIO for info in infos):
        raise CardRefused("zip_bomb")
    if CARD not in names:
        raise CardRefused("zip_no_card")
    return archive


def _told_files(data: bytes) -> int:
    """How many files its last record makes room for, before the reader makes an object of each.

    The reader goes by the directory's size and not by the count, so both are looked at.
    """
    # As the reader looks for it: right at the end, else where its sign was seen last, with a comment behind it.
    place = len(data) - _END_RECORD.size
    if data[max(0, place) :][: len(_END)] != _END:
        place = data.rfind(_END, max(0, place - _LONGEST_COMMENT))
    if place < 0 or place + _END_RECORD.size > len(data):
        return 0
    _sign, count, size = _END_RECORD.unpack_from(data, place)
    return int(max(count, size // _LONGEST_ENTRY))


def _leads_out(name: str) -> bool:
    return (
        name.startswith("/")
        or re.match(r"[A-Za-z]:", name) is not None
        or any(sign in name for sign in ("\\", "\0"))
        or ".." in name.split("/")
    )


def _read(archive: zipfile.ZipFile, name: str, most: int, code: str) -> bytes:
    with archive.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise CardRefused(code)
    return content
