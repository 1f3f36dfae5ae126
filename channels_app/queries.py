"""Reads that matter, always through the channel or the person who asks."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.db.models import Case, Count, Q, QuerySet, When
from django.utils import timezone

from channels_app.entitlements import entitlements_of
from channels_app.models import Channel, Membership, OverlayKey, OverlayPresence, PaidEvent, Turn, User

PRESENCE_LIFE = timedelta(seconds=35)
"""A page reports every 10 s; after three missed reports it is gone."""

LONGEST_TURN = timedelta(minutes=2)


def channels_of(user: User) -> QuerySet[Channel]:
    """Channels the person is a member of, own first; none that is being deleted."""
    found = Channel.objects.filter(memberships__user=user, erase_after__isnull=True)
    return found.order_by(Case(When(memberships__role=Membership.Role.OWNER, then=0), default=1), "created_at")


def closing_channels_of(user: User) -> QuerySet[Channel]:
    """The person's own channels that are being deleted and may still be kept."""
    return Channel.objects.filter(broadcaster=user, erase_after__isnull=False).order_by("erase_after")


def channel_for(user: User, public_id: str) -> Channel:
    """The channel where this person is a member. Raises Channel.DoesNotExist for strangers, and for everybody while
    it is being deleted."""
    return Channel.objects.get(public_id=public_id, memberships__user=user, erase_after__isnull=True)


def role_in(user: User, channel: Channel) -> str:
    """The person's role in the channel, "" for strangers."""
    membership = Membership.objects.filter(user=user, channel=channel).first()
    return membership.role if membership else ""


def connected_overlays(channel: Channel) -> QuerySet[OverlayPresence]:
    return OverlayPresence.objects.filter(channel=channel, seen_at__gt=timezone.now() - PRESENCE_LIFE)


def audience_of(channel_pks: Collection[int]) -> dict[int, int]:
    """How many overlay pages are connected, by channel, of those that have any."""
    here = OverlayPresence.objects.filter(channel_id__in=channel_pks, seen_at__gt=timezone.now() - PRESENCE_LIFE)
    return dict(here.values_list("channel_id").annotate(Count("pk")))


def is_answering(channel: Channel) -> bool:
    """Whether she thinks or speaks just now. What a dead worker left open does not count for ever."""
    return Turn.objects.filter(
        channel=channel, outcome__in=Turn.OPEN, created_at__gt=timezone.now() - LONGEST_TURN
    ).exists()


def living_keys(channel: Channel) -> QuerySet[OverlayKey]:
    """Those that open an overlay of this channel now, the newest first."""
    return OverlayKey.objects.filter(opens_now(), channel=channel).order_by("-created_at")


def opens_now() -> Q:
    """Of overlay keys: neither revoked nor run out."""
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))


def mouth_offset(channel: Channel, key_id: int | None) -> int:
    """Milliseconds the mouth moves later where this overlay URL is open: its own, else the channel's."""
    key = OverlayKey.objects.filter(channel=channel, pk=key_id).first() if key_id is not None else None
    own = key.mouth_offset_ms if key else None
    return channel.mouth_offset_ms if own is None else own


def last_turns(channel: Channel, count: int = 20) -> QuerySet[Turn]:
    """The newest first, each with the report that its line was blocked wrongly, where somebody made one."""
    return turns_shown(channel).select_related("safety_case").order_by("-created_at")[:count]


def turns_shown(channel: Channel) -> QuerySet[Turn]:
    """As far back as the channel's plan goes. What is older comes back with a larger plan, see `retention`."""
    turns = Turn.objects.filter(channel=channel)
    days = entitlements_of(channel).history_days
    return turns if days is None else turns.filter(created_at__gt=timezone.now() - timedelta(days=days))


def turn_of(channel: Channel, turn_id: uuid.UUID) -> Turn | None:
    return turns_shown(channel).filter(pk=turn_id).first()


def open_paid_events(channel: Channel) -> QuerySet[PaidEvent]:
    return PaidEvent.objects.filter(
        channel=channel, state__in=[PaidEvent.State.WAITING, PaidEvent.State.CLAIMED]
    ).order_by("received_at", "pk")


def with_words(words: str, *fields: str) -> Q:
    """In one of these fields, whatever its case.

    SQLite knows upper and lower case of Latin letters alone, so that the usual spellings of other words are tried.
    """
    spellings = dict.fromkeys((words, words.lower(), words.capitalize(), words.upper(), words.title()))
    fits = Q()
    for spelling in spellings:
        for field in fields:
            fits |= Q(**{f"{field}__icontains": spelling})
    return fits
