"""One turn: a choice goes in, speech comes out, and what happened is written down. The line, read aloud."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from workers.pipeline.admission import Admission, admit
from workers.pipeline.clip import Clip
from workers.pipeline.director import Choice
from workers.pipeline.ports import (
    Brain,
    BrainError,
    Clock,
    Gate,
    LineError,
    Mouth,
    Performance,
    Stage,
    Voice,
)
from workers.pipeline.sentences import SentenceReader
from workers.pipeline.speakable.text import speakable
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import (
    ALLOW,
    Action,
    EventKind,
    Exchange,
    MouthKey,
    PersonaSnapshot,
    ReplyRequest,
    Sentence,
    Verdict,
)

UNTOUCHED_SECONDS = 0.250
"""What may be heard by the time a better mouth reaches the page, besides what it said was heard."""
LOOK_AHEAD = 2
"""Clips under synthesis at once: the one that is sent and the next, so that no first byte is waited for in between."""
Judge = Callable[[str], Coroutine[Any, Any, Verdict]]


def _nothing() -> None:
    pass


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
    warm: Callable[[], None] = _nothing
    """Opens the connections that the next reply will need; returns at once."""


def begin(line: Line, choice: Choice) -> TurnLog:
    """A new turn, with what of the choice may go into it."""
    admitted = admit(line.gate, choice.events, line.language_of, line.persona.language)
    log = TurnLog(id=str(uuid.uuid4()), choice=choice, arrived=choice.events[0].at, admitted=admitted)
    log.verdict = admitted.objection or log.verdict
    return log


async def take_turn(
    line: Line, log: TurnLog, history: tuple[Exchange, ...], *, opened: Awaitable[bool], floor: asyncio.Event
) -> None:
    """Answers the choice. Never raises but for cancellation, which silences the overlay first.

    `opened` is True once the turn may be spoken (its row stands, what was paid is claimed by this run). `floor` is set
    when the utterance before has ended: nothing of this turn sounds earlier.
    """
    log.mark("picked", line.clock.now())
    log.brain = line.brain.label
    log.performance = performance = line.stage.perform(log.id)
    try:
        if not log.admitted.events:
            log.end("refused", "blocked by the safety rules")
            await asyncio.shield(opened)
            return
        await _speak_reply(line, log, _request(line, log.admitted, history), opened, floor)
        await _let_it_be_heard(line, log)
    except asyncio.CancelledError:
        log.end("interrupted", "stopped before its end")
        # Silence must reach the overlay even while this task is being torn down.
        await asyncio.shield(performance.interrupt())
        raise
    finally:
        if performance.playing_at is not None:
            log.mark("playing", performance.playing_at)
        log.last_sentence.set()
        log.over.set()


def _request(line: Line, admitted: Admission, history: tuple[Exchange, ...]) -> ReplyRequest:
    return ReplyRequest(
        channel_id=line.channel_id,
        broadcaster_name=line.broadcaster_name,
        persona=line.persona,
        events=admitted.events,
        history=history,
        language=admitted.language,
    )


async def _speak_reply(
    line: Line, log: TurnLog, request: ReplyRequest, opened: Awaitable[bool], floor: asyncio.Event
) -> None:
    """Thinks and speaks at once: while one sentence is sent, the next is synthesised and the one after is written."""
    clips: asyncio.Queue[Clip | None] = asyncio.Queue(maxsize=LOOK_AHEAD)
    room = asyncio.Semaphore(LOOK_AHEAD)
    async with asyncio.TaskGroup() as group:
        thinking = group.create_task(_think(line, log, request, clips, room, group))
        if floor.is_set():
            # While the brain is asked: nothing waits for what the overlay shows.
            await line.stage.state("thinking")
        # Whoever opens the turn goes on when the turn is cancelled: its row must stand before it can be closed.
        may_speak = await asyncio.shield(opened)
        if may_speak:
            await _perform(line, log, request, clips, floor)
        else:
            log.abandoned = True
            log.end("refused", "already answered by another run")
        thinking.cancel()
        _drop_waiting(clips)


async def _think(
    line: Line,
    log: TurnLog,
    request: ReplyRequest,
    clips: asyncio.Queue[Clip | None],
    room: asyncio.Semaphore,
    group: asyncio.TaskGroup,
) -> None:
    """Reply -> sentences -> the gate's rules -> clips that begin to sound at once. Ends the queue with None."""
    try:
        async for sentence in _sentences(line, log, request):
            log.mark("first_sentence", line.clock.now())
            safe, blocked = _safe(line, log, sentence, request.language)
            log.said.append(safe.text)
            await room.acquire()
            clip = _clip(line, log, safe, request, room, line.gate.moderate)
            clip.start(group)
            await clips.put(clip)
            if blocked:
                break
    except BrainError as error:
        log.fault = f"{error.code}: {error}"
    await clips.put(None)


