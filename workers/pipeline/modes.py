"""What each mode makes of the broadcaster's triggers: whom it lets in, what else it answers, and how fast. Pure.

The broadcaster's own figures stay limits: a mode lengthens pauses and lowers rates, and never the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from workers.pipeline.mode import Mode
from workers.pipeline.values import Triggers

FLOOR = 0.03
"""Merit below which she rather says nothing."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One mode. What is paid for passes every one of them, and so does a line she is asked to say."""

    paid_only: bool = False
    subscribers_only: bool = False
    """Free words are heard from subscribers, VIPs, moderators and the broadcaster; events of others only if paid."""
    called_only: bool = False
    """Nothing that is not meant for her, whichever triggers are on."""
    questions: bool = False
    """Questions to nobody are answered, whether or not their trigger is on."""
    chance: float = 0.0
    """0..1, at least this share of other messages."""
    cooldown: float = 0.0
    """Seconds, at least; so is the next."""
    chatter_cooldown: float = 0.0
    replies_per_minute: int | None = None
    """At most; None leaves it to the broadcaster."""
    floor: float = FLOOR
    approval: bool = False
    """Every reply but a line she is asked to say waits for a moderator before it is heard."""

    def shaped(self, triggers: Triggers) -> Triggers:
        """The triggers she lives by in this mode."""
        if self.called_only:
            triggers = replace(triggers, question=False, first_message=False, every_message=False, chance=0.0)
        limit = triggers.replies_per_minute
        return replace(
            triggers,
            question=triggers.question or self.questions,
            chance=max(triggers.chance, self.chance),
            cooldown=max(triggers.cooldown, self.cooldown),
            chatter_cooldown=max(triggers.chatter_cooldown, self.chatter_cooldown),
            replies_per_minute=limit if self.replies_per_minute is None else min(limit, self.replies_per_minute),
        )


POLICIES = {
    Mode.NORMAL: Policy(),
    Mode.CHATTY: Policy(questions=True, chance=0.25, floor=0.01),
    # Her floor lets go of a call after some forty seconds, and of words she has just answered at once.
    Mode.SHY: Policy(called_only=True, cooldown=15, chatter_cooldown=45, replies_per_minute=3, floor=0.3),
    Mode.PAID_ONLY: Policy(paid_only=True),
    Mode.SUBS_ONLY: Policy(subscribers_only=True),
    Mode.APPROVE: Policy(approval=True),
}
