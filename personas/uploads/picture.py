"""One uploaded picture: what it is, whether it may be kept, and its pixels drawn anew, never in this process."""

from __future__ import annotations

import json
import logging
import signal
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from personas.uploads import limits

log = logging.getLogger(__name__)

REDRAW = Path(__file__).with_name("redraw.py")
AT_ONCE = threading.BoundedSemaphore(2)
"""Children of this process that may work at the same time: uploads must not starve the show."""
QUEUE_SECONDS = 10
LIMIT_SIGNALS = frozenset({signal.SIGXCPU, signal.SIGKILL})
"""What the limits on time and memory end a child with. Any other signal is a fault in a decoder, and to be told of."""

SENTENCES = {
    "empty": _("The file is empty. Choose the picture once more."),
    "too_big": _("The file is larger than %(megabytes)s MB. Save it smaller, or export it as WebP."),
    "too_large": _("The picture has more than %(megapixels)s million pixels. Make it smaller: 1600 × 1600 is plenty."),
    "too_small": _("The picture is smaller than %(side)s pixels. Choose a larger one: 800 × 800 or more looks good."),
    "too_many_frames": _("The animation has more than %(frames)s frames. Export it with fewer, or shorter."),
    "too_long": _("The animation lasts longer than %(seconds)s seconds. A loop of one or two seconds is enough."),
    "too_heavy": _("The picture takes too much work to open. Make it smaller, or the animation shorter."),
    "crashed": _(
        "The program that opens pictures stopped at this file, so it is not kept. Export it once more, as a plain PNG."
    ),
    "broken": _("The file is damaged or not finished. Open it in your drawing program and export it once more."),
    "invisible": _("The picture is transparent everywhere: nobody would see her. Check the layers you exported."),
    "jpeg": _("This is a JPEG, which cannot be transparent around her. Save it as PNG or WebP."),
    "svg": _("SVG files can carry programs, so they are not taken. Export the drawing as PNG."),
    "project": _("This is the file of a drawing program. Export it as PNG with a transparent background."),
    "video": _("This is a video. Export a short animation as GIF, APNG or animated WebP."),
    "other": _("This is not a PNG, WebP or GIF picture. Export it as PNG with a transparent background."),
    "busy": _("Many pictures are being opened just now. Try again in a minute."),
}
"""Code -> what the streamer reads: what is wrong, and how to mend it."""
FIGURES = {
    "megabytes": limits.MAX_BYTES // (1024 * 1024),
    "megapixels": limits.MAX_PIXELS // 1_000_000,
    "side": limits.MIN_SIDE,
    "frames": limits.MAX_FRAMES,
    "seconds": limits.MAX_SECONDS,
}


class PictureRefused(Exception):
    """The picture is not kept. `code` is a key of SENTENCES; the message is for the streamer."""

    def __init__(self, code: str) -> None:
        super().__init__(str(SENTENCES[code]) % FIGURES)
        self.code = code


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be kept. `content` holds nothing but its pixels; `milliseconds` is 0 for a still."""

    content: bytes
    extension: str
    width: int
    height: int
    frames: int
    milliseconds: int
    opaque: bool
    peak_kb: int
    cpu_ms: int


_OTHERS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"8BPS", "project"),
    (b"SQLite format 3", "project"),
    (b"gimp xcf", "project"),
    (b"PK\x03\x04", "project"),
    (b"\x1a\x45\xdf\xa3", "video"),
)


def kind_of(data: bytes) -> str:
    """`png`, `gif` or `webp` by the first bytes; what name or browser say counts nothing. Raises PictureRefused."""
    if not data:
        raise PictureRefused("empty")
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    for magic, code in _OTHERS:
        if data.startswith(magic):
            raise PictureRefused(code)
    if data[4:8] == b"ftyp":
        raise PictureRefused("other" if data[8:12] in (b"avif", b"avis", b"heic", b"mif1") else "video")
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    raise PictureRefused("svg" if b"<svg" in head or head.startswith(b"<?xml") else "other")


def check_head(data: bytes) -> None:
    """Refuses by size and header what needs no decoder to be refused. Raises PictureRefused."""
    if len(data) > limits.MAX_BYTES:
        raise PictureRefused("too_big")
    kind = kind_of(data)
    if kind == "png" and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
    elif kind == "gif" and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
    else:
        return
    if width * height > limits.MAX_PIXELS or max(width, height) > limits.MAX_SIDE:
        raise PictureRefused("too_large")


def accept(data: bytes) -> Picture:
    """The picture as it may be kept. Raises PictureRefused with the sentence to tell."""
    check_head(data)
    if not AT_ONCE.acquire(timeout=QUEUE_SECONDS):
        raise PictureRefused("busy")
    try:
        head, content = _redrawn(data)
    finally:
        AT_ONCE.release()
    if "refused" in head:
        raise PictureRefused(head["refused"])
    return Picture(content=content, **head)


def _redrawn(data: bytes) -> tuple[dict[str, Any], bytes]:
    """What the child made of it. Of a child that died nothing is kept, whatever it had said before."""
    try:
        child = subprocess.run(  # noqa: S603 (our own script, and only its input is a stranger's)
            # -I: nothing of our environment, folders or start-up files reaches it.
            [sys.executable, "-I", "-B", str(REDRAW)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=limits.WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": "too_heavy"}, b""
    if child.returncode:
        return {"refused": why_it_died(child.returncode, data)}, b""
    line, _newline, content = child.stdout.partition(b"\n")
    return json.loads(line), content


def why_it_died(returncode: int, data: bytes) -> str:
    """The code of a child that came to this end: its limits, or a fault of ours that somebody should look into."""
    if -returncode in LIMIT_SIGNALS:
        return "too_heavy"
    how = f"signal {-returncode}" if returncode < 0 else f"exit code {returncode}"
    # The picture is a stranger's and is not kept; its digest recognises it where somebody can still bring it.
    log.error("opening a picture of %d bytes (sha256 %s) ended by %s", len(data), sha256(data).hexdigest(), how)
    return "crashed"
