"""The persona a channel begins with speaks the language of whoever comes in first."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from channels_app.demo_people import demo_broadcaster
from channels_app.models import Channel
from personas.actions import create_default_persona, save_persona
from personas.models import PersonaVersion
from personas.snapshot import persona_of
from tests import factories

pytestmark = pytest.mark.django_db

HERE: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}


@pytest.fixture
def demo() -> Channel:
    """The demo as the service opens it before anybody has come."""
    channel = demo_broadcaster()
    create_default_persona(channel, "en")
    return channel


def come_in(channel: Channel, language: str) -> str:
    client = Client(headers={"accept-language": language}, **HERE)
    client.force_login(channel.broadcaster)
    return client.get(f"/c/{channel.public_id}/").content.decode()


def on_stage(channel: Channel) -> PersonaVersion:
    persona = persona_of(channel)
    assert persona is not None
    assert persona.published is not None
    return persona.published


def test_the_demo_turns_russian_for_a_russian(demo: Channel) -> None:
    page = come_in(demo, "ru")
    assert (on_stage(demo).name, on_stage(demo).language) == ("Мика", "ru")
    assert on_stage(demo).every_message
    assert "Мика, как прошёл твой день?" in page


def test_the_first_visitor_decides_for_good(demo: Channel) -> None:
    come_in(demo, "ru")
    come_in(demo, "en")
    assert on_stage(demo).name == "Мика"


def test_an_english_visitor_changes_nothing(demo: Channel) -> None:
    come_in(demo, "en")
    come_in(demo, "de")
    assert PersonaVersion.objects.count() == 1
    assert on_stage(demo).name == "Mika"


def test_a_demo_somebody_has_shaped_stays_as_it_is(demo: Channel) -> None:
    PersonaVersion.objects.all().delete()
    save_persona(demo, acting_user=demo.broadcaster, values={"name": "Robin", "language": "en"})
    come_in(demo, "ru")
    assert on_stage(demo).name == "Robin"


def test_a_real_channel_keeps_its_first_persona() -> None:
    channel = factories.channel()
    assert "Мика" in come_in(channel, "ru")
    come_in(channel, "en")
    assert on_stage(channel).name == "Мика"
