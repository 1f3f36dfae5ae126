"""May this be spent? Asked before each turn, by one conditional update that takes at the same time.

So of many workers that ask at once none is told yes for money that another was promised. What somebody paid for is
answered in any case: it is `forced`, and what it uses beyond the limits is counted like everything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from billing import counters
from billing.limits import Limits, day_of, hour_of, limits_of, next_month, period_of
from billing.models import Budget, HouseDay, Reservation
from channels_app.entitlements import Entitlements, entitlements_of
from channels_app.models import Channel

HELD_FOR = timedelta(minutes=15)
"""Longer than any turn takes, the wait for a moderator included. What a killed worker held is back after it."""


OWNERS = ("owner_hour", "owner_day")
SITES = ("site_hour", "site_day", "house_day")
"""Limits in money, by who sets them; fields of `Limits`."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a turn may cost at most, as far as anybody can tell before."""

    micros: int = 0
    own_micros: int = 0
    """Of it, what the channel pays to providers of its own."""
    replies: int = 0
    characters: int = 0
    """Spoken by a voice that the platform pays for."""

    @property
    def platform(self) -> int:
        return self.micros - self.own_micros


@dataclass(frozen=True, slots=True)
class Line:
    """One limit and how far it is used, holds included. `name` is a field of `Limits`."""

    name: str
    used: int
    limit: int
    ends: datetime | None
    """When it begins anew; None: when the plan's period does, and that is not known here."""


def _lines(
    budget: Budget, house: HouseDay, limits: Limits, now: datetime, period_ends: datetime | None
) -> Iterator[Line]:
    hour_ends, day_ends = hour_of(now) + timedelta(hours=1), day_of(now) + timedelta(days=1)
    own_held = budget.held_own_micros
    figures = (
        ("site_hour", budget.hour_micros - budget.hour_own_micros + budget.held_micros - own_held, hour_ends),
        ("site_day", budget.day_micros - budget.day_own_micros + budget.held_micros - own_held, day_ends),
        ("owner_hour", budget.hour_micros + budget.held_micros, hour_ends),
        ("owner_day", budget.day_micros + budget.held_micros, day_ends),
        ("house_day", house.micros + house.held_micros, day_ends),
        ("replies", budget.period_replies + budget.held_replies, period_ends),
        ("characters", budget.period_characters + budget.held_characters, period_ends),
        ("live_seconds", budget.period_live_seconds, period_ends),
    )
    for name, used, ends in figures:
        if (limit := getattr(limits, name)) is not None:
            yield Line(name, used, limit, ends)


@dataclass(frozen=True, slots=True)
class Standing:
    """A channel's limits, and how far each is used."""

    limits: Limits
    lines: tuple[Line, ...]


def standing(channel: Channel, now: datetime) -> Standing:
    """Every limit of the channel, as it stands now."""
    plan = entitlements_of(channel)
    budget = counters.ensure(channel, now, period_of(plan, now))
    limits = limits_of(channel, budget, now)
    house = counters.house_day(day_of(now))
    return Standing(limits, tuple(_lines(budget, house, limits, now, _period_ends(plan, now))))


def standings(channel_pks: Collection[int], now: datetime) -> dict[int, Standing]:
    """The same for many channels at once: three queries where nothing has begun anew. Channels that are gone have no
    limits."""
    channels = Channel.objects.only("entitlements").in_bulk(channel_pks)
    budgets = {row.channel_id: row for row in Budget.objects.filter(channel_id__in=channels)}
    house = counters.house_day(day_of(now))
    found = dict.fromkeys(channel_pks, Standing(Limits(), ()))
    for pk, channel in channels.items():
        plan = entitlements_of(channel)
        budget = counters.ensure(channel, now, period_of(plan, now), known=budgets.get(pk))
        limits = limits_of(channel, budget, now)
        found[pk] = Standing(limits, tuple(_lines(budget, house, limits, now, _period_ends(plan, now))))
    return found


def _period_ends(plan: Entitlements, now: datetime) -> datetime | None:
    """A plan's own period ends when whoever sells it says so; the calendar month is known."""
    return None if plan.period_start else next_month(now)


