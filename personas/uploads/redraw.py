"""The child: reads one picture from stdin, draws its pixels anew, and writes what may be kept to stdout.

Started as a script of its own with an empty environment (see `picture.py`). It takes its limits before it touches the
data, knows three formats, and keeps nothing but pixels and frame times: comments, profiles, positions and whatever
else a file carried stay behind. Output: one JSON line, then the bytes. A refusal is a JSON line with `refused`.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import limits  # type: ignore[import-not-found]  # started as a script, it finds its neighbour by the line above

FORMATS = ("PNG", "WEBP", "GIF")


class RefusedError(Exception):
    """The picture cannot be kept; the argument is the reason's code."""


def confine() -> None:
    """Bounds this process for good. macOS knows no address space limit and refuses to set one."""
    for what, most in (
        (resource.RLIMIT_CPU, limits.CPU_SECONDS),
        (resource.RLIMIT_AS, limits.ADDRESS_SPACE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            if sys.platform.startswith("linux"):
                raise


def redraw(data: bytes) -> tuple[dict[str, Any], bytes]:
    """(facts, file) of the picture drawn anew. Raises RefusedError, and whatever Pillow raises on broken data."""
    # These register the three formats. Asked for one it has not met, Pillow would load all its forty others: half of
    # the time of most uploads, and decoders that are nobody's business here.
    from PIL import GifImagePlugin, Image, PngImagePlugin, WebPImagePlugin  # noqa: F401

    Image._initialized = 2
    Image.MAX_IMAGE_PIXELS = limits.MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        if width * height > limits.MAX_PIXELS or max(width, height) > limits.MAX_SIDE:
            raise RefusedError("too_large")
        if min(width, height) < limits.MIN_SIDE:
            raise RefusedError("too_small")
        if getattr(image, "is_animated", False):
            return animation(image)
        return still(image)


def still(image: Any) -> tuple[dict[str, Any], bytes]:
    kept = pixels_of(image, limits.STILL_SIDE)
    # A lossless file as long as it stays small; photographs and noise do not.
    out = io.BytesIO()
    kept.save(out, "PNG", compress_level=4)
    extension = "png"
    if out.tell() > limits.MAX_KEPT_BYTES // 4:
        out = io.BytesIO()
        kept.save(out, "WEBP", quality=92, method=2)
        extension = "webp"
    return facts(kept, extension, frames=1, milliseconds=0), out.getvalue()


def animation(image: Any) -> tuple[dict[str, Any], bytes]:
    width, height = image.size
    # The header of an APNG tells the number; a GIF is counted, frame by frame, up to the limit.
    if image.format == "PNG" and image.n_frames > limits.MAX_FRAMES:
        raise RefusedError("too_many_frames")
    frames: list[Any] = []
    times: list[int] = []
    side = limits.ANIMATION_SIDE
    while True:
        if len(frames) == limits.MAX_FRAMES:
            raise RefusedError("too_many_frames")
        if width * height * (len(frames) + 1) > limits.MAX_ANIMATION_PIXELS:
            raise RefusedError("too_heavy")
        frames.append(pixels_of(image, side))
        # Known once the frame is loaded. Browsers show frames of less than 20 ms for 100 ms; so do we.
        told = image.info.get("duration", 100)
        shown = int(told) if isinstance(told, int | float) and 0 <= told < 1e6 else 100
        times.append(shown if shown >= 20 else 100)
        if sum(times) > limits.MAX_SECONDS * 1000:
            raise RefusedError("too_long")
        try:
            image.seek(len(frames))
        except EOFError:
            break
    side = min(side, int((limits.KEPT_ANIMATION_PIXELS / len(frames)) ** 0.5))
    frames = [fitted(frame, side) for frame in frames]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=times, loop=0, quality=88, method=0)
    return facts(frames[0], "webp", frames=len(frames), milliseconds=sum(times)), out.getvalue()


def pixels_of(image: Any, side: int) -> Any:
    """The pixels alone, no longer than `side`, in an image that has never seen the file.

    Resized first and copied then: of 16 million pixels no more than two copies fit into the memory there is.
    """
    from PIL import Image

    image.load()
    small = fitted(image if image.mode == "RGBA" else image.convert("RGBA"), side)
    clean = Image.new("RGBA", small.size)
    clean.im.paste(small.im, (0, 0, *small.size))
    return clean


def fitted(image: Any, side: int) -> Any:
    from PIL import Image

    longest = max(image.size)
    if longest <= side:
        return image
    size = tuple(max(1, round(length * side / longest)) for length in image.size)
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def facts(image: Any, extension: str, *, frames: int, milliseconds: int) -> dict[str, Any]:
    if not image.getextrema()[3][1]:
        raise RefusedError("invisible")
    return {
        "extension": extension,
        "width": image.width,
        "height": image.height,
        "frames": frames,
        "milliseconds": milliseconds,
        "opaque": image.getextrema()[3][0] == 255,
    }


def spent() -> dict[str, int]:
    """Most memory held (kB) and CPU time taken (ms) by this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = used.ru_maxrss
    with contextlib.suppress(OSError):
        # Linux counts the parent's memory into ru_maxrss until the child has grown beyond it.
        status = Path("/proc/self/status").read_text()
        peak = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), peak)
    return {"peak_kb": peak, "cpu_ms": round((used.ru_utime + used.ru_stime) * 1000)}


def answer(data: bytes) -> tuple[dict[str, Any], bytes]:
    """What is told of `data`, and the file to keep; `refused` with a code and no file where nothing is kept."""
    kept = b""
    try:
        told, kept = redraw(data)
        if len(kept) > limits.MAX_KEPT_BYTES:
            told, kept = {"refused": "too_heavy"}, b""
    except RefusedError as refused:
        told = {"refused": str(refused)}
    except MemoryError:
        told = {"refused": "too_heavy"}
    except Exception as error:
        # A decoder may raise anything on hostile data; all of it means that the file is no good picture.
        bomb = type(error).__name__ in {"DecompressionBombError", "DecompressionBombWarning"}
        told = {"refused": "too_large" if bomb else "broken"}
    return told | spent(), kept


def main() -> None:
    confine()
    told, kept = answer(sys.stdin.buffer.read(limits.MAX_BYTES + 1))
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + kept)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
