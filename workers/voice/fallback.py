"""Several voices as one: where the chosen one fails before any sound, the next speaks the same text."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from workers.pipeline.ports import Voice, VoiceError
from workers.pipeline.values import FREE, Audio, Price, VoiceSpec
from workers.voice.cache import ClipCache, shared_cache
from workers.voice.loudness import Levels
from workers.voice.polish import polish

logger = logging.getLogger(__name__)

FIRST_REST = 5.0
"""Seconds a voice is left alone after its first failure; doubles with each further one."""
LONGEST_REST = 120.0
FIRST_REST_PERMANENT = 60.0
"""The same after a failure that would happen again, such as a refused key."""
LONGEST_REST_PERMANENT = 1800.0
NOTHING_TO_SAY = "nothing_to_say"
"""Code of the error that is the text's fault, not the voice's."""
CROWDED = "speech_crowded"
"""Of the one that is ours: a bound of this site kept the provider from being asked."""
NOT_ITS_FAULT = frozenset({NOTHING_TO_SAY, CROWDED})
"""After these a voice is not left alone."""
NAME_REFUSED = frozenset({"speech_refused", "speech_not_found"})
"""Codes of errors that a wrong voice name may be the reason of."""


Speaks = Callable[[str, VoiceSpec], bool]
"""Whether a voice can speak a text as asked: its language counts, and its name where the engine has several."""


@dataclass(slots=True)
class Breaker:
    """Remembers that a voice is failing, so that no listener waits for it again and again."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    resting_until: float = 0.0

    @property
    def resting(self) -> bool:
        return self.clock() < self.resting_until

    def failed(self, error: VoiceError) -> None:
        first, longest = (
            (FIRST_REST, LONGEST_REST) if error.retryable else (FIRST_REST_PERMANENT, LONGEST_REST_PERMANENT)
        )
        rest = max(min(longest, first * 2 ** min(self.failures, 20)), error.retry_after or 0.0)
        self.failures += 1
        self.resting_until = self.clock() + rest

    def worked(self) -> None:
        self.failures, self.resting_until = 0, 0.0


@dataclass(slots=True)
class Choice:
    """One voice in the order, and what it can do."""

    engine: str
    voice: Voice
    speaks: Speaks
    breaker: Breaker = field(default_factory=Breaker)
    levels: Levels = field(default_factory=Levels)
    """How loud its voices are; shared by all clips, so later sentences are right from their first sample."""
    costs: bool = False
    """Somebody pays for it: it never steps in for a voice that is free."""
    price: Price = FREE
    source: str = ""
    """What tells this voice from others of the same engine: address and model of a provider."""
    configured: str = ""
    """The voice name that speaks where none is asked for, unless the voice's own label tells it."""
    model: str = ""
    """A provider's model; said together with the name of the voice that was asked for."""
    names: dict[str, Breaker] = field(default_factory=dict)
    """The voice names this provider was asked for: a refused name is no reason to leave its other voices alone."""

    def name_breaker(self, name: str) -> Breaker:
        return self.names.setdefault(name, Breaker(self.breaker.clock))


