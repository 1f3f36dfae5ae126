"""Clips in their order to the overlay: after every verdict, on the floor that is free, and held back for a while."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Sequence

from workers.pipeline.bell import Bell
from workers.pipeline.clip import Clip
from workers.pipeline.line import Line, clip_of
from workers.pipeline.ports import LineError, Performance
from workers.pipeline.turn_log import TurnLog
from workers.pipeline.values import ALLOW, MouthKey, ReplyRequest, Sentence, Verdict

UNTOUCHED_SECONDS = 0.250
"""What may be heard by the time a better mouth reaches the page, besides what it said was heard."""


async def perform(
    line: Line, log: TurnLog, request: ReplyRequest, clips: asyncio.Queue[Clip | None], floor: Bell
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
            if log.killed.is_set() or performance.fault:
                break
    except LineError as error:
        log.fault = f"{error.code}: {error}"
    await performance.finish()


async def _deflect(
    line: Line, log: TurnLog, request: ReplyRequest, verdict: Verdict, performance: Performance, floor: Bell
) -> None:
    """The moderation endpoint said no: a fixed line takes the sentence's place and ends the reply."""
    log.verdict = verdict
    del log.said[len(log.starts) :]
    text = line.gate.deflection(request.language)
    log.said.append(text)
    async with asyncio.TaskGroup() as group:
        clip = clip_of(line, log, Sentence(text, fixed_line=True), request, asyncio.Semaphore(0), fixed_line_passes)
        clip.start(group)
        try:
            await _play(line, log, clip, performance, floor)
        except LineError as error:
            # The group would hand it on among others, which nobody knows for a fault of the voice.
            log.fault = f"{error.code}: {error}"


async def fixed_line_passes(text: str) -> Verdict:
    """Our own deflections need no endpoint's word."""
    return ALLOW


async def _play(line: Line, log: TurnLog, clip: Clip, performance: Performance, floor: Bell) -> None:
    """One clip's sound with its mouth, as it is made."""
    begin = performance.made_seconds
    announced = False
    async for part in clip.parts():
        log.mark("first_audio", line.clock.now())
        if not announced:
            announced = True
            await clip.track.ready()
            await floor.wait()
            await _hold(line, log, clip)
            if log.killed.is_set():
                clip.drop()
                return
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
        keys = clip.finish_mouth(heard * 1000)
        await performance.audio(b"", _from(keys, begin), clip.words.finish(keys))


async def _hold(line: Line, log: TurnLog, clip: Clip) -> None:
    """A sentence that could be heard is held back for the channel's delay, or until a moderator takes it away."""
    left = clip.ready_at + line.delay - asyncio.get_running_loop().time()
    if not line.delay or left <= 0:
        return
    if not log.starts:
        # The reply before this one may have left the overlay talking.
        await line.stage.state("thinking")
    log.leaves = line.clock.now() + left
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(left):
            await log.killed.wait()
    log.leaves = 0.0
    log.mark("released", line.clock.now())


def _from(keys: Sequence[MouthKey], begin: float) -> list[MouthKey]:
    """Keys of a clip, moved to where the clip begins in the utterance (seconds)."""
    return [dataclasses.replace(key, at=key.at + begin * 1000) for key in keys]
