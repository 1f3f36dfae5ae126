"""Which voices the persona page offers, and what it says of those that spoke."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.models import Channel
from tests import factories
from tests.fakes.provider import ProviderServer, status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> tuple[Client, Channel]:
    broadcaster = factories.user()
    client = Client()
    client.force_login(broadcaster)
    return client, factories.channel(broadcaster)


def listed(owner: tuple[Client, Channel]) -> tuple[list[str], bool]:
    """Names of the provider's voices, and whether it is silent about more."""
    client, channel = owner
    told: dict[str, Any] = client.get(reverse("voices", args=[channel.public_id])).json()
    return [voice["name"] for voice in told["voices"] if voice["engine"] == "openai"], told["silent"]


def test_the_servers_own_voices_are_offered_and_it_is_asked_once(
    owner: tuple[Client, Channel], provider: ProviderServer
) -> None:
    provider.pages["/v1/audio/voices"] = json.dumps({"voices": [{"id": "af_heart"}, {"id": "af_sky"}]}).encode()
    configured, *others = listed(owner)[0]
    assert configured
    assert others == ["af_heart", "af_sky"]
    assert listed(owner) == ([configured, *others], False)
    assert len(provider.requests_to("/voices")) == 1


def test_a_server_that_tells_nothing_leaves_the_configured_voice_and_the_page_says_so(
    owner: tuple[Client, Channel], provider: ProviderServer
) -> None:
    names, silent = listed(owner)
    assert (len(names), silent) == (1, True)
    assert len(provider.requests_to("/voices")) == len(("/audio/voices", "/audio/speech/voices"))


def test_without_a_server_nobody_is_silent(owner: tuple[Client, Channel]) -> None:
    assert listed(owner) == ([], False)


def test_who_spoke_is_said_and_that_it_stood_in(owner: tuple[Client, Channel], provider: ProviderServer) -> None:
    client, channel = owner
    line = {"text": "Hello there.", "engine": "openai", "name": "mira", "language": "en"}
    provider.speech.queue(status(200), status(500))
    answers = [client.post(reverse("voice_sample", args=[channel.public_id]), line) for _ in range(2)]
    spoke = [(unquote(answer["X-Voice"]), answer.has_header("X-Voice-Stands-In")) for answer in answers]
    assert spoke[0][0].endswith(" (mira)")
    assert spoke[0][1] is False
    assert spoke[1] == ("built-in English voice (hibari)", True)