def money_is_spent(channel: Channel, now: datetime, *, own: bool) -> bool:
    """Whether a ceiling in money is used up, for what is asked of a model besides replies. `own`: the channel pays its
    provider itself, so that only its owner's ceilings count."""
    names = OWNERS if own else (*OWNERS, *SITES)
    return any(line.used >= line.limit for line in standing(channel, now).lines if line.name in names)


def has_characters_left(channel: Channel, now: datetime) -> bool:
    """Whether a voice that the platform pays for may speak once more."""
    return all(line.used < line.limit for line in standing(channel, now).lines if line.name == "characters")


@transaction.atomic
def reserve(channel: Channel, *, key: str, claim: Claim, limits: Limits, now: datetime, forced: bool = False) -> str:
    """Takes the claim off the budget. "" where it is granted, also when it was before; else the limit in the way."""
    counters.ensure(channel, now, limits.period)
    mine = Budget.objects.filter(channel=channel)
    took = mine.filter(Q() if forced else _has_room(claim, limits)).update(**_held(claim, 1))
    # Looked at behind the budget's lock: who asks for the same turn at the same time waited there.
    if Reservation.objects.filter(channel=channel, key=key).exists():
        if took:
            mine.update(**_held(claim, -1))
        return ""
    if not took:
        return _in_the_way(channel, claim, limits, now)
    if claim.platform:
        today = HouseDay.objects.filter(day=day_of(now))
        if limits.house_day is not None and not forced:
            today = today.filter(micros__lte=limits.house_day - claim.platform - F("held_micros"))
        more = F("held_micros") + claim.platform
        if not today.update(held_micros=more) and not (
            # A day that has just begun has no row yet.
            counters.house_day(day_of(now)) and today.update(held_micros=more)
        ):
            mine.update(**_held(claim, -1))
            return "house_day"
    Reservation.objects.create(
        channel=channel,
        key=key,
        micros=claim.micros,
        own_micros=claim.own_micros,
        replies=claim.replies,
        characters=claim.characters,
        day=day_of(now),
        expires_at=now + HELD_FOR,
    )
    return ""


def _held(claim: Claim, sign: int) -> dict[str, F]:
    amounts = {name: getattr(claim, name) for name in ("micros", "own_micros", "replies", "characters")}
    return {f"held_{name}": F(f"held_{name}") + sign * amount for name, amount in amounts.items()}


def _has_room(claim: Claim, limits: Limits) -> Q:
    """What costs nothing is not asked about money."""
    room = Q()
    if claim.micros:
        for window, limit in (("hour", limits.owner_hour), ("day", limits.owner_day)):
            if limit is not None:
                room &= Q(**{f"{window}_micros__lte": limit - claim.micros - F("held_micros")})
    if claim.platform:
        for window, limit in (("hour", limits.site_hour), ("day", limits.site_day)):
            if limit is not None:
                own = F(f"{window}_own_micros") + F("held_own_micros")
                room &= Q(**{f"{window}_micros__lte": limit - claim.platform - F("held_micros") + own})
    if claim.replies and limits.replies is not None:
        room &= Q(period_replies__lte=limits.replies - claim.replies - F("held_replies"))
    if claim.characters and limits.characters is not None:
        room &= Q(period_characters__lte=limits.characters - claim.characters - F("held_characters"))
    return room


def _in_the_way(channel: Channel, claim: Claim, limits: Limits, now: datetime) -> str:
    """Which limit it was. The counters may have moved on since: then the fullest of them."""
    budget, house = Budget.objects.get(channel=channel), counters.house_day(day_of(now))
    asked = {
        "site_hour": claim.platform,
        "site_day": claim.platform,
        "owner_hour": claim.micros,
        "owner_day": claim.micros,
        "replies": claim.replies,
        "characters": claim.characters,
    }
    found = [line for line in _lines(budget, house, limits, now, None) if asked.get(line.name)]
    return max(found, key=lambda line: line.used + asked[line.name] - line.limit).name
