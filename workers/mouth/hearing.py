"""Where the sounds of a text are in a whole clip, and what is heard where the text does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from workers.mouth.align import NEVER, Aligner, Place, Segment, joined
from workers.mouth.classifier import Classifier
from workers.mouth.course import Sound
from workers.mouth.features import FRAME_SECONDS, Frames, Voice, voice_of, with_edges
from workers.mouth.guess import SHAPES, Guess
from workers.mouth.keys import KeyWriter
from workers.mouth.memory import Memory
from workers.mouth.sounds import NUMBER, PAUSE, VOWELS
from workers.mouth.visemes import CLOSING, Shape

BOUNDARY_MS = 7.5
"""A boundary before frame k lies here after the frame's first sample: between the middles of the two frames."""
SHORTEST_PAUSE_MS = 60.0
"""Silence between sounds that shuts the mouth; a shorter one is part of speaking."""
SILENT, SILENT_FRAMES = 9.0, 10
"""Nepers under a voice's loudest, and for how many frames, that are silence whatever else is thought."""
STRETCH, OVERLAP = 1500, 300
"""Frames searched in one go, and how many at its end are searched again with what follows."""
STRETCH_PLACES = 420
RATES = (0.55, 1.8)
MISFIT = 2.0
"""Mean loss of log likelihood per speaking frame against the best classes, above which the text is not what is said."""


@dataclass(frozen=True, slots=True)
class Span:
    """A shape (None: pause) over frames [begin, end)."""

    shape: Shape | None
    begin: int
    end: int


def places_of(sounds: Sequence[Sound], ear: Classifier, rate: float) -> list[Place]:
    """The string as the search takes it, for a voice that speaks `rate` times as fast as the usual."""
    found = []
    for sound in sounds:
        number = NUMBER[sound.name]
        if sound.shape is None:
            skip, cost, seconds = (-1.0, -0.5, 0.20) if sound.between_clauses else (-0.1, -2.5, 0.10)
            found.append(Place(number, seconds, 0.9, 3, 40, skip, cost, again=-0.5))
            continue
        closing = sound.shape.viseme in CLOSING
        seconds = float(ear.durations[number]) * sound.length / rate
        shortest, longest = (3, 20) if closing else (2, 30)
        again = -6.0 if sound.name in VOWELS else float(NEVER)
        spread = float(ear.spreads[number])
        also = tuple(NUMBER[name] for name in sound.also)
        found.append(Place(number, seconds, spread, shortest, longest, -11.0, 0.0, again, also))
    return found


def rate_of(sounds: Sequence[Sound], judged: Frames, ear: Classifier, usual: float) -> float:
    """How fast the voice speaks, from the length of speech and what the text should take."""
    expected = sum(float(ear.durations[NUMBER[s.name]]) * s.length for s in sounds if s.shape is not None)
    spoken = float((judged.argmax(axis=1) != NUMBER[PAUSE]).sum()) * FRAME_SECONDS
    if expected < 0.3 or spoken < 0.3:
        return usual
    return bounded(expected / spoken)


def bounded(rate: float) -> float:
    low, high = RATES
    return min(high, max(low, rate))


def found_in(sounds: Sequence[Sound], judged: Frames, ear: Classifier, rate: float) -> list[Segment] | None:
    """Where the string is in the frames, from the first to the last; None where it is not what is said."""
    places = places_of(sounds, ear, rate)
    found: list[Segment] = []
    frame = first = 0
    while True:
        stretch = judged[frame : frame + STRETCH]
        rest = places[first : first + STRETCH_PLACES]
        if len(rest) < 2:
            break
        search = Aligner(rest)
        search.feed(stretch)
        is_last = frame + STRETCH >= len(judged)
        ends = is_last and first + STRETCH_PLACES >= len(places)
        kept = joined((search.to_the_end if ends else search.so_far)()[0])
        if not is_last:
            kept = [s for s in kept if s.end <= len(stretch) - OVERLAP] or kept
        found += [Segment(s.place + first, s.begin + frame, s.end + frame) for s in kept]
        if is_last:
            break
        frame, first = found[-1].end, found[-1].place + 1
    return found if misfit(found, sounds, judged) < MISFIT else None


def misfit(found: Sequence[Segment], sounds: Sequence[Sound], judged: Frames) -> float:
    """Mean loss where something is said."""
    lost = losses(found, sounds, judged)
    return sum(lost) / len(lost) if lost else 0.0


def losses(found: Sequence[Segment], sounds: Sequence[Sound], judged: Frames, first: int = 0) -> list[float]:
    """Log likelihood lost against the likeliest class in each of these frames in which something is said.

    `first` is the number of the first of them. No numpy: mostly they are two.
    """
    pause, count = NUMBER[PAUSE], len(judged)
    numbers = [pause] * count
    for segment in found:
        begin, end = max(0, segment.begin - first), min(count, segment.end - first)
        if begin < end:
            numbers[begin:end] = [NUMBER[sounds[segment.place].name]] * (end - begin)
    return [
        -float(frame[number])
        for frame, number in zip(judged, numbers, strict=True)
        if number != pause or frame[pause] < 0
    ]


