"""Broken and hostile files: each is refused in one sentence that tells what to do, and takes no harm along."""

from __future__ import annotations

import base64
import contextlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from personas.cards import carriers, charx, limits, png
from personas.cards.lore import lorebook_of
from personas.cards.refusal import FIGURES, SENTENCES, CardRefused
from tests.effort import effort
from tests.personas.cards.samples import ENTRY, V2, V3, as_bytes, carried, coded, picture, text_chunk

MEGABYTE = 1024 * 1024


def zipped(*files: tuple[str, bytes], packed: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, archive.compression)
    return out.getvalue()


def locked() -> bytes:
    """An archive whose directory says that its files need a password."""
    data = bytearray(zipped(("card.json", as_bytes(V3))))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying() -> bytes:
    """A card of 8 MB whose directory says 10 bytes."""
    data = bytearray(zipped(("card.json", b" " * (8 * MEGABYTE))))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 10)
    return bytes(data)


def flipped(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 0x20
    return bytes(changed)


def huge_chunk(kind: bytes, length: int = 30 * MEGABYTE) -> bytes:
    whole = picture()
    return whole[:33] + struct.pack(">I4s", length, kind) + b"chara\0" + bytes(1000)


def book_of(keys: list[str]) -> dict[str, Any]:
    return {"entries": [{"keys": keys, "content": "x"}]}


def told_keys(keys: list[str]) -> dict[str, Any]:
    """An entry whose keys stand in its text."""
    return {"keys": [], "content": f"@@additional_keys {','.join(keys)}\nx"}


KEYS = [f"k{number}" for number in range(limits.MAX_KEYS + 1)]
WITH_CARD = carried(V2, "png")
CORRUPTED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "over 20 MB": (lambda: b"{" + b" " * limits.MAX_FILE_BYTES, "too_big"),
    "JSON over 4 MB": (lambda: b'{"name": "' + b"x" * limits.MAX_JSON_BYTES + b'"}', "json_too_big"),
    "a JPEG": (lambda: b"\xff\xd8\xff\xe0" + bytes(100), "kind"),
    "a picture without a card": (picture, "no_card"),
    "a picture cut in its middle": (lambda: WITH_CARD[: len(WITH_CARD) // 2], "damaged"),
    "a picture without its end": (lambda: WITH_CARD[:-12], "damaged"),
    "a signature and nothing else": (lambda: png.SIGNATURE, "damaged"),
    "a wrong checksum": (lambda: flipped(WITH_CARD, WITH_CARD.index(b"chara") + 30), "checksum"),
    "a chunk of 30 MB": (lambda: huge_chunk(b"tEXt"), "chunk"),
    "a chunk of pixels of 30 MB": (lambda: huge_chunk(b"IDAT"), "chunk"),
    "a chunk of 4 GB": (lambda: huge_chunk(b"tEXt", 2**32 - 1), "chunk"),
    "a text of 30 MB, packed": (
        lambda: picture(text_chunk("chara", b"A" * (30 * MEGABYTE), "zTXt")),
        "chunk",
    ),
    "a packed text that is cut off": (
        lambda: picture(png.Chunk(b"zTXt", b"chara\0\0" + zlib.compress(coded(V2))[:-30])),
        "damaged",
    ),
    "a packed text that is not packed": (lambda: picture(png.Chunk(b"zTXt", b"chara\0\0" + coded(V2))), "damaged"),
    "cut base64": (lambda: picture(text_chunk("chara", coded(V2)[:-3])), "base64"),
    "base64 cut at a full group": (lambda: picture(text_chunk("chara", coded(V2)[:400])), "json"),
    "no base64 at all": (lambda: picture(text_chunk("chara", "{ä}".encode("latin-1"))), "base64"),
    "base64 of other bytes": (lambda: picture(text_chunk("chara", base64.b64encode(b"\xff\xfe\x00"))), "encoding"),
    "UTF-16": (lambda: as_bytes(V2).decode().encode("utf-16"), "encoding"),
    "Windows letters": (lambda: b'{"name": "\xcc\xe8\xea\xe0", "description": ""}', "encoding"),
    "a byte order mark alone": (lambda: b"\xef\xbb\xbf{", "json"),
    "cut JSON": (lambda: as_bytes(V2)[:-2], "json"),
    "a number that is none": (lambda: b'{"name": "a", "description": "b", "x": NaN}', "json"),
    "a number without end": (lambda: b'{"name": "a", "description": "b", "x": 1e999}', "json"),
    "a number of 5000 digits": (lambda: b'{"name": "a", "description": "b", "x": ' + b"9" * 5000 + b"}", "json"),
    "half a character": (lambda: b'{"name": "a", "description": "\\ud800"}', "characters"),
    "a zero character": (lambda: b'{"name": "a", "description": "\\u0000"}', "characters"),
    "100 levels": (lambda: b'{"name": "a", "description": "", "x": ' + b"[" * 100 + b"]" * 100 + b"}", "too_deep"),
    "a million levels": (lambda: b'{"name": "a", "x": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}", "too_deep"),
    "a million values": (lambda: b'{"name": "a", "x": [' + b"1," * 1_000_000 + b"1]}", "too_deep"),
    "no name": (lambda: as_bytes(V2 | {"data": V2["data"] | {"name": "  "}}), "no_name"),
    "too many entries": (
        lambda: as_bytes(V2 | {"data": V2["data"] | {"character_book": {"entries": [{}] * (limits.MAX_ENTRIES + 1)}}}),
        "entries",
    ),
    "too many keys": (lambda: as_bytes(V2 | {"data": V2["data"] | {"character_book": book_of(KEYS)}}), "keys"),
    "too many keys in a text": (
        lambda: as_bytes(V2 | {"data": V2["data"] | {"character_book": {"entries": [told_keys(KEYS)]}}}),
        "keys",
    ),
    "a cut archive": (lambda: carried(V3, "charx")[:-30], "zip"),
    "an archive with changed bytes": (lambda: flipped(carried(V3, "charx"), 60), "zip"),
    "an archive without a card": (lambda: zipped(("readme.txt", b"hello")), "zip_no_card"),
    "an archive with a password": (locked, "zip_locked"),
    "a path upwards": (lambda: zipped(("card.json", as_bytes(V3)), ("assets/../../x", b"")), "zip_names"),
    "a path from the root": (lambda: zipped(("card.json", as_bytes(V3)), ("/x", b"")), "zip_names"),
    "a path of Windows": (lambda: zipped(("card.json", as_bytes(V3)), ("C:x", b"")), "zip_names"),
    "a bomb beside the card": (lambda: zipped(("card.json", as_bytes(V3)), ("b", bytes(50 * MEGABYTE))), "zip_bomb"),
    "a bomb for a card": (lambda: zipped(("card.json", bytes(50 * MEGABYTE))), "zip_bomb"),
    "a card larger than it may be": (
        lambda: zipped(("card.json", b" " * (5 * MEGABYTE)), packed=False),
        "json_too_big",
    ),
    "a directory that lies": (lying, "zip"),
    "a thousand files": (
        lambda: zipped(("card.json", as_bytes(V3)), *((f"a/{number}", b"") for number in range(1000))),
        "zip_bomb",
    ),
}


@pytest.mark.parametrize("name", CORRUPTED)
def test_a_bad_file_is_refused_with_the_reason(name: str) -> None:
    make, code = CORRUPTED[name]
    data = make()
    with effort(3_000), pytest.raises(CardRefused) as refused:
        carriers.read(data)
    assert refused.value.code == code


def test_every_reason_is_met_by_a_file() -> None:
    assert {code for _make, code in CORRUPTED.values()} | {"not_a_card"} == set(SENTENCES)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_reason_is_a_sentence_or_two_that_end_in_what_to_do(language: str) -> None:
    with translation.override(language):
        sentences = {code: str(sentence) % FIGURES for code, sentence in SENTENCES.items()}
        assert str(CardRefused("too_big")) == sentences["too_big"]
    assert all(sentence.endswith(".") and 30 < len(sentence) < 140 for sentence in sentences.values())


def test_a_lorebook_with_too_many_entries_is_refused() -> None:
    rows = {str(number): {"key": ["a"], "content": "b"} for number in range(limits.MAX_ENTRIES + 1)}
    with pytest.raises(CardRefused) as refused:
        lorebook_of({"entries": rows})
    assert refused.value.code == "entries"


def test_a_lorebook_with_too_many_keys_is_refused_and_with_as_many_as_may_be_it_is_not() -> None:
    alone = {"spec": "lorebook_v3", "data": book_of(KEYS)}
    world = {"entries": {"0": {"key": KEYS[:3_000], "keysecondary": KEYS[3_000:], "selective": True, "content": "x"}}}
    for document in (alone, world):
        with pytest.raises(CardRefused) as refused:
            lorebook_of(document)
        assert refused.value.code == "keys"
    whole = {"spec": "lorebook_v3", "data": book_of(KEYS[:-1])}
    assert lorebook_of(whole) is whole


def test_the_card_of_an_archive_inside_the_archive_is_not_taken() -> None:
    inner = zipped(("card.json", as_bytes(V2)))
    outer = zipped(("card.json", as_bytes(V3)), ("inner.zip", inner))
    assert carriers.read(outer).document == V3


@settings(max_examples=300)
@given(
    carrier=st.sampled_from(["json", "png", "apng", "charx"]),
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
)
def test_a_changed_file_is_read_or_refused_and_nothing_else(
    carrier: str, cut: float, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(carried(V3, carrier))
    for place, value in changes:
        data[int(place * len(data))] = value
    with contextlib.suppress(CardRefused):
        carriers.read(bytes(data[: max(1, round(cut * len(data)))] if cut > 0.1 else data))


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    for begin in (b"", png.SIGNATURE, b"{", b"PK\x03\x04"):
        with pytest.raises(CardRefused):
            carriers.read(begin + noise)


def test_an_entry_list_of_any_shape_is_no_harm() -> None:
    odd = V2 | {"data": V2["data"] | {"character_book": {"entries": [ENTRY, 3, None, [], {"content": 4}]}}}
    assert carriers.read(as_bytes(odd)).document == odd


@cache
def very_many_files() -> bytes:
    return zipped(*((f"{number}.txt", b"") for number in range(60_000)), ("card.json", as_bytes(V3)))


@pytest.mark.parametrize("told", [None, 1, "a sign within the record"])
def test_an_archive_of_very_many_files_is_refused_before_its_directory_is_read(told: int | str | None) -> None:
    data = bytearray(very_many_files())
    place = data.rindex(b"PK\x05\x06")
    if told == 1:
        data[place + 8 : place + 12] = struct.pack("<HH", told, told)
    elif told:
        data[place + 4 : place + 8] = b"PK\x05\x06"
    with effort(50), pytest.raises(CardRefused) as refused:
        charx.card_text(bytes(data))
    assert refused.value.code == "zip_bomb"
