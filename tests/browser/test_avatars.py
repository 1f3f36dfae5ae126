"""Every face, mood and mouth is seen to be different, and nothing is painted where the stream shall show through."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from benchmarks.avatar_stage import FACES, MOODS, VISEMES, Stage, corners, least_difference, picture_set

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SMALL = 300
"""The size of a modest box in OBS; what is told apart here is told apart larger."""
LEAST = 0.0008
ROUNDING = 2
"""Levels of 255 by which an edge of the same picture may come out differently: it is painted in parallel tiles."""


def largest_difference(one: Image.Image, other: Image.Image) -> int:
    """Of any channel of any pixel, 0..255."""
    return int(np.abs(np.asarray(one, int) - np.asarray(other, int)).max())


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(SMALL) as opened:
        yield opened


@pytest.mark.parametrize("face", FACES)
def test_moods_are_told_apart(face: str, stage: Stage) -> None:
    stills = [stage.still(FACES[face], mood=mood) for mood in MOODS]
    assert least_difference(stills) > 5 * LEAST
    assert {tuple(corners(still)) for still in stills} == {(0, 0, 0, 0)}


@pytest.mark.parametrize("face", FACES)
def test_mouths_are_told_apart(face: str, stage: Stage) -> None:
    stills = [stage.still(FACES[face], mouth=mouth) for mouth in VISEMES]
    assert least_difference(stills) > LEAST
    assert {tuple(corners(still)) for still in stills} == {(0, 0, 0, 0)}


def test_faces_are_told_apart_by_more_than_hair_and_clothes(stage: Stage) -> None:
    faces = [stage.still(FACES["soft"] | {"face": face}) for face in ("soft", "sharp", "gentle", "cool")]
    assert least_difference(faces) > 0.01


def test_the_same_wish_gives_the_same_picture(stage: Stage) -> None:
    one, other = (stage.still(FACES["cool"], mood="shy", mouth="O") for _ in range(2))
    assert largest_difference(one, other) <= ROUNDING


def test_the_waving_hand_stays_off_the_corners(stage: Stage) -> None:
    for face in FACES.values():
        assert corners(stage.still(face, gesture="wave", after=900)) == [0, 0, 0, 0]


def test_every_frame_is_drawn_while_she_talks_and_every_second_while_she_idles(stage: Stage) -> None:
    assert stage.drawn(FACES["soft"], "talking") == 120
    assert 55 <= stage.drawn(FACES["soft"], "idle") <= 66


def test_an_unknown_kind_is_drawn(stage: Stage) -> None:
    drawn = stage.still({"kind": "hologram"})
    assert largest_difference(drawn, stage.still({"kind": "svg"})) <= ROUNDING


def test_her_own_pictures_show_mood_and_mouth(stage: Stage) -> None:
    spec = picture_set(stage)
    stills = [stage.still(spec, mood=mood, mouth=mouth) for mood in MOODS for mouth in ("sil", "SS", "aa")]
    assert least_difference(stills) > LEAST
    assert {tuple(corners(still)) for still in stills} == {(0, 0, 0, 0)}


def test_closed_lips_show_the_closed_picture(stage: Stage) -> None:
    spec = picture_set(stage)
    stage.still(spec)  # her pictures are loaded with the first
    shut = [stage.still(spec, mouth=mouth) for mouth in ("PP", "sil")]
    assert largest_difference(*shut) <= ROUNDING


def moved(one: Image.Image, other: Image.Image, left: int, top: int, right: int, bottom: int) -> float:
    """Pixels by which what is inside the box (of the drawing's 800) went aside, to fractions of a pixel."""
    scale = SMALL / 828  # the drawing's own frame: 828 wide, from -14, 16
    x0, x1 = (round((x + 14) * scale) for x in (left, right))
    y0, y1 = (round((y - 16) * scale) for y in (top, bottom))
    before, after = (np.asarray(image.convert("L"), float)[y0:y1] for image in (one, other))
    steps = range(-6, 7)
    misfit = [float(((before[:, x0:x1] - after[:, x0 + step : x1 + step]) ** 2).mean()) for step in steps]
    best = int(np.argmin(misfit))
    less, least, more = misfit[best - 1 : best + 2]
    return steps[best] + (less - more) / (2 * (less - 2 * least + more))


def test_a_turning_head_moves_what_is_near_further_than_what_is_far(stage: Stage) -> None:
    before, turned = (stage.still(FACES["soft"], gesture="shake", after=after) for after in (0, 200))
    eyes = moved(before, turned, 300, 390, 500, 470)
    mouth = moved(before, turned, 360, 500, 440, 560)
    fringe = moved(before, turned, 300, 200, 500, 300)
    torso = moved(before, turned, 300, 690, 500, 800)
    assert min(eyes, mouth) > 1
    assert min(eyes, mouth) > 1.5 * fringe > 3 * torso > 0