def spans_of(found: Sequence[Segment], sounds: Sequence[Sound]) -> list[Span]:
    return [Span(sounds[segment.place].shape, segment.begin, segment.end) for segment in found]


def guessed(judged: Frames, ear: Classifier) -> list[Span]:
    """What is heard, without a text."""
    guess = Guess(ear)
    guess.feed(judged)
    return [Span(SHAPES[segment.place], segment.begin, segment.end) for segment in guess.so_far()]


def rate_found(found: Sequence[Segment], sounds: Sequence[Sound], ear: Classifier) -> float | None:
    """How fast the voice really spoke, where enough of it was found."""
    if not found:
        return None
    spoken = sum(s.end - s.begin for s in found if sounds[s.place].shape is not None) * FRAME_SECONDS
    said = sounds[found[0].place : found[-1].place + 1]  # a sound no place was found for is part of its neighbours
    expected = sum(float(ear.durations[NUMBER[s.name]]) * s.length for s in said if s.shape is not None)
    return bounded(expected / spoken) if spoken > 0.5 else None


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a whole clip told."""

    spans: list[Span]
    rate: float | None
    """How fast the voice spoke, where the text was found."""
    voice: Voice


def hear_whole(spectra: Frames, sounds: Sequence[Sound], ear: Classifier, memory: Memory, usual_rate: float) -> Hearing:
    """The shapes of a whole clip: the text's sounds where they are found, else what is heard."""
    voice = memory.refine(voice_of(spectra), len(spectra) // 2)
    judged = judged_from(0, spectra, voice, ear)
    found = None
    if sounds:
        found = found_in(sounds, judged, ear, rate_of(sounds, judged, ear, usual_rate))
    if found is None:
        return Hearing(shut_in_silence(guessed(judged, ear), spectra, voice), None, voice)
    spans = shut_in_silence(spans_of(found, sounds), spectra, voice)
    return Hearing(spans, rate_found(found, sounds, ear), voice)


def hear_rest(
    spectra: Frames, known: Sequence[Segment], sounds: Sequence[Sound], ear: Classifier, memory: Memory, rate: float
) -> Hearing | None:
    """The shapes of a whole clip of which all before the last of `known` stays as it is.

    None where the rest of the text is not what is said.
    """
    voice = memory.refine(voice_of(spectra), len(spectra) // 2)
    *before, last = known
    rest = found_in(sounds[last.place :], judged_from(last.begin, spectra, voice, ear), ear, rate)
    if rest is None:
        return None
    found = [*before, *(Segment(s.place + last.place, s.begin + last.begin, s.end + last.begin) for s in rest)]
    spans = shut_in_silence(spans_of(found, sounds), spectra, voice)
    return Hearing(spans, rate_found(found, sounds, ear), voice)


def judged_from(frame: int, spectra: Frames, voice: Voice, ear: Classifier) -> Frames:
    """The frames of a whole clip from one on, as they are judged."""
    first = max(0, frame - ear.behind)
    heard = voice.heard_by(spectra[first:])
    return ear.judge(with_edges(heard, ear.behind - (frame - first), ear.ahead))


def shut_in_silence(spans: Sequence[Span], spectra: Frames, voice: Voice) -> list[Span]:
    """The spans with a pause wherever nothing at all is heard, whatever the search made of it."""
    quiet = np.concatenate([[0], spectra.max(axis=1) < voice.top - SILENT, [0]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(quiet)).reshape(-1, 2)
    found = list(spans)
    for begin, end in edges[edges[:, 1] - edges[:, 0] >= SILENT_FRAMES].tolist():
        before = [s if s.end <= begin else replace(s, end=begin) for s in found if s.begin < begin]
        after = [s if s.begin >= end else replace(s, begin=end) for s in found if s.end > end]
        found = [*before, Span(None, begin, end), *after]
    return found


def write(spans: Sequence[Span], keys: KeyWriter) -> None:
    """Shapes to keys. A pause too short to be seen leaves the mouth as it is."""
    for span in spans:
        start, end = at_ms(span.begin), at_ms(span.end)
        if span.shape is not None:
            keys.shape(span.shape, start, end)
        elif end - start >= SHORTEST_PAUSE_MS or keys.last is None:
            keys.shut(start)


def at_ms(frame: int) -> float:
    """Where a boundary before a frame lies in the clip."""
    return frame * FRAME_SECONDS * 1000 + BOUNDARY_MS if frame else 0.0
