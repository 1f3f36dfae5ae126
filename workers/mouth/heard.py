"""The mouth of one clip whose sounds must be found by ear, while the clip streams in.

With each part comes a guess up to its end; what lies `LAG` behind is final. The end of the clip corrects what was not
heard yet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from workers.mouth.align import Aligner, Segment, joined, tied
from workers.mouth.classifier import Classifier
from workers.mouth.course import Sound
from workers.mouth.features import FRAME_SECONDS, HOP, Frames, Spectra, Voice, voice_of, with_edges
from workers.mouth.guess import SHAPES, Guess
from workers.mouth.hearing import (
    Span,
    at_ms,
    hear_rest,
    hear_whole,
    losses,
    places_of,
    rate_found,
    rate_of,
    shut_in_silence,
    write,
)
from workers.mouth.keys import SHORTEST_CLOSURE_MS, KeyWriter
from workers.mouth.memory import Ears, Memory
from workers.mouth.rows import Rows
from workers.mouth.sounds import NUMBER
from workers.mouth.visemes import CLOSING, Shape
from workers.pipeline.values import SAMPLE_RATE, MouthKey, Viseme

LAG = 7
"""Judged frames after which a shape is final. With the ear's look-ahead, the window and parts of 20 ms: 145 ms."""
RENEW_FRAMES = 500
"""So long a search goes on before it starts again from what is final."""
RENEW_PLACES = 200
QUIET = 6.5
"""Nepers under the voice's loudest at which nothing is said."""
QUIET_FRAMES = 4
NOWHERE = 1 << 30
DOUBT_FRAMES = 80
"""Speaking frames over which it is judged whether the text is what is said."""
MISFIT = 2.4
BACK_FRAMES = 30
"""How far before the present the search without a text begins when the text is given up."""
REST_FRAMES = 100
"""How far before what was not heard yet the clip is searched again at its end."""
LITTLE_MS = 300.0
"""So little sound not heard yet is not worth a second search: the one that followed the clip ends it."""
ENOUGH_SPEECH = 30
"""Loud frames of a clip from which its voice is learned."""


