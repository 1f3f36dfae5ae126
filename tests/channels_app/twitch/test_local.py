"""Sign-in as the demo broadcaster: on one's own machine without Twitch keys, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as site
from pytest_django.fixtures import Settings

from channels_app.demo_people import demo_broadcaster
from channels_app.models import Channel
from tests.channels_app.twitch.visitor import Visitor
from tests.fakes.twitch import FakeTwitch

HERE: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}


def test_one_click_makes_me_the_demo_broadcaster(visitor: Visitor) -> None:
    answer = visitor.client.post("/sign-in/local/", **HERE)
    assert (answer.status_code, answer["Location"]) == (302, "/home/")
    channel = Channel.objects.get()
    assert (channel.login, channel.is_demo, channel.twitch_id) == ("demo", True, None)
    assert visitor.person == channel.broadcaster
    assert not channel.broadcaster.is_staff


def test_a_second_time_finds_the_same_channel(visitor: Visitor) -> None:
    assert demo_broadcaster() == demo_broadcaster()
    visitor.client.post("/sign-in/local/", **HERE)
    assert Channel.objects.count() == 1


def test_only_by_post(visitor: Visitor) -> None:
    assert visitor.client.get("/sign-in/local/", **HERE).status_code == 405
    assert visitor.person is None


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "::ffff:192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_HOST": "testserver"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
    ],
)
def test_not_from_elsewhere(visitor: Visitor, elsewhere: dict[str, str]) -> None:
    assert visitor.client.post("/sign-in/local/", **{**HERE, **elsewhere}).status_code == 404
    assert visitor.person is None
    assert not Channel.objects.exists()


def test_not_where_twitch_keys_are_set(twitch: FakeTwitch, visitor: Visitor) -> None:
    assert visitor.client.post("/sign-in/local/", **HERE).status_code == 404


def test_not_on_a_public_site(visitor: Visitor, settings: Settings) -> None:
    settings.ENV = site.ENV.model_copy(update={"SITE_URL": "https://ai.example.com"})
    assert visitor.client.post("/sign-in/local/", **HERE).status_code == 404
