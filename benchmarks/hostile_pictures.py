"""Pictures nobody should have to open: broken and hostile files made from nothing, and mutations of good ones.

Every file is made here, byte by byte where a library would refuse to. Used by the tests and by `picture_fuzz.py`.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image, ImageDraw

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int, height: int, *, depth: int = 8, colour: int = 6) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def drawing(side: int = 96, *, mouth: int = 8, mode: str = "RGBA") -> Any:
    """A round face with a transparent surrounding."""
    image = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(image)
    pen.ellipse((4, 4, side - 4, side - 4), fill="#ffd9c4", outline="#5b2a3a", width=2)
    middle = side // 2
    pen.ellipse((middle - 12, middle + 12 - mouth, middle + 12, middle + 12 + mouth), fill="#a02848")
    return image.convert(mode)


def saved(image: Any, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def animated(kind: str, count: int = 6, *, side: int = 64, duration: int = 80) -> bytes:
    mode = "P" if kind == "GIF" else "RGBA"
    frames = [drawing(side, mouth=1 + i % 20, mode=mode) for i in range(count)]
    for i, frame in enumerate(frames):
        # No two frames alike: writers merge those that are.
        frame.putpixel((i % side, i // side), 1 if mode == "P" else (i, 255 - i, i, 255))
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=duration, loop=0)


def good() -> dict[str, bytes]:
    """Files everybody would call fine."""
    return {
        "still.png": saved(drawing(), "PNG"),
        "palette.png": saved(drawing(mode="P"), "PNG"),
        "grey.png": saved(drawing(mode="LA"), "PNG"),
        "still.webp": saved(drawing(), "WEBP", quality=80),
        "lossless.webp": saved(drawing(), "WEBP", lossless=True),
        "still.gif": saved(drawing(mode="P"), "GIF"),
        "animated.gif": animated("GIF"),
        "animated.webp": animated("WEBP"),
        "animated.png": animated("PNG"),
    }


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more than its few bytes of nothing."""
    row = b"\0" * (1 + width * 4)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return PNG_MAGIC + header(width, height) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def promised_flood(frames: int) -> bytes:
    """An APNG that announces so many frames, and has one."""
    still = saved(drawing(32), "PNG")
    cut = 8 + 25
    return still[:cut] + chunk(b"acTL", struct.pack(">II", frames, 0)) + still[cut:]


def text_bomb() -> bytes:
    """A compressed comment of 80 MB in a tiny picture."""
    still = saved(drawing(32), "PNG")
    packed = zlib.compress(b"A" * 80_000_000, 9)
    return still[:-12] + chunk(b"zTXt", b"Comment\0\0" + packed) + still[-12:]


