"""The billing page's words: what each plan offers, how much of it is used, and how the subscription stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.entitlements import grace_end
from billing.granting import state_of
from billing.models import Subscription
from billing.plans import CATALOGUE, Interval, Plan, rank
from billing.quota import Used
from channels_app.entitlements import PROVIDER, Entitlements

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Bar:
    """One quota. `share` is 0..100; None where there is no limit."""

    label: str
    used: str
    most: str
    share: int | None

    @property
    def is_nearly_full(self) -> bool:
        return self.share is not None and self.share >= 90


def bars(used: Used, allowed: Entitlements) -> list[Bar]:
    """What counts within the period. What the plan does not have at all has no bar."""
    rows = [
        (_("Live hours"), used.live_seconds, allowed.live_seconds, HOUR),
        (_("Replies"), used.replies, allowed.replies, 1),
        (_("Spoken characters"), used.characters, allowed.characters, 1),
    ]
    return [
        Bar(label, _amount(amount, unit), "" if most is None else _amount(most, unit), _share(amount, most))
        for label, amount, most, unit in rows
        if most != 0
    ]


def _share(amount: int, most: int | None) -> int | None:
    return None if most is None else min(100, amount * 100 // most)


def _amount(amount: int, unit: int) -> str:
    """In hours to a tenth, else whole."""
    if unit == HOUR:
        hours = amount / HOUR
        return number_format(int(hours) if hours == int(hours) else round(hours, 1), force_grouping=True)
    return number_format(amount, force_grouping=True)


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan on the page. `step` says what its button does: buy, up, down, leave, interval, or nothing (present)."""

    plan: Plan
    amount: str
    """In whole units of money; empty for the free plan."""
    monthly: str
    """What a month of a year comes to; empty for a month."""
    lookup_key: str
    points: list[str]
    step: str
    trial_days: int


def offers(interval: Interval, subscription: Subscription | None, present: str, *, trial: bool) -> list[Offer]:
    """Every plan, for a month or a year. `present` is the plan the channel has; `trial`, whether one may be had."""
    living = subscription if subscription and subscription.status in Subscription.LIVING else None
    found = []
    for plan in CATALOGUE:
        price = plan.price(interval) if plan.prices else None
        found.append(
            Offer(
                plan=plan,
                amount=_money(price.amount) if price else "",
                monthly=_money(price.amount / 12) if price and interval == "year" else "",
                lookup_key=price.lookup_key if price else "",
                points=points(plan.limits),
                step=_step(plan, price.lookup_key if price else "", living, present),
                trial_days=plan.trial_days if trial and living is None else 0,
            )
        )
    return found


def _step(plan: Plan, lookup_key: str, living: Subscription | None, present: str) -> str:
    if living is None:
        return "buy" if plan.prices else ("present" if plan.name == present else "")
    if not plan.prices:
        return "leave" if living.cancel_at is None else ""
    if lookup_key == living.lookup_key:
        return "present"
    if plan.name == living.plan:
        return "interval"
    return "up" if rank(plan.name) > rank(living.plan) else "down"


def _money(amount: float) -> str:
    """Minor units as whole money, with cents where there are any."""
    amount = round(amount)
    return number_format(amount / 100, decimal_pos=2 if amount % 100 else 0, force_grouping=True)


def points(limits: Entitlements) -> list[str]:
    """What a plan allows, a line each."""
    hours = (limits.live_seconds or 0) // HOUR
    lines = [
        ngettext("%(n)s live hour a month", "%(n)s live hours a month", hours) % {"n": _count(hours)},
        ngettext("%(n)s reply a month", "%(n)s replies a month", limits.replies or 0) % {"n": _count(limits.replies)},
        _voices(limits),
        _looks(limits),
        ngettext("History of %(n)s day", "History of %(n)s days", limits.history_days or 0)
        % {"n": _count(limits.history_days)},
    ]
    if limits.moderators is None:
        lines.append(_("Any number of moderators"))
    else:
        lines.append(
            ngettext("%(n)s moderator", "%(n)s moderators", limits.moderators) % {"n": _count(limits.moderators)}
        )
    if limits.channels and limits.channels > 1:
        lines.append(
            ngettext("%(n)s channel live at once", "%(n)s channels live at once", limits.channels)
            % {"n": _count(limits.channels)}
        )
    return lines


def _voices(limits: Entitlements) -> str:
    if PROVIDER not in limits.voices:
        return _("Built-in voices, and those of your own provider")
    return _("All voices: %(n)s characters a month") % {"n": _count(limits.characters)}


def _looks(limits: Entitlements) -> str:
    if limits.avatar_kinds is None:
        return _("Every kind of avatar")
    return _("Your own pictures as avatar") if "png" in limits.avatar_kinds else _("The drawn character as avatar")


def _count(number: int | None) -> str:
    return number_format(number or 0, force_grouping=True)


def standing(subscription: Subscription | None, now: datetime) -> dict[str, Any]:
    """How the subscription stands: `word` is one the template knows, with the time that belongs to it."""
    if subscription is None:
        return {"word": "none"}
    end = grace_end(state_of(subscription))
    if end is not None:
        return {"word": "grace" if now < end else "fallen", "at": end, "since": subscription.past_due_since}
    if subscription.paused or subscription.status == Subscription.Status.PAUSED:
        return {"word": "paused"}
    if subscription.status in (Subscription.Status.TRIALING, Subscription.Status.ACTIVE):
        if subscription.cancel_at is not None:
            return {"word": "leaving", "at": subscription.cancel_at}
        if subscription.status == Subscription.Status.TRIALING:
            return {"word": "trial", "at": subscription.trial_end}
        return {"word": "active", "at": subscription.period_end}
    return {"word": str(subscription.status), "at": subscription.ended_at}
