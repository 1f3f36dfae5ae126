"""A version that is checked against a provider on loopback, and the page that tells of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from channels_app.models import Channel, User
from personas.models import PersonaVersion, VersionReport
from personas.publishing import offer
from tests.fakes.provider import ProviderServer
from workers import preflight
from workers.rehearsal.lines import lines_for

SHORT = lines_for("en")[-20:]
"""Ordinary talk, and what she is asked again: enough where it does not matter what she is asked."""


def live(channel: Channel) -> PersonaVersion:
    found = channel.personas.get(is_active=True).published
    assert found is not None
    return found


def draft_with(channel: Channel, alice: User, story: str = "She keeps a shop for clouds.") -> PersonaVersion:
    """A draft that was offered: with a provider its check waits for a worker."""
    return offer(channel, acting_user=alice, values={"description": story})


def answering(said: Callable[[int], str], provider: ProviderServer) -> None:
    """Every reply of the provider, by its number."""
    numbers = itertools.count()
    provider.answer = lambda body: said(next(numbers))


def fine(number: int) -> str:
    """A reply nothing can be said against, in the language that most lines have."""
    return f"[happy] Mira here with thought {number}: {'abcdefghij'[number % 10]}{number} is quite a number."


def check(**how: Any) -> None:
    """A worker carries out the check that waits."""
    preflight.run(VersionReport.objects.get().pk, **({"course": SHORT} | how))


def page(client: Client, channel: Channel, version: PersonaVersion) -> str:
    return client.get(reverse("persona_report", args=[channel.public_id]), {"draft": version.number}).content.decode()


def press(client: Client, channel: Channel, version: PersonaVersion, do: str) -> str:
    path = reverse("persona_report", args=[channel.public_id])
    return client.post(f"{path}?draft={version.number}", {"do": do}, follow=True).content.decode()
