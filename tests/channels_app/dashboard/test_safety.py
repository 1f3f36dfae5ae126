"""How a channel chooses its safety rules and its words, and how the choice reaches her."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError
from django.test import Client

from channels_app.dashboard.settings_actions import set_safety
from channels_app.models import AuditEvent, Channel, SafetyProfile, User
from tests.channels_app.dashboard.test_queue import inbox
from workers.pipeline.values import Profile

pytestmark = pytest.mark.usefixtures("built_front_end")

CHOSEN = {"safety_profile": "standard", "banned_words": "Voldemort", "allowed_words": "cocks\ncockerel"}


def post(client: Client, channel: Channel, **changes: str) -> Any:
    return client.post(f"/c/{channel.public_id}/settings/safety/", CHOSEN | changes)


def page(client: Client, channel: Channel) -> str:
    return client.get(f"/c/{channel.public_id}/settings/").content.decode()


def chosen(html: str) -> str:
    """The profile that is ticked."""
    boxes: list[str] = [tag for tag in re.findall(r'<input type="radio"[^>]*>', html) if "checked" in tag]
    assert len(boxes) == 1
    return boxes[0].partition('value="')[2].partition('"')[0]


@pytest.fixture
def owner(client: Client, channel: Channel) -> Client:
    client.force_login(channel.broadcaster)
    return client


def test_the_profiles_are_those_of_the_line() -> None:
    assert set(SafetyProfile.values) == set(get_args(Profile))


def test_a_channel_begins_as_a_family_stream(channel: Channel, owner: Client) -> None:
    assert (channel.safety_profile, channel.allowed_words) == ("family", [])
    assert chosen(page(owner, channel)) == "family"


def test_an_unknown_profile_stands_in_no_row(channel: Channel) -> None:
    with pytest.raises(IntegrityError):
        Channel.objects.filter(pk=channel.pk).update(safety_profile="none")


def test_the_broadcaster_chooses_profile_and_words(owner: Client, channel: Channel) -> None:
    assert post(owner, channel).status_code == 302
    channel.refresh_from_db()
    assert (channel.safety_profile, channel.banned_words) == ("standard", ["Voldemort"])
    assert channel.allowed_words == ["cocks", "cockerel"]
    assert AuditEvent.objects.get(action="channel.safety_changed").detail == {
        "fields": ["allowed_words", "banned_words", "safety_profile"],
        "profile": "standard",
    }
    post(owner, channel)
    assert AuditEvent.objects.filter(action="channel.safety_changed").count() == 1, "nothing changed"


@pytest.mark.parametrize("changes", [{"safety_profile": "none"}, {"safety_profile": ""}, {"allowed_words": "x" * 81}])
def test_what_is_no_choice_is_refused(owner: Client, channel: Channel, changes: dict[str, str]) -> None:
    answer = post(owner, channel, **changes)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    channel.refresh_from_db()
    assert (channel.safety_profile, channel.banned_words) == ("family", [])


def test_no_channel_can_allow_what_is_blocked_on_all(owner: Client, channel: Channel) -> None:
    answer = post(owner, channel, allowed_words="cocks\nf4gg0t")
    assert answer.status_code == 400
    assert "“f4gg0t” is blocked on every channel (rule lexicon.tier1.slur)" in answer.content.decode()
    answer = post(owner, channel, allowed_words="ann@example.com")
    assert "“ann@example.com” is blocked on every channel" in answer.content.decode()


def test_moderators_keep_the_words_and_leave_the_profile_alone(client: Client, channel: Channel, bob: User) -> None:
    client.force_login(bob)
    assert "id_safety_profile" not in page(client, channel)
    assert "The broadcaster can change it." in page(client, channel)
    assert post(client, channel).status_code == 302
    channel.refresh_from_db()
    assert (channel.safety_profile, channel.banned_words) == ("family", ["Voldemort"])


@pytest.mark.django_db(transaction=True)
async def test_a_live_run_is_told(channel: Channel, alice: User) -> None:
    async with inbox(channel) as next_body:
        await sync_to_async(set_safety)(
            channel, acting_user=alice, safety_profile="mature", banned_words=[], allowed_words=[]
        )
        assert await next_body() == {"t": "command", "name": "reload"}