class HeardTrack:
    """Samples in, keys out; a list of keys replaces all at or after its first."""

    def __init__(
        self, ear: Classifier, memory: Memory, language: str, *, is_hurried: Callable[[], bool] = lambda: False
    ) -> None:
        """`is_hurried` is asked at the end of a clip: the search that followed it then has to do, which takes a tenth
        of the time."""
        self._is_hurried = is_hurried
        self._ear, self._memory, self._language = ear, memory, language
        self._spectra, self._ears = Spectra(), Ears(memory)
        self._raw, self._judged = Rows(len(memory.typical_colour), np.float32), Rows(len(ear.durations), np.float32)
        self._loudest: list[float] = []
        """Of each frame of `_raw`: its loudest band."""
        self._samples = 0
        self._sounds: Sequence[Sound] = ()
        self._doubts = deque[float](maxlen=DOUBT_FRAMES)
        self._first_frame = self._first_place = 0
        self._search: Aligner | Guess = Guess(ear)
        self._final: Segment | None = None
        self._path: list[Segment] = []
        """All that is final of the text's sounds. Empty where the text is not what is said."""
        self._horizon = 0
        self._keys = KeyWriter()
        self._told: list[MouthKey] = []
        """What the listener's page knows; the first `_certain` of them are final."""
        self._certain = 0

    @property
    def settled(self) -> float:
        """Milliseconds before which no shape changes any more."""
        return at_ms(self._horizon)

    def follow(self, sounds: Sequence[Sound]) -> None:
        """The text's sounds, once they are known."""
        if sounds:
            self._sounds = sounds
            self._search_text(0, 0)

    def feed(self, samples: Frames) -> Sequence[MouthKey]:
        self._samples += len(samples)
        spectra = self._spectra.feed(samples)
        self._raw.add(spectra)
        self._loudest += self._ears.hear(spectra)
        self._judge()
        fresh = self._fresh()
        horizon = max(self._horizon, len(self._judged) - LAG)
        final = [segment for segment in fresh if segment.begin <= horizon]
        write([self._span(segment) for segment in final], self._keys)
        certain = list(self._keys.take())
        guess = self._keys.copy()
        write([*(self._span(segment) for segment in fresh[len(final) :]), *self._coming(fresh)], guess)
        if guess.last is None:
            guess.shut(0.0)
        self._settle(fresh, final, horizon)
        return self._tell(certain, list(guess.take()))

    def finish(self, heard_ms: float) -> Sequence[MouthKey]:
        """The clip is over: its keys after `heard_ms`, as well as they can be known. Remembers the voice."""
        spectra = self._spectra.finish()
        self._raw.add(spectra)
        is_little = self._samples / SAMPLE_RATE * 1000 - heard_ms <= LITTLE_MS
        if (is_little or self._is_hurried()) and self._path:
            self._ears.hear(spectra)
            return self._correct([*self._told[: self._certain], *self._from_search()], heard_ms)
        return self._correct(self._from_whole(self._known_by(heard_ms)), heard_ms)

    def whole(self, samples: Frames) -> Sequence[MouthKey]:
        """All keys of a clip that is fed in one piece."""
        self._samples = len(samples)
        self._raw.add(self._spectra.feed(samples))
        self._raw.add(self._spectra.finish())
        return self._from_whole([])

    def _known_by(self, heard_ms: float) -> list[Segment]:
        """What was final so long before `heard_ms` that looking at it again changes nothing after that."""
        last = heard_ms / 1000 / FRAME_SECONDS - REST_FRAMES
        return tied([segment for segment in self._path if segment.begin <= last])

    def _from_whole(self, known: Sequence[Segment]) -> list[MouthKey]:
        """The keys of the whole clip, of which all before the last of `known` need not be looked for again."""
        if not len(self._raw):  # too short for anything to be heard in it
            return [MouthKey(0.0, Viseme.SIL)]
        memory = self._memory
        spectra = self._raw.all
        hearing = None
        if known:
            rate = rate_of(self._sounds, self._judged.all, self._ear, memory.rate(self._language))
            hearing = hear_rest(spectra, known, self._sounds, self._ear, memory, rate)
        if hearing is None:
            hearing = hear_whole(spectra, self._sounds, self._ear, memory, memory.rate(self._language))
        self._learn(hearing.voice, hearing.rate)
        return self._last_keys(hearing.spans, KeyWriter())

    def _from_search(self) -> list[MouthKey]:
        """The keys after the final ones, as the search that followed the clip ends it."""
        self._judge(is_over=True)
        fresh = self._fresh(is_over=True)
        path = tied([*self._path, *fresh])
        voice = self._memory.refine(voice_of(self._raw.all), len(self._raw) // 2)
        self._learn(voice, rate_found(path, self._sounds, self._ear))
        spans = shut_in_silence([self._span(segment) for segment in path[-1 - len(fresh) :]], self._raw.all, voice)
        return self._last_keys(spans, self._keys)

    def _learn(self, voice: Voice, rate: float | None) -> None:
        if rate is not None:
            self._memory.learn_rate(self._language, rate)
        if int((self._raw.all.max(axis=1) > voice.top - QUIET).sum()) > ENOUGH_SPEECH:
            self._memory.learn_voice(voice)

    def _last_keys(self, spans: Sequence[Span], keys: KeyWriter) -> list[MouthKey]:
        """Writes the spans that end the clip, and shuts the mouth behind them."""
        write(spans, keys)
        end = self._samples / SAMPLE_RATE * 1000
        spoken = [span.end for span in spans if span.shape is not None]
        keys.shut(min(end, at_ms(max(spoken, default=0))))
        return [key for key in keys.take() if key.at <= end]

    # The search

    def _judge(self, *, is_over: bool = False) -> None:
        """Judges every frame that has its neighbours; those after the last are as the last once the clip is over."""
        ear, known = self._ear, len(self._judged)
        after = ear.ahead if is_over else 0
        fresh = len(self._raw) + after - ear.ahead - known
        if fresh <= 0:
            return
        around = self._raw.all[max(0, known - ear.behind) :]
        heard = self._ears.voice.heard_by(around)
        if known < ear.behind or after:
            heard = with_edges(heard, max(0, ear.behind - known), after)
        judged = ear.judge(heard)
        self._judged.add(judged)
        self._search.feed(judged)

    def _fresh(self, *, is_over: bool = False) -> list[Segment]:
        """The best path after what is final; where the clip is over, one that ends with the text if that is likely."""
        last = self._final
        since = 0 if last is None else max(0, last.begin - self._first_frame)
        if isinstance(self._search, Guess):
            path = self._search.so_far(since)
        elif self._search.frames:
            reaches_end = is_over and self._first_place + RENEW_PLACES >= len(self._sounds)
            path = joined((self._search.to_the_end if reaches_end else self._search.so_far)(since)[0])
        else:
            path = [Segment(0, 0, 0)]
        path = [
            Segment(s.place + self._first_place, s.begin + self._first_frame, s.end + self._first_frame) for s in path
        ]
        if last is None:
            return path
        if isinstance(self._search, Guess):
            coming = [segment for segment in path if segment.begin > last.begin]
        else:
            coming = [segment for segment in path if segment.place > last.place]
        return self._moved(coming, max(last.begin, self._horizon) + 1)

    def _moved(self, path: Sequence[Segment], begin: int) -> list[Segment]:
        """The path behind what is final. What no room is left for is dropped, but never a closing of lips."""
        found: list[Segment] = []
        for segment in path:
            shape = self._shape(segment.place)
            start = max(segment.begin, begin)
            if segment.end > start or (shape is not None and shape.viseme in CLOSING):
                found.append(Segment(segment.place, start, max(segment.end, start + 1)))
                begin = start + 1
        return found

    def _search_text(self, frame: int, place: int) -> None:
        """Begins a search for the text's sounds from `place` on, at a frame."""
        rate = self._memory.rate(self._language)
        self._first_frame, self._first_place = frame, place
        self._search = Aligner(places_of(self._sounds[place : place + RENEW_PLACES], self._ear, rate))
        self._search.feed(self._judged.all[frame:])
        if self._final is not None and not place:
            self._final = self._final._replace(place=-1)

    def _settle(self, fresh: Sequence[Segment], final: Sequence[Segment], horizon: int) -> None:
        """Takes note of what is final now; doubts the text, or begins a new search where this one grew long."""
        if not isinstance(self._search, Guess):
            last = self._final
            known = fresh if last is None or last.place < 0 else [last._replace(end=horizon), *fresh]
            self._doubts += losses(known, self._sounds, self._judged.all[self._horizon : horizon], self._horizon)
            self._path += final
        self._final = final[-1] if final else self._final
        self._horizon = horizon
        if isinstance(self._search, Guess) or self._final is None:
            return
        if len(self._doubts) == DOUBT_FRAMES and sum(self._doubts) > MISFIT * DOUBT_FRAMES:
            self._first_frame, self._first_place = max(0, len(self._judged) - BACK_FRAMES), 0
            self._path.clear()
            self._search = Guess(self._ear)
            self._search.feed(self._judged.all[self._first_frame :])
            self._final = self._final._replace(place=NUMBER[self._sounds[self._final.place].name])
        elif self._search.frames > RENEW_FRAMES and len(self._sounds) - self._final.place > 2:
            self._search_text(self._final.begin, self._final.place)

    # From sounds to keys

    def _span(self, segment: Segment) -> Span:
        return Span(self._shape(segment.place), segment.begin, segment.end)

    def _shape(self, place: int) -> Shape | None:
        return SHAPES[place] if isinstance(self._search, Guess) else self._sounds[place].shape

    def _coming(self, fresh: Sequence[Segment]) -> list[Span]:
        """What probably goes on up to the end of the sound there is, from the text and from how loud it is."""
        frame, end = len(self._judged), self._samples // HOP + 1
        limit = self._ears.top - QUIET
        quiet = [loudest < limit for loudest in self._loudest[frame:]]
        present = fresh[-1] if fresh else self._final
        coming: list[Span] = []
        if present is None or not quiet:
            return coming
        if self._shape(present.place) is None and not all(quiet):
            frame += quiet.index(False)
        elif not isinstance(self._search, Guess):
            frame = max(frame, present.begin + round(self._usual_frames(present.place)))
        silent = len(self._judged) + _first_run(quiet, QUIET_FRAMES)
        if not isinstance(self._search, Guess):
            for place in range(present.place + 1, len(self._sounds)):
                sound = self._sounds[place]
                if frame >= min(silent, end) or (sound.shape is None and sound.between_clauses):
                    break
                if sound.shape is not None:
                    after = frame + max(1, round(self._usual_frames(place)))
                    coming.append(Span(sound.shape, frame, after))
                    frame = after
        return [*coming, Span(None, silent, silent + 99)] if silent < end else coming

    def _usual_frames(self, place: int) -> float:
        sound = self._sounds[place]
        rate = self._memory.rate(self._language)
        return float(self._ear.durations[NUMBER[sound.name]]) * sound.length / rate / FRAME_SECONDS

    def _tell(self, certain: list[MouthKey], guess: list[MouthKey]) -> Sequence[MouthKey]:
        """The shortest list that brings the page from what it knows to these keys."""
        old, new = self._told[self._certain :], [*certain, *guess]
        same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        rest = new[same:]
        if same < len(old) and not (rest and rest[0].at <= old[same].at):
            before = self._certain + same - 1
            rest = [*([*self._told[: self._certain], *new][before : before + 1]), *rest]
        self._told[self._certain :] = new
        self._certain += len(certain)
        return rest

    def _correct(self, keys: list[MouthKey], heard_ms: float) -> Sequence[MouthKey]:
        """`keys` of the whole clip, joined to what was heard already."""
        shown = next((key for key in reversed(self._told) if key.at <= heard_ms), None)
        if shown is None or heard_ms <= 0:
            return keys
        start = heard_ms
        if shown.viseme in CLOSING:
            start = max(start, shown.at + SHORTEST_CLOSURE_MS)
        then = next((key for key in reversed(keys) if key.at <= start), shown)
        joint = [] if then.viseme is shown.viseme and start > heard_ms else [replace(then, at=round(start, 1))]
        return [*joint, *(key for key in keys if key.at > start)]


def _first_run(flags: Sequence[bool], length: int) -> int:
    """Where the first `length` flags in a row begin; far away where there are none."""
    run = 0
    for index, flag in enumerate(flags):
        run = run + 1 if flag else 0
        if run == length:
            return index + 1 - length
    return NOWHERE
