"""One typed line and her answer to it: the brain, the gate and the order of the air, with nobody watching."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workers.pipeline.bell import Bell
from workers.pipeline.director import Choice
from workers.pipeline.line import Line
from workers.pipeline.turn import begin, take_turn
from workers.pipeline.values import Chatter, EventKind, Exchange, ReplyRequest, StreamEvent, Usage, Verdict, new_id
from workers.rehearsal.unwatched import EmptyStage, NoVoice, OverheardBrain, ShutMouth

CHATTER = "rehearsal"
"""Id of who writes in a rehearsal: nobody on Twitch has it."""
LONGEST_TURN = 40.0
"""Seconds in which every answer is there or has failed, whatever the brain does."""
STAGES = (("first_token", "think"), ("first_sentence", "write"), ("judged", "judge"))
"""Marks of a rehearsed turn in their order, and what the time before each was spent on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one line."""

    asked: str
    by: str
    """Name of who asked."""
    written: str
    """What the brain wrote, with tags and whatever else is taken out of it."""
    said: str
    """What would be heard; a deflection where something was blocked."""
    mood: str
    language: str
    verdict: Verdict
    """The last objection of the gate."""
    stopped: bool
    """The gate kept the line itself out, so that no brain has seen it."""
    fault: str
    """`code: message` where the brain failed."""
    timings_ms: dict[str, int]
    usage: Usage
    """Of the brain and of those who judged what it said."""
    request: ReplyRequest | None
    """What the brain was given; None where it was not asked."""

    @property
    def blocked(self) -> bool:
        """Whether the gate cut her off."""
        return not self.stopped and not self.verdict.allowed

    @property
    def exchange(self) -> Exchange:
        """As the conversation goes on from it."""
        return Exchange(CHATTER, self.by, self.asked, self.said)


def rehearsed(line: Line) -> Line:
    """The line without overlay, sound and mouth, and with nothing held back."""
    return dataclasses.replace(line, stage=EmptyStage(), voice=NoVoice(), mouth=ShutMouth(), delay=0.0, warm=_nothing)


async def answer(
    line: Line,
    text: str,
    *,
    name: str = "Viewer",
    history: Sequence[Exchange] = (),
    within: float = LONGEST_TURN,
    new_event_id: Callable[[], str] = new_id,
) -> Answer:
    """What she answers to this line, written by a chatter of this name. Never raises but for cancellation."""
    brain = OverheardBrain(line.brain)
    quiet = dataclasses.replace(rehearsed(line), brain=brain)
    event = StreamEvent(new_event_id(), EventKind.MESSAGE, Chatter(CHATTER, name), text, line.clock.now())
    log = begin(quiet, Choice((event,), "mention", "mention", text))
    opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    opened.set_result(True)
    floor = Bell()
    floor.set()
    try:
        async with asyncio.timeout(within):
            await take_turn(quiet, log, tuple(history), opened=opened, floor=floor)
    except TimeoutError:
        log.fault = log.fault or f"llm_timeout: {line.brain.label} did not answer within {within:g} s."
    stopped = not log.admitted.events
    if log.said and not stopped:
        log.mark("judged", line.clock.now())
    moods = [sentence.mood for sentence in getattr(log.performance, "sentences", ()) if sentence.mood]
    return Answer(
        asked=text,
        by=name,
        written=brain.written,
        said=" ".join(log.said),
        mood=moods[0].value if moods else "",
        language=log.admitted.language,
        verdict=log.verdict,
        stopped=stopped,
        fault=log.fault,
        timings_ms={stage: ms for stage, ms in log.timings_ms.items() if stage in dict(STAGES)},
        usage=brain.usage + log.judging.usage,
        request=brain.request,
    )


def _nothing() -> None:
    pass
