"""Cards in every version and files around them, made here: nobody else's characters, no files."""

from __future__ import annotations

import base64
import copy
import json
import struct
import zlib
from typing import Any

from personas.cards import carriers, png
from personas.cards.png import Chunk

V1: dict[str, Any] = {
    "name": "Pippa",
    "description": "{{char}} keeps a lighthouse.\nShe is {{user}}'s neighbour.",
    "personality": "curious, brave",
    "scenario": "A storm comes up.",
    "first_mes": "Oh! A visitor.",
    "mes_example": "<START>\n{{user}}: hi\n{{char}}: Mind the stairs!",
    "avatar": "none",
    "own_of_some_program": {"deep": [1, 2.5, None, True]},
}
ENTRY: dict[str, Any] = {
    "keys": ["lamp", "light"],
    "content": "The lamp burns whale oil.",
    "extensions": {"depth": 4, "unknown": {"a": []}},
    "enabled": True,
    "insertion_order": 10,
    "case_sensitive": False,
    "name": "lamp",
    "priority": 5,
    "id": "seven",
    "comment": "",
    "selective": True,
    "secondary_keys": ["oil"],
    "constant": False,
    "position": "after_char",
}
V2: dict[str, Any] = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        **{name: V1[name] for name in ("name", "description", "personality", "scenario", "first_mes", "mes_example")},
        "creator_notes": "NOTES FOR PEOPLE",
        "system_prompt": "Be brief. {{original}}",
        "post_history_instructions": "Stay windy.",
        "alternate_greetings": ["Ahoy!"],
        "tags": ["TAGGED", "sea"],
        "creator": "THE CREATOR",
        "character_version": "VERSION 9",
        "extensions": {"other/program": {"talkativeness": 0.5}},
        "character_book": {
            "name": "Lighthouse", "scan_depth": 3, "token_budget": 300, "recursive_scanning": True,
            "extensions": {"x": 1}, "entries": [ENTRY],
        },
        "unknown_field": "kept",
    },
    "beside_data": ["kept too"],
}  # fmt: skip
V3: dict[str, Any] = copy.deepcopy(V2) | {"spec": "chara_card_v3", "spec_version": "3.0"}
V3["data"] |= {
    "assets": [
        {"type": "icon", "uri": "embeded://assets/icon.png", "name": "main", "ext": "png"},
        {"type": "background", "uri": "https://files.example/sea.png", "name": "sea", "ext": "png"},
    ],
    "nickname": "Pip",
    "creator_notes_multilingual": {"ru": "ЗАМЕТКИ"},
    "source": ["https://cards.example/1"],
    "group_only_greetings": [],
    "creation_date": 1_700_000_001,
    "modification_date": 1_700_000_002,
}
LOREBOOK: dict[str, Any] = {"spec": "lorebook_v3", "data": {"extensions": {}, "entries": [ENTRY], "odd": 1}}
WORLD: dict[str, Any] = {
    "entries": {
        "0": {
            "uid": 0, "key": ["tower", "/st(a|o)ne/i"], "keysecondary": ["old"], "comment": "Tower",
            "content": "It leans.", "constant": False, "selective": True, "selectiveLogic": 2, "order": 30,
            "position": 1, "disable": False, "caseSensitive": True, "probability": 100,
        },
        "1": {"uid": 1, "key": ["sea"], "content": "It is cold.", "disable": True, "order": 1, "position": 0},
    }
}  # fmt: skip
CARDS = {"v1": V1, "v2": V2, "v3": V3}


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def coded(value: Any) -> bytes:
    """As it stands in a picture."""
    return base64.b64encode(as_bytes(value))


def picture(*texts: Chunk, animated: bool = False) -> bytes:
    """A PNG (or APNG of two frames) of 2 x 2 pixels, with these chunks before its pixels."""
    pixels = zlib.compress(b"\0" + bytes(6) + b"\0" + bytes(6))
    head = Chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
    control = [Chunk(b"acTL", struct.pack(">II", 2, 0)), frame(0)] if animated else []
    second = [frame(1), Chunk(b"fdAT", struct.pack(">I", 2) + pixels)] if animated else []
    parts = [head, *control, *texts, Chunk(b"IDAT", pixels), *second, Chunk(b"IEND", b"")]
    return png.SIGNATURE + b"".join(map(png.packed, parts))


def frame(number: int) -> Chunk:
    return Chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, 2, 2, 0, 0, 1, 10, 0, 0))


def text_chunk(keyword: str, value: bytes, kind: str = "tEXt") -> Chunk:
    """A text under a keyword: tEXt, zTXt, iTXt, or `packed iTXt`."""
    begin = keyword.encode() + b"\0"
    match kind:
        case "tEXt":
            return Chunk(b"tEXt", begin + value)
        case "zTXt":
            return Chunk(b"zTXt", begin + b"\0" + zlib.compress(value))
        case "iTXt":
            return Chunk(b"iTXt", begin + b"\0\0en\0\0" + value)
        case _:
            return Chunk(b"iTXt", begin + b"\1\0en\0\0" + zlib.compress(value))


def carried(document: dict[str, Any], carrier: str) -> bytes:
    """The file our own writers make."""
    match carrier:
        case "json":
            return carriers.to_json(document)
        case "png":
            return carriers.to_picture(document, picture())
        case "apng":
            return carriers.to_picture(document, picture(animated=True))
        case _:
            return carriers.to_charx(document)