class FallbackVoice:
    """A voice that speaks with the first of its choices that can. One per channel."""

    def __init__(self, choices: Sequence[Choice], clips: ClipCache | None = None) -> None:
        """`choices` in order of liking. Raises ValueError when there is none."""
        if not choices:
            raise ValueError("A voice needs at least one engine.")
        self._choices = tuple(choices)
        self._clips = clips or shared_cache()
        self._spoke: Choice | None = None

    @property
    def label(self) -> str:
        """The voice that spoke last, before that the favourite."""
        return (self._spoke or self._choices[0]).voice.label

    @property
    def engine(self) -> str:
        """Engine name of the voice that spoke last, before that of the favourite."""
        return (self._spoke or self._choices[0]).engine

    async def speak(self, text: str, voice: VoiceSpec) -> AsyncGenerator[Audio, None]:
        """Levelled parts of 20 to 200 ms, marked where another voice than the asked one stands in.

        Raises VoiceError when every voice failed, or one failed in mid-clip.
        """
        if not any(character.isalnum() for character in text):
            raise VoiceError("There is nothing to say in this text.", code=NOTHING_TO_SAY, retryable=False)
        error: VoiceError | None = None
        able = self._able(text, voice)
        for choice, spec in self._tries(text, voice, able):
            sounded, stands_in = False, _stands_in(choice, spec, voice, able)
            try:
                async with aclosing(self._clip(choice, text, spec, _label(choice, voice, spec))) as parts:
                    async for part in parts:
                        sounded, self._spoke = True, choice
                        yield replace(part, stands_in=True) if stands_in else part
            except VoiceError as failure:
                if failure.code in NAME_REFUSED and spec.name and not sounded:
                    choice.name_breaker(spec.name).failed(failure)
                elif failure.code not in NOT_ITS_FAULT:
                    choice.breaker.failed(failure)
                logger.warning("The voice %s failed (%s): %s", choice.engine, failure.code, failure)
                if sounded:
                    raise
                error = error or failure
            else:
                choice.breaker.worked()
                if spec.name:
                    choice.name_breaker(spec.name).worked()
                if sounded:
                    return
        raise error or VoiceError(
            "No voice can speak this text: choose another voice or language.", code="voice_none", retryable=False
        )

    def _tries(self, text: str, voice: VoiceSpec, able: Sequence[Choice]) -> Iterator[tuple[Choice, VoiceSpec]]:
        """Who speaks, and how. After a name a provider refused comes its configured voice; a resting name is skipped.

        Voices that rest come last, since a late try is better than silence. Whether a name rests is asked after its own
        try, so that the refusal just heard counts.
        """
        for choice in sorted(able, key=lambda choice: choice.breaker.resting):
            spec = _for_engine(voice, choice.engine)
            if not spec.name:
                yield choice, spec
                continue
            name = choice.name_breaker(spec.name)
            if not name.resting:
                yield choice, spec
            if name.resting and choice.speaks(text, nameless := replace(spec, name="")):
                yield choice, nameless

    async def _clip(self, choice: Choice, text: str, spec: VoiceSpec, label: str) -> AsyncGenerator[Audio, None]:
        """One voice's clip, polished and signed; a fixed line from memory where it was said before."""
        key = (choice.engine, choice.source, spec, text)
        if spec.fixed_line and (kept := self._clips.get(key)) is not None:
            for part in kept:
                yield replace(part, voice=label)
            return
        spoken: list[Audio] = []
        async with (
            aclosing(choice.voice.speak(text, spec)) as raw,
            aclosing(polish(raw, choice.levels.of(spec.name))) as parts,
        ):
            async for part in parts:
                signed = replace(part, voice=label, price=choice.price)
                if spec.fixed_line:
                    spoken.append(replace(signed, price=FREE))
                yield signed
        if spoken:
            self._clips.put(key, tuple(spoken))

    def _able(self, text: str, voice: VoiceSpec) -> list[Choice]:
        """Who could speak this, in order of liking: the asked engine first."""
        paid = voice.engine == "auto" or any(choice.engine == voice.engine and choice.costs for choice in self._choices)
        able = [c for c in self._choices if (paid or not c.costs) and c.speaks(text, _for_engine(voice, c.engine))]
        return sorted(able, key=lambda choice: choice.engine != voice.engine)


def _label(choice: Choice, asked: VoiceSpec, spec: VoiceSpec) -> str:
    """Who speaks; with its name where one was asked for of a provider, and where it stands in for that one."""
    if choice.model and spec.name:
        return f"{choice.model} ({spec.name})"
    stands_in = choice.configured and asked.engine == choice.engine and asked.name and not spec.name
    return f"{choice.voice.label} ({choice.configured})" if stands_in else choice.voice.label


def _stands_in(choice: Choice, spec: VoiceSpec, asked: VoiceSpec, able: Sequence[Choice]) -> bool:
    """Whether this is not the voice that was asked for; where none was, not the best that can speak the text."""
    if asked.engine == "auto":
        return choice is not able[0]
    return choice.engine != asked.engine or spec.name != asked.name


def _for_engine(voice: VoiceSpec, engine: str) -> VoiceSpec:
    """A voice name belongs to the engine it was chosen for."""
    return voice if voice.engine == engine else replace(voice, engine=engine, name="")
