"""Rows for tests, each made by one plain function with sensible values; keywords override any field."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from channels_app import actions, audience, terms
from channels_app.models import Channel, Consent, Membership, OverlayKey, OverlayPresence, PaidEvent, Turn, User
from channels_app.overlay import auth
from personas.models import Persona, PersonaVersion
from workers.pipeline.values import Chatter, EventKind, StreamEvent

_numbers = itertools.count(1)


def user(name: str = "", **fields: Any) -> User:
    number = next(_numbers)
    name = name or f"Person{number}"
    values = {"display_name": name, "twitch_id": str(1000 + number), "email": f"{name.lower()}@example.com"} | fields
    made = User.objects.create_user(username=f"{name.lower()}{number}", **values)
    Consent.objects.create(user=made, version=terms.current_version(), language="en")
    return made


def channel(broadcaster: User | None = None, *, moderators: Sequence[User] = (), **fields: Any) -> Channel:
    """A channel of this broadcaster (somebody new without one)."""
    number = next(_numbers)
    broadcaster = broadcaster or user()
    made = actions.open_channel(
        broadcaster,
        login=f"{broadcaster.username}_{number}",
        display_name=broadcaster.display_name,
        twitch_id=broadcaster.twitch_id,
    )
    for moderator in moderators:
        Membership.objects.create(channel=made, user=moderator, role=Membership.Role.MODERATOR)
    if fields:
        Channel.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    return made


def persona(of: Channel, *, publish: bool = True, **fields: Any) -> Persona:
    """A persona on stage with one version (published unless told otherwise); fields go to the version."""
    made = Persona.objects.create(channel=of)
    version(made, publish=publish, **fields)
    return made


def version(of: Persona, *, publish: bool = True, **fields: Any) -> PersonaVersion:
    """The persona's next version."""
    values = {"name": "Mira", "description": "A cheerful fox who lives in a radio tower."} | fields
    made = PersonaVersion.objects.create(channel=of.channel, persona=of, number=of.versions.count() + 1, **values)
    if publish:
        made.publish()
    return made


def turn(of: Channel, **fields: Any) -> Turn:
    """A turn that was spoken."""
    values = {
        "trigger": "mention",
        "chatter_name": "Dora",
        "asked": "Mira, how are you?",
        "said": "Splendid!",
        "outcome": Turn.Outcome.SPOKEN,
    } | fields
    values.setdefault("person", audience.number_of(of.pk, values.get("chatter_id", ""), timezone.now()))
    return Turn.objects.create(channel=of, **values)


def event(text: str = "Mira, how are you?", **fields: Any) -> StreamEvent:
    """A chat message by Dora; `kind`, `amount` and the others make something else of it."""
    values: dict[str, Any] = {
        "id": f"event-{next(_numbers)}",
        "kind": EventKind.MESSAGE,
        "chatter": Chatter(id="44", name="Dora"),
        "text": text,
        "at": 1_764_000_000.0,
    }
    return StreamEvent(**(values | fields))


def paid_event(of: Channel, **fields: Any) -> PaidEvent:
    """A cheer of 100 bits that waits to be answered."""
    cheer = event("Cheer100 hello!", kind=EventKind.CHEER, amount=100)
    values = {"kind": cheer.kind, "event_id": cheer.id, "payload": cheer.as_message()} | fields
    return PaidEvent.objects.create(channel=of, **values)


def overlay_key(of: Channel, **fields: Any) -> tuple[OverlayKey, str]:
    """A living overlay key: its row and the plain key."""
    key = auth.new_key()
    return OverlayKey.objects.create(channel=of, digest=auth.digest(key), hint=key[-4:], **fields), key


def overlay_page(of: Channel, key: OverlayKey | None = None, **fields: Any) -> OverlayPresence:
    """An overlay page that is connected and well, in a good OBS; its URL is new unless given."""
    values = {
        "connection": f"connection-{next(_numbers)}",
        "key": key or overlay_key(of)[0],
        "obs_version": "2.26.4",
        "program_version": "32.0.2",
        "engine": "Chrome/127.0.6533.120",
        "renderer": "ANGLE (NVIDIA GeForce RTX 3060)",
        "seen_at": timezone.now(),
        "audible": True,
        "sample_rate": 48_000,
        "worklet": True,
        "width": 800,
        "height": 800,
        "fps": 60.0,
    } | fields
    return OverlayPresence.objects.create(channel=of, **values)
