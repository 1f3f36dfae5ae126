"""Broken and hostile uploads: each is refused with a sentence or drawn anew within its bounds."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from benchmarks.hostile_pictures import animated, good, hostile, mutations
from personas.uploads import limits
from personas.uploads.picture import FIGURES, SENTENCES, Picture, PictureRefused, accept

BATCHES, IN_A_BATCH = 10, 15
"""150 mutations in all; `benchmarks/picture_fuzz.py` tries ten thousand."""
MOST_KB = 256 * 1024
CORPUS = hostile()

REFUSED = {
    "empty": "empty",
    "jpeg": "jpeg",
    "svg": "svg",
    "html": "other",
    "bmp": "other",
    "tiff": "other",
    "layers of a drawing program": "project",
    "archive": "project",
    "video": "video",
    "wrong magic": "other",
    "half a png": "broken",
    "half a webp": "broken",
    "png that calls itself gif": "broken",
    "gif that calls itself png": "broken",
    "huge by header": "too_large",
    "negative by header": "too_large",
    "wide beyond measure": "too_large",
    "bomb beyond the limit": "too_large",
    "gif screen of 65535": "too_large",
    "a line": "too_small",
    "flood by announcement": "too_many_frames",
    "flood of frames, apng": "too_many_frames",
    "flood of frames, gif": "too_many_frames",
    "flood of frames, webp": "too_many_frames",
    "animation of an hour": "too_long",
    "wide animation": "too_heavy",
    "nothing to see": "invisible",
    "bomb at the limit": "invisible",
    "larger than allowed": "too_big",
}
"""Corpus entry -> why it is refused. The others may be refused or accepted, by what the decoder makes of them."""


def outcome(data: bytes) -> Picture | PictureRefused:
    try:
        return accept(data)
    except PictureRefused as refused:
        return refused


def harmless(answer: Picture | PictureRefused) -> bool:
    """A sentence that tells and mends, or a picture within bounds that is what it says and nothing more."""
    if isinstance(answer, PictureRefused):
        return str(answer) == str(SENTENCES[answer.code]) % FIGURES
    with Image.open(io.BytesIO(answer.content)) as image:
        size, kind = image.size, str(image.format)
    return (
        answer.peak_kb < MOST_KB
        and answer.cpu_ms < 2000
        and kind.lower() == answer.extension
        and size == (answer.width, answer.height)
        and max(size) <= limits.STILL_SIDE
        and answer.frames <= limits.MAX_FRAMES
    )


@pytest.mark.parametrize("name", CORPUS)
def test_hostile_files_do_no_harm(name: str) -> None:
    answer = outcome(CORPUS[name]())
    assert harmless(answer)
    if name in REFUSED:
        assert isinstance(answer, PictureRefused)
        assert answer.code == REFUSED[name]


@pytest.mark.parametrize("name", good())
def test_fine_files_are_taken(name: str) -> None:
    answer = outcome(good()[name])
    assert isinstance(answer, Picture)
    assert harmless(answer)
    assert (answer.frames > 1) == name.startswith("animated")


@pytest.mark.parametrize("seed", range(BATCHES))
def test_mutated_files_do_no_harm(seed: int) -> None:
    cases = list(mutations(IN_A_BATCH, seed=seed))
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(outcome, (data for _name, data in cases)))
    assert [name for (name, _data), answer in zip(cases, answers, strict=True) if not harmless(answer)] == []


@pytest.mark.parametrize("name", ["png with an archive behind", "png with a page behind", "secret in the metadata"])
def test_nothing_but_pixels_is_kept(name: str) -> None:
    kept = accept(CORPUS[name]())
    for stowaway in (b"payload", b"script", b"home address", b"PK\x03\x04"):
        assert stowaway not in kept.content
    with Image.open(io.BytesIO(kept.content)) as image:
        assert not image.info.keys() & {"exif", "icc_profile", "Author", "xmp"}


def test_pixels_survive() -> None:
    data = good()["still.png"]
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(accept(data).content)) as after:
        assert before.convert("RGBA").tobytes() == after.convert("RGBA").tobytes()


def test_animations_keep_their_frames_and_times() -> None:
    kept = accept(animated("GIF", 5, duration=120))
    assert (kept.frames, kept.milliseconds, kept.extension) == (5, 600, "webp")
    with Image.open(io.BytesIO(kept.content)) as image:
        assert getattr(image, "n_frames", 1) == 5


def test_large_pictures_become_as_large_as_a_stage_needs() -> None:
    big = io.BytesIO()
    Image.new("RGBA", (4000, 3000), "#ff00ff80").save(big, "PNG")
    kept = accept(big.getvalue())
    assert (kept.width, kept.height) == (1600, 1200)
    assert kept.peak_kb < MOST_KB
