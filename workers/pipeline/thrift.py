"""How she saves when a limit comes near: in steps, so that she grows quieter and cheaper before she falls silent. Pure.

A step is taken at once and left a little later than it was taken, so that she does not waver at an edge.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workers.pipeline.mode import Mode
from workers.pipeline.values import EventKind, PersonaSnapshot


class Step(enum.IntEnum):
    """Each saves what the ones before it do, and more."""

    NOTHING = 0
    CALLED = 1
    """She answers only who calls her, and what is paid for; she learns nothing new and does not talk by herself."""
    SHORT = 2
    """One short sentence a reply."""
    BUILT_IN = 3
    """A voice of this machine speaks."""
    TEXT = 4
    """Her replies are captions, without a voice."""
    PAID = 5
    """Only what is paid for is answered: thanked for from a script, by a voice of this machine. That costs nothing."""


SHORT_CHARACTERS = 90
"""Of a reply from `Step.SHORT` on."""
MARGIN = 0.05
"""A step is left when the share is this far below where it was taken."""
MONEY = ((Step.CALLED, 0.60), (Step.SHORT, 0.75), (Step.BUILT_IN, 0.85), (Step.TEXT, 0.95), (Step.PAID, 1.0))
"""Share of a ceiling from which each step is taken. Spending grows slower with each, so the last is seldom reached."""
REPLIES = ((Step.PAID, 1.0),)
"""Of the plan's quota; what is no ceiling in money has no steps between."""
VOICE = "characters"
"""The limit that takes nothing from her but the provider's voice."""


@dataclass(frozen=True, slots=True)
class Share:
    """One limit: how much of it is used once the next reply is paid, and when it begins anew (unix seconds)."""

    name: str
    used: float
    """1.0: exactly all of it."""
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class Thrift:
    """The step she is on, which limit it is for and when that begins anew."""

    step: Step = Step.NOTHING
    why: str = ""
    ends: float | None = None
    without_provider: bool = False
    """The plan's characters are used up: a voice of this machine speaks, and all else stays as it is."""


def decide(shares: Iterable[Share], present: Thrift) -> Thrift:
    """The highest step any limit asks for; of equal ones the limit that lasts longest."""
    shares = list(shares)
    asked = [Thrift(_step(share, present), share.name, share.ends) for share in shares if share.name != VOICE]
    wanted = [thrift for thrift in asked if thrift.step is not Step.NOTHING]
    chosen = max(wanted, key=lambda thrift: (thrift.step, _lasts(thrift), thrift.why), default=Thrift())
    edge = 1.0 - MARGIN if present.without_provider else 1.0
    return replace(chosen, without_provider=any(share.name == VOICE and share.used > edge for share in shares))


def _step(share: Share, present: Thrift) -> Step:
    kept = present.step if share.name == present.why and share.ends == present.ends else Step.NOTHING
    step = Step.NOTHING
    for each, begins in REPLIES if share.name == "replies" else MONEY:
        # All of a limit may be used, and no more.
        reached = share.used > begins if begins == 1.0 else share.used >= begins
        if reached or (kept >= each and share.used >= begins - MARGIN):
            step = each
    return step


def _lasts(thrift: Thrift) -> float:
    return float("inf") if thrift.ends is None else thrift.ends


def sparing(persona: PersonaSnapshot, step: Step) -> PersonaSnapshot:
    """The persona as she answers on this step."""
    if step < Step.CALLED:
        return persona
    events = persona.triggers.events - {EventKind.FOLLOW}
    triggers = replace(
        persona.triggers, question=False, first_message=False, every_message=False, chance=0.0, events=events
    )
    if step >= Step.PAID:
        triggers = replace(triggers, mode=Mode.PAID_ONLY)
    elif triggers.mode is Mode.CHATTY:
        # It would answer questions and chance words of its own accord.
        triggers = replace(triggers, mode=Mode.NORMAL)
    return replace(persona, triggers=triggers)


def names(steps: Sequence[Step] = tuple(Step)) -> dict[str, Step]:
    """The steps by the names that are written down."""
    return {step.name.lower(): step for step in steps}
