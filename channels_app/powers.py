"""What a member may do in a channel. The broadcaster gives these powers to moderators one by one."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import pgettext_lazy


class Power(models.TextChoices):
    """Stands in `Membership.powers`, in invitations and in what each view asks for."""

    MODERATE = "moderate", pgettext_lazy("power", "Moderate: silence, skip, approve replies, order the queue")
    TALK = "talk", pgettext_lazy("power", "Talk to her from the dashboard")
    RUN = "run", pgettext_lazy("power", "Start and stop her")
    SHOW = "show", pgettext_lazy("power", "Change the show: captions, safety words, mouth offsets")
    PERSONA = "persona", pgettext_lazy("power", "Edit the persona")
    HISTORY = "history", pgettext_lazy("power", "See past turns")
    COSTS = "costs", pgettext_lazy("power", "See what she costs")
    AUDIT = "audit", pgettext_lazy("power", "Read the audit log")


OWN = "own"
"""What only the broadcaster has: keys, providers, members, privacy. It is given to nobody."""
MEMBER = ""
"""What every member has."""
AT_FIRST = (Power.MODERATE, Power.TALK, Power.SHOW, Power.HISTORY)
"""Of a moderator, until the broadcaster chooses others."""
OF_THE_OWNER = frozenset({*Power.values, OWN})


def powers_at_first() -> list[str]:
    return [str(power) for power in AT_FIRST]


def known(names: Iterable[str]) -> list[str]:
    """Those of the names that are powers, in the order of the list; another release may have had others."""
    given = set(names)
    return [power for power in Power.values if power in given]
