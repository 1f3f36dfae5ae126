"""Everything one channel's turns go through, and what each sentence of them is made into."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from workers.pipeline.admission import Admission
from workers.pipeline.clip import PART_BACKLOG, Clip, Judge
from workers.pipeline.ports import Brain, Clock, Gate, Mouth, Stage, Voice
from workers.pipeline.repetition import Repetition
from workers.pipeline.speakable.text import speakable
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import PersonaSnapshot, Recalled, ReplyRequest, Sentence


def _nothing() -> None:
    pass


async def _nothing_recalled(_admitted: Admission) -> Recalled:
    return Recalled()


@dataclass(frozen=True, slots=True)
class Line:
    """Everything one channel's turns go through."""

    channel_id: str
    broadcaster_name: str
    persona: PersonaSnapshot
    brain: Brain
    spare_brain: Brain
    """Thanks for what was paid when the brain has failed. Its lines are ours and come again."""
    gate: Gate
    voice: Voice
    mouth: Mouth
    stage: Stage
    clock: Clock
    language_of: Callable[[str, str], str]
    """(text, default language) -> language of the text."""
    delay: float = 0.0
    """Seconds for which a sentence that could be heard is held back."""
    recall: Callable[[Admission], Awaitable[Recalled]] = _nothing_recalled
    """What she remembers that matters for an answer, soon or not at all."""
    warm: Callable[[], None] = _nothing
    """Opens the connections that the next reply will need; returns at once."""
    most_characters: int | None = None
    """Of a reply, where she is to be shorter than she may be."""
    repetition: Repetition = field(default_factory=Repetition)


def clip_of(
    line: Line, log: TurnLog, sentence: Sentence, request: ReplyRequest, room: asyncio.Semaphore, judge: Judge
) -> Clip:
    """The clip of a sentence, in the sentence's own language."""
    language = line.language_of(sentence.text, request.language)
    spec = dataclasses.replace(request.persona.voice_in(language), fixed_line=sentence.fixed_line)
    # What is held back piles up whole: its voice must not wait for it.
    backlog = 0 if line.delay else PART_BACKLOG
    aloud = spoken(line, sentence.text, request.language)
    clip = Clip(line.voice, line.mouth, sentence, spec, room, spoken=aloud, judge=judge, backlog=backlog)
    log.meters.append(clip)
    return clip


def spoken(line: Line, text: str, language: str) -> str:
    """What the voice is asked to say for this caption."""
    return speakable(text, line.language_of(text, language), line.persona.pronunciation)
