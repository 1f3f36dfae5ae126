"""One turn: a choice goes in, speech comes out, and what happened is written down. The line, read aloud."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial

from workers.pipeline.admission import Admission, admit
from workers.pipeline.bell import Bell
from workers.pipeline.clip import Clip, Judge
from workers.pipeline.director import Choice
from workers.pipeline.line import Line, clip_of, spoken
from workers.pipeline.perform import fixed_line_passes, perform
from workers.pipeline.ports import Brain, BrainError
from workers.pipeline.sentences import SentenceReader
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import Action, EventKind, Exchange, ReplyRequest, Sentence, Verdict

ANSWERED = "already answered by another run"
EMPTY = "the reply was empty"
FIXED_KINDS = frozenset({EventKind.SAY, EventKind.NOTICE})
"""Kinds whose text she says as it stands."""
LOOK_AHEAD = 2
"""Clips under synthesis at once: the one that is sent and the next, so that no first byte is waited for in between."""
Approval = Callable[[TurnLog], Awaitable[Bell | None]]
"""Shows a written reply. Returns the floor it is to be spoken on, or None where it ended without a word."""


def begin(line: Line, choice: Choice) -> TurnLog:
    """A new turn, with what of the choice may go into it."""
    admitted = admit(line.gate, choice.events, line.language_of, line.persona.language)
    log = TurnLog(id=str(uuid.uuid4()), choice=choice, arrived=choice.events[0].at, admitted=admitted)
    log.verdict = admitted.objection or log.verdict
    return log


async def take_turn(
    line: Line,
    log: TurnLog,
    history: tuple[Exchange, ...],
    *,
    opened: Awaitable[bool],
    floor: Bell,
    approval: Approval | None = None,
) -> None:
    """Answers the choice. Never raises but for cancellation, which silences the overlay first.

    `opened` is True once the turn may be spoken (its row stands, what was paid is claimed by this run). `floor` is set
    when the utterance before has ended: nothing of this turn sounds earlier. With `approval` all is written and judged
    first, and nothing of it is made into sound before that has given it a floor.
    """
    log.mark("picked", line.clock.now())
    log.brain = line.brain.label
    try:
        if not log.admitted.events:
            log.end("refused", "blocked by the safety rules")
            await asyncio.shield(opened)
            return
        request = _request(line, log.admitted, history)
        if request.events[0].kind not in FIXED_KINDS:
            request = dataclasses.replace(request, memory=await line.recall(log.admitted))
        reply = _passed(line, log, request)
        judge: Judge = partial(line.gate.moderate, meter=log.judging)
        if approval is not None:
            approved = await _approved(line, log, request, opened, floor, approval)
            if approved is None:
                return
            floor, written = approved
            # Each sentence has its verdict.
            reply, judge = _again(written), fixed_line_passes
        log.performance = line.stage.perform(log.id)
        await _speak_reply(line, log, request, reply, judge, opened, floor)
        await _let_it_be_heard(line, log)
    except asyncio.CancelledError:
        log.end("interrupted", "stopped before its end")
        if log.performance is not None:
            # Silence must reach the overlay even while this task is being torn down.
            await asyncio.shield(log.performance.interrupt())
        raise
    finally:
        if log.performance is not None and log.performance.playing_at is not None:
            log.mark("playing", log.performance.playing_at)
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
        most_characters=line.most_characters,
    )


async def _approved(
    line: Line, log: TurnLog, request: ReplyRequest, opened: Awaitable[bool], floor: Bell, approval: Approval
) -> tuple[Bell, list[Sentence]] | None:
    """Writes the whole reply and waits for a moderator: the floor and the sentences, or None where it has ended."""
    if floor.is_set():
        await line.stage.state("thinking")
    written = await _write(line, log, request)
    if not await asyncio.shield(opened):
        log.abandoned = True
        log.end("refused", log.refusal or ANSWERED)
    elif not written:
        log.end("failed", log.fault or EMPTY)
    elif (given := await approval(log)) is not None:
        log.mark("approved", line.clock.now())
        return given, written
    return None


async def _write(line: Line, log: TurnLog, request: ReplyRequest) -> list[Sentence]:
    """The reply with every verdict on it. The first sentence that does not pass gives way to a fixed line, the last."""
    written: list[Sentence] = []
    try:
        async with aclosing(_passed(line, log, request)) as passed:
            async for sentence in passed:
                verdict = await line.gate.moderate(sentence.text, log.judging)
                if not verdict.allowed:
                    log.verdict = verdict
                    log.said[-1] = line.gate.deflection(request.language)
                    return [*written, Sentence(log.said[-1], fixed_line=True)]
                written.append(sentence)
    except BrainError as error:
        log.fault = f"{error.code}: {error}"
    return written


async def _again(written: Sequence[Sentence]) -> AsyncGenerator[Sentence, None]:
    for sentence in written:
        yield sentence


async def _speak_reply(
    line: Line,
    log: TurnLog,
    request: ReplyRequest,
    reply: AsyncGenerator[Sentence, None],
    judge: Judge,
    opened: Awaitable[bool],
    floor: Bell,
) -> None:
    """Thinks and speaks at once: while one sentence is sent, the next is synthesised and the one after is written."""
    # What is held back is made meanwhile, or the sentence after it would be late.
    clips: asyncio.Queue[Clip | None] = asyncio.Queue(maxsize=0 if line.delay else LOOK_AHEAD)
    room = asyncio.Semaphore(LOOK_AHEAD)
    async with asyncio.TaskGroup() as group:
        thinking = group.create_task(_think(line, log, request, reply, judge, clips, room, group))
        if floor.is_set():
            # While the brain is asked: nothing waits for what the overlay shows.
            await line.stage.state("thinking")
        # Whoever opens the turn goes on when the turn is cancelled: its row must stand before it can be closed.
        may_speak = await asyncio.shield(opened)
        if may_speak:
            await perform(line, log, request, clips, floor)
        else:
            log.abandoned = True
            log.end("refused", log.refusal or ANSWERED)
            if log.performance is not None:
                # Nothing of it will sound: else the stage would hold on to it, as to one that is still to be heard.
                await log.performance.finish()
        thinking.cancel()
        _drop_waiting(clips)


async def _think(
    line: Line,
    log: TurnLog,
    request: ReplyRequest,
    reply: AsyncGenerator[Sentence, None],
    judge: Judge,
    clips: asyncio.Queue[Clip | None],
    room: asyncio.Semaphore,
    group: asyncio.TaskGroup,
) -> None:
    """Sentences that passed the rules -> clips that begin to sound at once. Ends the queue with None."""
    try:
        async with aclosing(reply):
            async for sentence in reply:
                await room.acquire()
                clip = clip_of(line, log, sentence, request, room, judge)
                clip.start(group)
                try:
                    await clips.put(clip)
                except asyncio.CancelledError:
                    # Nobody is left who would listen to it, and its voice would wait for that for ever.
                    clip.drop()
                    raise
        log.written = True
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
    if verdict.allowed and (aloud := spoken(line, sentence.text, language)) != sentence.text:
        # What is heard must pass too: the dictionary and the reading of signs may make new words.
        heard = line.gate.screen(aloud, surface="reply")
        if not heard.allowed:
            return dataclasses.replace(heard, action=Action.DROP, text="")
    if verdict.allowed and log.said:
        joined = line.gate.screen(" ".join([*log.said, sentence.text]), surface="reply")
        if not joined.allowed:
            # A replacement of the joined text would repeat what was spoken already.
            return dataclasses.replace(joined, action=Action.DROP, text="")
    return verdict


async def _passed(line: Line, log: TurnLog, request: ReplyRequest) -> AsyncGenerator[Sentence, None]:
    """The sentences that pass the rules. The first that does not gives way to a fixed line, which is the last."""
    async with aclosing(_sentences(line, log, request)) as sentences:
        async for sentence in sentences:
            log.mark("first_sentence", line.clock.now())
            safe, blocked = _safe(line, log, sentence, request.language)
            log.said.append(safe.text)
            yield safe
            if blocked or _is_long_enough(log, request):
                return


def _is_long_enough(log: TurnLog, request: ReplyRequest) -> bool:
    """Whether a reply that was to be short is as long as it may be: not every model counts."""
    if request.most_characters is None or request.events[0].kind in FIXED_KINDS:
        return False
    return sum(map(len, log.said)) >= request.most_characters


async def _sentences(line: Line, log: TurnLog, request: ReplyRequest) -> AsyncGenerator[Sentence, None]:
    """The reply, sentence by sentence. A failed brain still thanks for what was paid."""
    event = request.events[0]
    if event.kind in FIXED_KINDS:
        reader = SentenceReader(request.persona.name)
        for sentence in [*reader.feed(event.text), *reader.finish()]:
            yield sentence
        return
    try:
        # Our own script sees to it by itself.
        told = partial(_from_brain, line, log, brain=line.brain)
        scripted = line.brain is line.spare_brain
        reply = told(request) if scripted else line.repetition.without(request, told)
        async with aclosing(reply):
            async for sentence in reply:
                yield sentence
    except BrainError as error:
        if log.said or not any(event.paid for event in request.events):
            raise
        log.detour = f"{error.code}: {error}"
        async with aclosing(_from_brain(line, log, request, brain=line.spare_brain)) as thanks:
            async for sentence in thanks:
                yield sentence


async def _from_brain(
    line: Line, log: TurnLog, request: ReplyRequest, *, brain: Brain
) -> AsyncGenerator[Sentence, None]:
    reader = SentenceReader(request.persona.name)
    scripted = brain is line.spare_brain
    reply = brain.reply(request)
    log.meters.append(reply)
    # Closed whenever this is: a request that nobody reads any more would hold its place until the collector comes.
    async with aclosing(aiter(reply)) as deltas:
        async for delta in deltas:
            log.mark("first_token", line.clock.now())
            log.brain, log.detour = reply.label, reply.detour or log.detour
            for sentence in reader.feed(delta):
                yield dataclasses.replace(sentence, fixed_line=scripted)
    for sentence in reader.finish():
        yield dataclasses.replace(sentence, fixed_line=scripted)


async def _let_it_be_heard(line: Line, log: TurnLog) -> None:
    """Waits for the last sentence to begin, then for the sound to end."""
    performance = log.performance
    if performance is None or not log.starts:
        log.end("failed", log.fault or EMPTY)
        return
    await performance.reached(log.starts[-1])
    log.last_sentence.set()
    await performance.ended()
    log.mark("ended", line.clock.now())
    if log.fault:
        log.end("failed", log.fault)
    elif log.made_way and (log.unheard or not log.written):
        log.end("interrupted", log.made_way)
    elif log.heard:
        log.end(*(("interrupted", performance.fault) if performance.fault else ("spoken", log.detour)))
    else:
        log.end("failed", performance.fault or "no overlay said that it played")


def _drop_waiting(clips: asyncio.Queue[Clip | None]) -> None:
    while not clips.empty():
        clip = clips.get_nowait()
        if clip is not None:
            clip.drop()