def hostile() -> dict[str, Callable[[], bytes]]:
    """Name -> file, made when it is wanted. Some may be accepted, since their pixels are harmless; none may hurt."""
    fine = good()
    nothing = chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    png, gif, webp = fine["still.png"], fine["animated.gif"], fine["animated.webp"]
    return {
        "empty": lambda: b"",
        "a single byte": lambda: b"\x89",
        "magic alone, png": lambda: PNG_MAGIC,
        "magic alone, gif": lambda: b"GIF89a",
        "magic alone, webp": lambda: b"RIFF\x04\0\0\0WEBP",
        "half a png": lambda: png[: len(png) // 2],
        "half a gif": lambda: gif[: len(gif) // 2],
        "half a webp": lambda: webp[: len(webp) // 2],
        "png without its end": lambda: png[:-12],
        "wrong magic": lambda: b"\x00" + png[1:],
        "png that calls itself gif": lambda: b"GIF89a" + png[6:],
        "gif that calls itself png": lambda: PNG_MAGIC + gif[8:],
        "jpeg": lambda: saved(drawing(mode="RGB"), "JPEG"),
        "bmp": lambda: saved(drawing(mode="RGB"), "BMP"),
        "tiff": lambda: saved(drawing(), "TIFF"),
        "svg": lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "html": lambda: b"<!doctype html><script>alert(1)</script>",
        "layers of a drawing program": lambda: b"8BPS\0\x01" + b"\0" * 400,
        "archive": lambda: b"PK\x03\x04" + b"\0" * 400,
        "video": lambda: b"\0\0\0\x18ftypmp42" + b"\0" * 400,
        "huge by header": lambda: PNG_MAGIC + header(60_000, 60_000) + nothing,
        "negative by header": lambda: PNG_MAGIC + header(0xFFFFFFFF, 0xFFFFFFFF) + chunk(b"IEND", b""),
        "no size at all": lambda: PNG_MAGIC + header(0, 0) + chunk(b"IEND", b""),
        "a line": lambda: saved(Image.new("RGBA", (8000, 1), "red"), "PNG"),
        "wide beyond measure": lambda: bomb(9000, 20),
        "bomb at the limit": lambda: bomb(4000, 4000),
        "bomb beyond the limit": lambda: bomb(4100, 4100),
        "gif screen of 65535": lambda: b"GIF89a" + struct.pack("<HH", 65535, 65535) + gif[10:],
        "comment bomb": text_bomb,
        "flood by announcement": lambda: promised_flood(1_000_000),
        "flood of frames, apng": lambda: animated("PNG", 90, side=24),
        "flood of frames, gif": lambda: animated("GIF", 300, side=24, duration=20),
        "flood of frames, webp": lambda: animated("WEBP", 90, side=24),
        "animation of an hour": lambda: animated("GIF", 6, duration=60_000),
        "wide animation": lambda: animated("WEBP", 40, side=1000),
        "png with an archive behind": lambda: png + b"PK\x03\x04" + b"payload" * 50,
        "png with a page behind": lambda: png + b"<script>alert(1)</script>",
        "gif that is a script": lambda: b"GIF89a/*" + gif[8:] + b"*/=1;alert(1)//",
        "secret in the metadata": with_metadata,
        "nothing to see": lambda: saved(Image.new("RGBA", (200, 200)), "PNG"),
        "larger than allowed": lambda: png + b"\0" * (8 * 1024 * 1024),
        "false checksum": lambda: png[:29] + b"\0\0\0\0" + png[33:],
        "deep colours": lambda: saved(Image.new("I;16", (64, 64), 40_000), "PNG"),
        "one bit": lambda: saved(drawing(mode="1"), "PNG"),
    }


def with_metadata() -> bytes:
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "home address")
    exif = Image.Exif()
    exif[0x010E] = "home address"
    return saved(drawing(), "PNG", pnginfo=info, exif=exif, icc_profile=b"home address" * 20)


def mutations(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """(what was done to which file, the file): flipped bits, cut, doubled, crossed, and numbers that lie."""
    chance = random.Random(seed)
    files = list(good().items())
    ways = [flipped, cut, doubled, lying, crossed, zeroed]
    for number in range(count):
        name, data = chance.choice(files)
        way = chance.choice(ways)
        other = chance.choice(files)[1]
        mutated = bytearray(data)
        for _ in range(chance.choice((1, 1, 1, 3))):
            mutated = way(mutated, other, chance)
        if name.endswith(".png") and chance.random() < 0.5:
            mutated = rechecked(mutated)
        yield f"{number} {way.__name__} {name}", bytes(mutated)


def flipped(data: bytearray, _other: bytes, chance: random.Random) -> bytearray:
    for _ in range(chance.randint(1, 12)):
        if data:
            data[_place(data, chance)] ^= 1 << chance.randrange(8)
    return data


def cut(data: bytearray, _other: bytes, chance: random.Random) -> bytearray:
    return data[: _place(data, chance)]


def doubled(data: bytearray, _other: bytes, chance: random.Random) -> bytearray:
    begin = _place(data, chance)
    piece = data[begin : begin + chance.randint(1, 400)]
    return data[:begin] + piece * chance.randint(2, 40) + data[begin:]


def lying(data: bytearray, _other: bytes, chance: random.Random) -> bytearray:
    """Puts a number where a size, a length or an offset may stand."""
    begin = _place(data, chance)
    value = chance.choice((0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000))
    data[begin : begin + 4] = struct.pack(chance.choice((">I", "<I")), value)
    return data


def crossed(data: bytearray, other: bytes, chance: random.Random) -> bytearray:
    begin = _place(data, chance)
    start = chance.randrange(len(other))
    return data[:begin] + other[start : start + chance.randint(1, 2000)] + data[begin:]


def zeroed(data: bytearray, _other: bytes, chance: random.Random) -> bytearray:
    begin = _place(data, chance)
    end = min(len(data), begin + chance.randint(1, 60))
    data[begin:end] = b"\0" * (end - begin)
    return data


def rechecked(data: bytearray) -> bytearray:
    """A PNG whose checksums are right again, so that its lies get past the first door."""
    out = bytearray(data[:8])
    at = 8
    while at + 8 <= len(data):
        length = struct.unpack(">I", data[at : at + 4])[0]
        if at + 12 + length > len(data):
            return out + data[at:]
        out += chunk(bytes(data[at + 4 : at + 8]), bytes(data[at + 8 : at + 8 + length]))
        at += 12 + length
    return out + data[at:]


def _place(data: bytearray, chance: random.Random) -> int:
    """Anywhere, often in the head, where the promises stand; seldom in the magic, which the first door reads."""
    if chance.random() < 0.05 or len(data) < 16:
        return chance.randrange(len(data)) if data else 0
    return chance.randrange(8, min(len(data), 80) if chance.random() < 0.35 else len(data))