def _safe(line: Line, log: TurnLog, sentence: Sentence, language: str) -> tuple[Sentence, bool]:
    """The sentence as it may be spoken, and whether it was blocked: then a fixed line stands in its place."""
    verdict = _screened(line, log, sentence, language)
    if verdict.allowed:
        return sentence, False
    if verdict.action is Action.REPLACE:
        return dataclasses.replace(sentence, text=verdict.text), False
    log.verdict = verdict
    return Sentence(line.gate.deflection(language), sentence.mood, fixed_line=True), True


def _screened(line: Line, log: TurnLog, sentence: Sentence, language: str) -> Verdict:
    """The sentence alone, then joined with what was said before: words may be split over sentences."""
    verdict = line.gate.screen(sentence.text, surface="reply")
    if verdict.allowed and (spoken := _spoken(line, sentence.text, language)) != sentence.text:
        # What is heard must pass too: the dictionary and the reading of signs may make new words.
        aloud = line.gate.screen(spoken, surface="reply")
        if not aloud.allowed:
            return dataclasses.replace(aloud, action=Action.DROP, text="")
    if verdict.allowed and log.said:
        joined = line.gate.screen(" ".join([*log.said, sentence.text]), surface="reply")
        if not joined.allowed:
            # A replacement of the joined text would repeat what was spoken already.
            return dataclasses.replace(joined, action=Action.DROP, text="")
    return verdict


async def _sentences(line: Line, log: TurnLog, request: ReplyRequest) -> AsyncIterator[Sentence]:
    """The reply, sentence by sentence. A failed brain still thanks for what was paid."""
    event = request.events[0]
    if event.kind is EventKind.SAY:
        reader = SentenceReader(request.persona.name)
        for sentence in [*reader.feed(event.text), *reader.finish()]:
            yield sentence
        return
    try:
        async for sentence in _from_brain(line, log, request, line.brain):
            yield sentence
    except BrainError:
        if log.said or not any(event.paid for event in request.events):
            raise
        log.brain = line.spare_brain.label
        async for sentence in _from_brain(line, log, request, line.spare_brain):
            yield sentence


async def _from_brain(line: Line, log: TurnLog, request: ReplyRequest, brain: Brain) -> AsyncIterator[Sentence]:
    reader = SentenceReader(request.persona.name)
    scripted = brain is line.spare_brain
    reply = brain.reply(request)
    log.meters.append(reply)
    async for delta in reply:
        log.mark("first_token", line.clock.now())
        for sentence in reader.feed(delta):
            yield dataclasses.replace(sentence, fixed_line=scripted)
    for sentence in reader.finish():
        yield dataclasses.replace(sentence, fixed_line=scripted)


def _clip(
    line: Line, log: TurnLog, sentence: Sentence, request: ReplyRequest, room: asyncio.Semaphore, judge: Judge
) -> Clip:
    """The clip of a sentence, in the sentence's own language."""
    language = line.language_of(sentence.text, request.language)
    spec = dataclasses.replace(request.persona.voice_in(language), fixed_line=sentence.fixed_line)
    spoken = _spoken(line, sentence.text, request.language)
    clip = Clip(line.voice, line.mouth, sentence, spec, room, spoken=spoken, judge=judge)
    log.meters.append(clip)
    return clip


