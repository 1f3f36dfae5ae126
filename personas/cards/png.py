"""The text a PNG or APNG carries beside its pixels, read and written without decoding a pixel."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from personas.cards import limits
from personas.cards.refusal import CardRefused

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LONGEST_TEXT = limits.MAX_JSON_BYTES * 4 // 3 + 1024
"""Of a text chunk that may hold a card: its JSON in base64."""
KEYWORDS = ("ccv3", "chara")
"""Under which cards stand, the one that wins first."""
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of the file: four letters and its data."""

    kind: bytes
    data: bytes


def chunks(data: bytes) -> Iterator[Chunk]:
    """Every chunk from IHDR to IEND; what stands behind IEND is not looked at. Raises CardRefused."""
    place = len(SIGNATURE)
    if not data.startswith(SIGNATURE):
        raise CardRefused("damaged")
    while True:
        head = data[place : place + 8]
        if len(head) < 8:
            raise CardRefused("damaged")
        length, kind = struct.unpack(">I4s", head)
        if length > limits.MAX_FILE_BYTES or (kind in _TEXTS and length > LONGEST_TEXT and _is_card(data, place + 8)):
            raise CardRefused("chunk")
        end = place + 8 + length
        content, checksum = data[place + 8 : end], data[end : end + 4]
        if len(checksum) < 4 or (place == len(SIGNATURE)) != (kind == b"IHDR"):
            raise CardRefused("damaged")
        if zlib.crc32(kind + content) != int.from_bytes(checksum):
            raise CardRefused("checksum")
        yield Chunk(kind, content)
        if kind == b"IEND":
            return
        place = end + 4


def card_texts(data: bytes) -> dict[str, bytes]:
    """The first text of each of KEYWORDS that is there. Keywords are compared without case. Raises CardRefused."""
    found: dict[str, bytes] = {}
    for chunk in chunks(data):
        keyword = _keyword(chunk)
        if keyword in KEYWORDS and keyword not in found:
            found[keyword] = _text(chunk)
    return found


def is_animated(data: bytes) -> bool:
    """Whether it is an APNG. Raises CardRefused."""
    return any(chunk.kind == b"acTL" for chunk in chunks(data))


def with_card_texts(data: bytes, texts: Iterable[tuple[str, bytes]]) -> bytes:
    """The same picture with these texts, and without any card it carried before. Raises CardRefused."""
    kept = [chunk for chunk in chunks(data) if _keyword(chunk) not in KEYWORDS]
    # Before the pixels: programs that stop reading at the first IDAT find them there too.
    first = next((number for number, chunk in enumerate(kept) if chunk.kind == b"IDAT"), len(kept) - 1)
    added = [Chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + text) for keyword, text in texts]
    return SIGNATURE + b"".join(map(packed, [*kept[:first], *added, *kept[first:]]))


def packed(chunk: Chunk) -> bytes:
    """The chunk as it stands in a file."""
    checksum = zlib.crc32(chunk.kind + chunk.data)
    return struct.pack(">I", len(chunk.data)) + chunk.kind + chunk.data + struct.pack(">I", checksum)


def plain_picture(side: int = 400, top: tuple[int, int, int] = (88, 62, 148)) -> bytes:
    """A picture for cards of characters that have none: one colour that grows darker."""
    rows = bytearray()
    for row in range(side):
        share = 1 - 0.7 * row / side
        rows += b"\0" + bytes(round(colour * share) for colour in top) * side
    parts = (
        Chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        Chunk(b"IDAT", zlib.compress(bytes(rows), 9)),
        Chunk(b"IEND", b""),
    )
    return SIGNATURE + b"".join(map(packed, parts))


def _is_card(data: bytes, place: int) -> bool:
    return data[place : place + 80].partition(b"\0")[0].decode("latin-1").lower() in KEYWORDS


def _keyword(chunk: Chunk) -> str:
    """In small letters; empty for chunks that are no text."""
    if chunk.kind not in _TEXTS:
        return ""
    return chunk.data.partition(b"\0")[0].decode("latin-1").strip().lower()


def _text(chunk: Chunk) -> bytes:
    rest = chunk.data.partition(b"\0")[2]
    if chunk.kind == b"tEXt":
        return rest
    if chunk.kind == b"zTXt":
        return _unpacked(rest[1:])
    # iTXt: whether packed, how, language, translated keyword, and then the text.
    is_packed, rest = rest[:1] == b"\1", rest[2:]
    text = rest.partition(b"\0")[2].partition(b"\0")[2]
    return _unpacked(text) if is_packed else text


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, LONGEST_TEXT)
    except zlib.error:
        raise CardRefused("damaged") from None
    if unpacker.unconsumed_tail:
        raise CardRefused("chunk")
    if not unpacker.eof:
        raise CardRefused("damaged")
    return text
