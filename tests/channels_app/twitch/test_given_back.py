"""Who is forgotten here leaves no working token behind at Twitch."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from channels_app import erasure
from channels_app.models import Channel, TwitchCredential, User
from tests.channels_app.twitch.visitor import Visitor
from tests.fakes.twitch import FakeTwitch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(twitch: FakeTwitch) -> list[User]:
    """Alice and Bob, who signed in with Twitch."""
    with override_settings(ROOT_URLCONF="tests.channels_app.twitch.urls"):
        for name in ("Alice", "Bob"):
            twitch.consent_as(name)
            Visitor(Client()).sign_in()
    return list(User.objects.order_by("pk"))


@pytest.fixture
def operator(people: list[User]) -> Client:
    client = Client()
    client.force_login(
        User.objects.create_superuser("operator", password="x"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def delete(operator: Client, people: list[User]) -> Any:
    """As the list of people in the admin does it."""
    picked = {"action": "delete_selected", "_selected_action": [person.pk for person in people], "post": "yes"}
    return operator.post(reverse("admin:channels_app_user_changelist"), picked)


def test_a_deleted_persons_token_is_given_back_and_nobody_elses(
    operator: Client, twitch: FakeTwitch, people: list[User]
) -> None:
    alice, bob = people
    token = alice.twitch_credential.access_token
    operator.post(reverse("admin:channels_app_user_delete", args=[alice.pk]), {"post": "yes"})
    assert [call.body["token"] for call in twitch.called("POST", "/oauth2/revoke")] == [token]
    assert token not in twitch.world.tokens
    assert bob.twitch_credential.access_token in twitch.world.tokens


def test_several_who_are_deleted_together(operator: Client, twitch: FakeTwitch, people: list[User]) -> None:
    delete(operator, people)
    assert not User.objects.filter(pk__in=[person.pk for person in people]).exists()
    assert [call.status for call in twitch.called("POST", "/oauth2/revoke")] == [200, 200]


def test_twitch_being_down_keeps_nobody_here(operator: Client, twitch: FakeTwitch, people: list[User]) -> None:
    twitch.fail_next("/oauth2/revoke", 503)
    delete(operator, people[:1])
    assert not User.objects.filter(pk=people[0].pk).exists()


def test_a_token_twitch_ended_by_itself_is_not_given_back(
    operator: Client, twitch: FakeTwitch, people: list[User]
) -> None:
    TwitchCredential.objects.update(state=TwitchCredential.State.RECONNECT)
    delete(operator, people)
    assert twitch.called("POST", "/oauth2/revoke") == []


@pytest.mark.parametrize("is_down", [False, True])
def test_a_closed_channel_gives_its_token_back_and_closes_though_twitch_is_down(
    twitch: FakeTwitch, people: list[User], is_down: bool
) -> None:
    alice, bob = people
    token = alice.twitch_credential.access_token
    if is_down:
        twitch.fail_next("/oauth2/revoke", 503)
    channel = Channel.objects.get(broadcaster=alice)
    erasure.close(channel, acting_user=alice)
    assert [call.body["token"] for call in twitch.called("POST", "/oauth2/revoke")] == [token]
    channel.refresh_from_db()
    assert channel.erase_after is not None
    assert channel.reauthorise_since is not None
    assert TwitchCredential.objects.get(user=alice).state == TwitchCredential.State.RECONNECT
    assert TwitchCredential.objects.get(user=bob).state == TwitchCredential.State.OK
    # What was given back once is not given back again when the week is over.
    erasure.erase_due(now=timezone.now() + erasure.GRACE)
    assert len(twitch.called("POST", "/oauth2/revoke")) == 1
    assert not User.objects.filter(pk=alice.pk).exists()
