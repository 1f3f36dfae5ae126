"""What of a choice reaches the brain and the conversation: texts that pass the gate, names that may be said. Pure."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from workers.pipeline.lanes import BATCH
from workers.pipeline.ports import Gate
from workers.pipeline.values import UNNAMED, Action, EventKind, Exchange, StreamEvent, Verdict

log = logging.getLogger(__name__)

OFFENCE = re.compile(r"lexicon\.tier1|injection\.")
"""Rules that cost who breaks them more than the one message. Not those of windows: others may have begun the word."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The events of a choice as the brain may see them. Nothing of what was kept out goes any further."""

    events: tuple[StreamEvent, ...] = ()
    language: str = "en"
    """Language the events are written in, and so of the answer."""
    objection: Verdict | None = None
    """What the gate said of an event it kept out or changed."""
    offenders: frozenset[str] = frozenset()
    """Chatters whose words are answered nowhere, or who tried to give her orders."""

    @property
    def text(self) -> str:
        """The words to answer, one line a message."""
        return "\n".join(event.text for event in self.events if event.text)


def admit(
    gate: Gate, events: Sequence[StreamEvent], language_of: Callable[[str, str], str], own_language: str
) -> Admission:
    """Screens the texts and the names of all events. `language_of`: (text, default language) -> its language.

    Never raises: what cannot be judged is kept out.
    """
    try:
        return _admit(gate, events, language_of, own_language)
    except Exception as error:
        log.exception("events could not be judged, and are not answered")
        return Admission(objection=Verdict(Action.DROP, "gate.failed", type(error).__name__))


def readmitted(gate: Gate, history: Sequence[Exchange]) -> list[Exchange]:
    """The conversation as this gate lets it stand: its words may have been admitted by another one."""
    return [
        replace(past, chatter_name=gate.spoken_name(past.chatter_name))
        for past in history
        if gate.screen(past.text, surface="chat").allowed
    ]


def _admit(
    gate: Gate, events: Sequence[StreamEvent], language_of: Callable[[str, str], str], own_language: str
) -> Admission:
    passed: list[StreamEvent] = []
    objection: Verdict | None = None
    offenders: set[str] = set()
    for event in events:
        surface: Literal["reward", "chat"] = "reward" if event.kind is EventKind.REDEMPTION else "chat"
        verdict = gate.screen(event.text, surface=surface, chatter_id=event.chatter.id)
        if not verdict.allowed:
            objection = verdict
            if OFFENCE.match(verdict.rule_id) and not (event.chatter.is_broadcaster or event.chatter.is_moderator):
                offenders.add(event.chatter.id)
        if verdict.allowed or verdict.action is Action.REPLACE:
            text = event.text if verdict.allowed else verdict.text
            # Of many who did the same nobody says more names than these.
            name = gate.spoken_name(event.chatter.name) if len(passed) < BATCH else UNNAMED
            named = replace(event.chatter, name=name)
            passed.append(replace(event, text=text, chatter=named, title=_title(gate, event.title)))
    admission = Admission(tuple(passed), own_language, objection, frozenset(offenders))
    return replace(admission, language=language_of(admission.text, own_language))


def _title(gate: Gate, title: str) -> str:
    """The reward's name as it may be said: whoever paid for it gets the answer, without a name that may not be."""
    return title if not title or gate.screen(title, surface="title").allowed else ""
