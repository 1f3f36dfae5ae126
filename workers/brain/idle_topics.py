"""What she may talk about of her own accord: lines of ours, who she is, the channel and the stream so far. Pure.

The demo brain says our lines as they stand; a model takes each topic as a hint and says it in her own way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from workers.brain.idle_lines import LINES
from workers.pipeline.idle import Topic, topic

LONGEST = 200
"""Characters of a topic."""
PERSONA_TOPICS = 12
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


def topics_of(language: str, description: str, facts: Sequence[str], summary: str) -> tuple[Topic, ...]:
    """All she has to talk about now. `description` is who she is, empty for a brain that cannot make it her own words;
    `facts` and `summary` have passed the gate."""
    told = [each.strip() for each in _SENTENCE.split(description) if 20 <= len(each.strip()) <= LONGEST]
    return (
        *own_topics(language),
        *(topic("persona", each) for each in told[:PERSONA_TOPICS]),
        *(topic("channel", each[:LONGEST]) for each in facts),
        *([topic("stream", summary[:LONGEST])] if summary else []),
    )


@cache
def own_topics(language: str) -> tuple[Topic, ...]:
    """Our own, in Russian or else in English."""
    lines = LINES["ru" if language.startswith("ru") else "en"]
    return tuple(topic("own", line.partition("] ")[2]) for line in lines)
