"""The search for a string in judged frames: against a plain reckoning of the same, and fed in any parts."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.mouth.align import ALSO, FRAME_SHARE, LONGEST, NEVER, OUTSIDE, Aligner, Place, Segment
from workers.mouth.features import FRAME_SECONDS, Frames

CLASSES = 5


def string(count: int) -> list[Place]:
    """Sounds of three frames up to ten, every third with a pause after it that may be left out or go on."""
    found = []
    for index in range(count):
        if index % 3 == 2:
            found.append(Place(0, 0.1, 0.9, 3, 40, -0.1, -2.5, -0.5))
        else:
            found.append(
                Place(1 + index % (CLASSES - 1), 0.06 + 0.01 * (index % 4), 0.4, 2, 20, -11.0, 0.0, float(NEVER))
            )
    return found


def spoken(places: list[Place], seed: int) -> Frames:
    """Frames in which each place is heard in turn, not too clearly."""
    generator = np.random.default_rng(seed)
    lengths = [int(generator.integers(3, 11)) for _ in places]
    heard = generator.normal(-4, 1.5, (sum(lengths), CLASSES))
    for frame, number in enumerate(n for p, length in zip(places, lengths, strict=True) for n in [p.number] * length):
        heard[frame, number] += 4
    judged: Frames = (heard - heard.max(axis=1, keepdims=True)).astype(np.float32)
    return judged


def length_score(place: Place, frames: int) -> float:
    apart = (math.log(frames) - math.log(place.seconds / FRAME_SECONDS)) / place.spread
    outside = max(0, place.shortest - frames) + max(0, frames - place.longest)
    return -0.5 * apart**2 - math.log(frames * place.spread) + place.cost + float(OUTSIDE) * outside


def plainly(places: list[Place], judged: Frames) -> float:
    """The likelihood of the best path through all frames to the end of the string, by trying everything."""
    sums = [[0.0] * len(places)]
    for row in judged.tolist():
        sums.append([before + row[p.number] * float(FRAME_SHARE) for before, p in zip(sums[-1], places, strict=True)])
    begin = [list(itertools.accumulate([0.0, *(p.skip for p in places[:-1])]))]
    end = [[-math.inf] * len(places)]
    for now in range(1, len(judged) + 1):
        end.append(
            [
                max(
                    begin[then][i] + length_score(place, now - then) + sums[now][i] - sums[then][i]
                    for then in range(max(0, now - LONGEST), now)
                )
                for i, place in enumerate(places)
            ]
        )
        begin.append(
            [
                max(
                    end[now][i] + place.again,
                    end[now][i - 1] if i else -math.inf,
                    end[now][i - 2] + places[i - 1].skip if i > 1 else -math.inf,
                )
                for i, place in enumerate(places)
            ]
        )
    return max(end[-1][-1], end[-1][-2] + places[-1].skip)


def likelihood(path: list[Segment], places: list[Place], judged: Frames) -> float:
    """Of a path as it stands."""
    total = 0.0
    for before, after in itertools.pairwise(path):
        total += sum(place.skip for place in places[before.place + 1 : after.place])
        total += places[after.place].again if before.place == after.place else 0.0
    for segment in path:
        place = places[segment.place]
        total += length_score(place, segment.end - segment.begin)
        total += float(judged[segment.begin : segment.end, place.number].sum()) * float(FRAME_SHARE)
    total += sum(place.skip for place in [*places[: path[0].place], *places[path[-1].place + 1 :]])
    return total


@pytest.mark.parametrize(("count", "seed"), [(2, 1), (5, 2), (9, 3), (9, 4), (14, 5)])
def test_the_path_to_the_end_is_the_likeliest_there_is(count: int, seed: int) -> None:
    places = string(count)
    judged = spoken(places, seed)
    search = Aligner(places)
    search.feed(judged)
    path, score = search.whole()
    assert score == pytest.approx(plainly(places, judged), abs=0.01)
    assert likelihood(path, places, judged) == pytest.approx(score, abs=0.01)
    assert (path[0].begin, path[-1].end) == (0, len(judged))
    assert all(before.end == after.begin for before, after in itertools.pairwise(path))


@settings(max_examples=15)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(3, 30), st.integers(0, 99))
def test_the_path_is_the_same_however_the_frames_come_and_whenever_it_was_asked_for(
    sizes: list[int], count: int, seed: int
) -> None:
    places = string(count)
    judged = spoken(places, seed)
    at_once, in_parts, at = Aligner(places), Aligner(places), 0
    at_once.feed(judged)
    for size in itertools.cycle(sizes):
        if at >= len(judged):
            break
        in_parts.feed(judged[at : at + size])
        at += size
        fresh = Aligner(places)
        fresh.feed(judged[:at])
        assert in_parts.so_far() == fresh.so_far()
    assert in_parts.so_far() == at_once.so_far()
    assert in_parts.whole() == at_once.whole()


@pytest.mark.parametrize(("count", "seed"), [(2, 1), (9, 3), (14, 5)])
def test_a_sound_heard_as_one_of_its_others_costs_no_more_than_the_price(count: int, seed: int) -> None:
    other = CLASSES  # a class that is no place's own
    plain = string(count)
    places = [replace(place, also=(other, 1)) if place.number == 2 else place for place in plain]
    judged = np.pad(spoken(plain, seed), ((0, 0), (0, 1)), constant_values=-9)
    judged[:, other] = np.where(judged[:, 2] == 0, 0, -9)
    judged[:, 2] = np.where(judged[:, 2] == 0, -9, judged[:, 2])
    as_best = judged.copy()
    as_best[:, 2] = np.maximum(judged[:, 2], np.maximum(judged[:, other], judged[:, 1]) + float(ALSO))
    search, expected = Aligner(places), Aligner(plain)
    search.feed(judged)
    expected.feed(as_best)
    assert search.whole() == expected.whole()
    strict = Aligner(plain)
    strict.feed(judged)
    assert count < 3 or strict.whole()[1] < search.whole()[1]


def test_before_any_frame_there_is_no_path() -> None:
    search, judged = Aligner(string(5)), spoken(string(5), 1)
    search.feed(judged[:0])
    assert search.so_far() == ([], 0.0)
    search.feed(judged)
    assert search.so_far()[0][-1].end == len(judged)
