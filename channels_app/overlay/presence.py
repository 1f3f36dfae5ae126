"""Which overlay pages are connected, how they are doing, and which one of them plays the sound."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db import transaction
from django.utils import timezone

from channels_app import push
from channels_app.models import Channel, OverlayKey, OverlayPresence
from channels_app.overlay import protocol
from channels_app.queries import PRESENCE_LIFE, connected_overlays


class TooManySocketsError(Exception):
    """The key has all the sockets it may have."""


NOTICED = (
    "audible", "visible", "active", "sample_rate", "worklet", "width", "height", "underruns", "gaps",
)  # fmt: skip
"""Columns whose change is shown at once; the others wait for the next look."""
NOTICED_FPS = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """What a page runs in, by its own word."""

    obs_version: str = ""
    program_version: str = ""
    engine: str = ""
    renderer: str = ""


def join(channel: Channel, key: OverlayKey | None, place: Place, *, ip: str | None, was: str = "") -> OverlayPresence:
    """A page has shown its key (or is a member's preview). Raises TooManySocketsError.

    `was`: its connection until now. A network that goes away silently leaves that one standing for a while, and the
    sound would stay with it.
    """
    now = timezone.now()
    if was:
        OverlayPresence.objects.filter(channel=channel, key=key, connection=was).delete()
    if key is not None:
        if connected_overlays(channel).filter(key=key).count() >= protocol.MAX_SOCKETS_PER_KEY:
            raise TooManySocketsError
        OverlayKey.objects.filter(pk=key.pk).update(last_seen_at=now, last_seen_ip=ip)
    presence = OverlayPresence.objects.create(
        channel=channel,
        connection=secrets.token_hex(16),
        key=key,
        is_preview=key is None,
        seen_at=now,
        **asdict(place),
    )
    elect(channel)
    return presence


def report(presence: OverlayPresence, values: dict[str, Any]) -> bool:
    """The page's regular word of life. `values` are columns of OverlayPresence. True when a person would notice."""
    noticed = any(name in values and values[name] != getattr(presence, name) for name in NOTICED)
    noticed |= "fps" in values and abs(values["fps"] - (presence.fps or 0)) > NOTICED_FPS
    became_audible = "audible" in values and values["audible"] != presence.audible
    for name, value in values.items():
        setattr(presence, name, value)
    # A row pruned while the machine slept comes back: the page is there after all.
    OverlayPresence.objects.update_or_create(
        connection=presence.connection,
        defaults=values | {"seen_at": timezone.now()},
        create_defaults={
            "channel": presence.channel,
            "key": presence.key,
            "is_preview": presence.is_preview,
            "seen_at": timezone.now(),
        }
        | {field.name: getattr(presence, field.name) for field in fields(Place)}
        | values,
    )
    if became_audible:
        elect(presence.channel)
    else:
        _renew(presence)
    return noticed


def leave(presence: OverlayPresence) -> None:
    OverlayPresence.objects.filter(connection=presence.connection).delete()
    elect(presence.channel)


def prune() -> int:
    """Rows whose page has not reported for too long (its web process died). Returns how many."""
    gone = OverlayPresence.objects.filter(seen_at__lte=timezone.now() - PRESENCE_LIFE)
    channels = list(Channel.objects.filter(overlays__in=gone).distinct())
    count, _by_model = gone.delete()
    for channel in channels:
        elect(channel)
        push.inbox_now(channel, {"t": "overlay"})
    return count


def _renew(presence: OverlayPresence) -> None:
    Channel.objects.filter(pk=presence.channel_id, audio_owner=presence.connection).update(
        audio_owner_until=timezone.now() + PRESENCE_LIFE
    )


def elect(channel: Channel) -> str:
    """The connection that plays the sound, chosen anew; the others are told on a change.

    One whose audio runs is better than one that waits for a click; an overlay is better than a preview; among equals
    the present owner stays, so that the voice does not wander.
    """
    with transaction.atomic():
        locked = Channel.objects.select_for_update().get(pk=channel.pk)
        pages = connected_overlays(channel)
        best = max(
            pages,
            key=lambda page: (
                page.audible,
                not page.is_preview,
                page.connection == locked.audio_owner,
                -page.connected_at.timestamp(),
            ),
            default=None,
        )
        owner = best.connection if best else ""
        changed = owner != locked.audio_owner
        Channel.objects.filter(pk=channel.pk).update(
            audio_owner=owner, audio_owner_until=timezone.now() + PRESENCE_LIFE if owner else None
        )
        if changed:
            transaction.on_commit(lambda: push.overlay_control_now(channel, {"t": "owner", "connection": owner}))
    return owner
