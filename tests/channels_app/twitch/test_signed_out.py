"""Who Twitch no longer vouches for is signed out here: in every browser, at once, and nobody else is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client
from django.utils import timezone

from aigirl_site.asgi import application
from channels_app.models import Channel, TwitchCredential, User
from channels_app.twitch import consent, tokens
from channels_app.twitch.helix import TwitchError
from tests.channels_app.twitch.visitor import Visitor
from tests.fakes.twitch import FakeTwitch

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(twitch: FakeTwitch, visitor: Visitor, name: str) -> User:
    twitch.consent_as(name)
    visitor.sign_in()
    assert visitor.person is not None
    return visitor.person


def test_a_refused_refresh_signs_the_person_out_and_nobody_else(twitch: FakeTwitch, visitor: Visitor) -> None:
    telephone, bob = Visitor(Client()), Visitor(Client())
    alice = signed_in(twitch, visitor, "Alice")
    signed_in(twitch, telephone, "Alice")
    signed_in(twitch, bob, "Bob")
    TwitchCredential.objects.filter(user=alice).update(expires_at=timezone.now() + timedelta(seconds=30))
    twitch.kill_refresh_tokens("Alice")
    with pytest.raises(TwitchError):
        tokens.access_token(alice)
    assert (visitor.person, telephone.person) == (None, None)
    assert bob.person is not None


def test_a_wrong_client_id_of_ours_signs_nobody_out(twitch: FakeTwitch, visitor: Visitor) -> None:
    alice = signed_in(twitch, visitor, "Alice")
    TwitchCredential.objects.update(expires_at=timezone.now() + timedelta(seconds=30))
    twitch.world.client_id = "the right one"
    with pytest.raises(TwitchError):
        tokens.access_token(alice)
    assert visitor.person == alice
    assert TwitchCredential.objects.get().state == TwitchCredential.State.OK


def test_after_a_new_sign_in_the_next_refusal_counts_again(twitch: FakeTwitch, visitor: Visitor) -> None:
    alice = signed_in(twitch, visitor, "Alice")
    consent.needed_again(alice, "refused")
    assert visitor.person is None
    signed_in(twitch, visitor, "Alice")
    consent.needed_again(alice, "refused again")
    assert visitor.person is None


def test_a_channel_twitch_does_not_let_us_into_signs_nobody_out(twitch: FakeTwitch, visitor: Visitor) -> None:
    alice = signed_in(twitch, visitor, "Alice")
    consent.channel_needs_consent(Channel.objects.get(broadcaster=alice), "chat was refused")
    assert visitor.person == alice


async def test_an_open_dashboard_of_the_person_closes(twitch: FakeTwitch, visitor: Visitor) -> None:
    alice = await sync_to_async(signed_in)(twitch, visitor, "Alice")
    channel = await Channel.objects.aget(broadcaster=alice)
    page = await dashboard(channel, visitor.client)
    for _ in ("let in", "told the state, so it listens"):
        assert (await page.receive_output(5))["type"] != "websocket.close"
    await sync_to_async(consent.needed_again)(alice, "refused")
    assert await close_code(page) == 4404
    assert await close_code(await dashboard(channel, visitor.client)) == 4404


async def dashboard(channel: Channel, client: Client) -> Any:
    """The channel's dashboard as this browser opens it."""
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    headers = {"origin": settings.SITE_URL, "host": "127.0.0.1:8000", "cookie": cookie}
    made: Any = ApplicationCommunicator
    socket = made(
        application,
        {
            "type": "websocket",
            "path": f"/ws/channel/{channel.public_id}/",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "subprotocols": [],
        },
    )
    await socket.send_input({"type": "websocket.connect"})
    return socket


async def close_code(socket: Any) -> int:
    while (message := await socket.receive_output(5))["type"] != "websocket.close":
        pass
    await socket.send_input({"type": "websocket.disconnect", "code": message["code"]})
    await socket.wait(5)
    return int(message["code"])