def _spoken(line: Line, text: str, language: str) -> str:
    """What the voice is asked to say for this caption."""
    return speakable(text, line.language_of(text, language), line.persona.pronunciation)


async def _perform(
    line: Line, log: TurnLog, request: ReplyRequest, clips: asyncio.Queue[Clip | None], floor: asyncio.Event
) -> None:
    """Clips in their order to the overlay. No frame leaves before every configured verdict on its sentence is in."""
    performance = log.performance
    if performance is None:
        return
    try:
        while (clip := await clips.get()) is not None:
            verdict = await clip.verdict()
            if not verdict.allowed:
                clip.drop()
                await _deflect(line, log, request, verdict, performance, floor)
                break
            await _play(line, log, clip, performance, floor)
    except LineError as error:
        log.fault = f"{error.code}: {error}"
    await performance.finish()


async def _deflect(
    line: Line, log: TurnLog, request: ReplyRequest, verdict: Verdict, performance: Performance, floor: asyncio.Event
) -> None:
    """The moderation endpoint said no: a fixed line takes the sentence's place and ends the reply."""
    log.verdict = verdict
    del log.said[len(log.starts) :]
    text = line.gate.deflection(request.language)
    log.said.append(text)
    async with asyncio.TaskGroup() as group:
        clip = _clip(line, log, Sentence(text, fixed_line=True), request, asyncio.Semaphore(0), _fixed_line)
        clip.start(group)
        await _play(line, log, clip, performance, floor)


async def _fixed_line(text: str) -> Verdict:
    """Our own deflections need no endpoint's word."""
    return ALLOW


async def _play(line: Line, log: TurnLog, clip: Clip, performance: Performance, floor: asyncio.Event) -> None:
    """One clip's sound with its mouth, as it is made."""
    begin = performance.sent_seconds
    announced = False
    async for part in clip.parts():
        log.mark("first_audio", line.clock.now())
        if not announced:
            announced = True
            await floor.wait()
            if log.outcome == "thinking":
                log.outcome = "speaking"
                log.mark("first_frame", line.clock.now())
                await line.stage.state("talking")
            log.starts.append(begin)
            log.heard_voice(part.voice or line.voice.label, stands_in=part.stands_in)
            await performance.sentence(clip.sentence)
        keys = clip.track.feed(part)
        await performance.audio(part.pcm, _from(keys, begin), clip.words.feed(part, keys))
    if announced:
        heard = max(0.0, performance.heard_seconds + UNTOUCHED_SECONDS - begin)
        keys = clip.track.finish(heard * 1000)
        await performance.audio(b"", _from(keys, begin), clip.words.finish(keys))


def _from(keys: Sequence[MouthKey], begin: float) -> list[MouthKey]:
    """Keys of a clip, moved to where the clip begins in the utterance (seconds)."""
    return [dataclasses.replace(key, at=key.at + begin * 1000) for key in keys]


async def _let_it_be_heard(line: Line, log: TurnLog) -> None:
    """Waits for the last sentence to begin, then for the sound to end."""
    performance = log.performance
    if performance is None or not log.starts:
        log.end("failed", log.fault or "the reply was empty")
        return
    await performance.reached(log.starts[-1])
    log.last_sentence.set()
    await performance.ended()
    log.mark("ended", line.clock.now())
    if log.fault:
        log.end("failed", log.fault)
    elif log.heard:
        log.end("spoken")
    else:
        log.end("failed", "no overlay said that it played")


def _drop_waiting(clips: asyncio.Queue[Clip | None]) -> None:
    while not clips.empty():
        clip = clips.get_nowait()
        if clip is not None:
            clip.drop()
