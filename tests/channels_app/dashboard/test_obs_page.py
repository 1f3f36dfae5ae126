"""The page that puts her into OBS: what it shows to whom, and what its buttons do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from channels_app.models import AuditEvent, Channel, OverlayKey, User
from tests import factories
from tests.reading import texts

HERE: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}


def signed_in(person: User) -> Client:
    client = Client(**HERE)
    client.force_login(person)
    return client


@pytest.fixture
def broadcaster(alice: User) -> Client:
    return signed_in(alice)


def of(channel: Channel, path: str = "") -> str:
    return f"/c/{channel.public_id}/{path}"


def shown(client: Client, channel: Channel, path: str = "obs/") -> str:
    answer = client.get(of(channel, path))
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_an_overlay_it_says_what_to_do(broadcaster: Client, channel: Channel) -> None:
    found = texts(shown(broadcaster, channel))
    assert "No overlay is connected." in found
    assert "Paste the URL into OBS, then come back: this page notices by itself." in found
    assert 'type="range"' not in shown(broadcaster, channel)


def test_a_preview_is_no_overlay(broadcaster: Client, channel: Channel) -> None:
    factories.overlay_page(channel, is_preview=True)
    assert "No overlay is connected." in texts(shown(broadcaster, channel))


@pytest.mark.parametrize("path", ["obs/", "obs/live/"])
def test_a_connected_overlay_is_shown_with_its_slider(broadcaster: Client, channel: Channel, path: str) -> None:
    page = factories.overlay_page(channel)
    Channel.objects.filter(pk=channel.pk).update(audio_owner=page.connection)
    html = shown(broadcaster, channel, path)
    found = " ".join(texts(html))
    assert "OBS 32.0.2" in found
    assert "plays the sound · 60 pictures a second · seen 0 s ago" in found
    assert f'id="offset-{page.key_id}"' in html


def test_pages_of_one_url_share_a_slider(broadcaster: Client, channel: Channel) -> None:
    page = factories.overlay_page(channel)
    factories.overlay_page(channel, page.key)
    assert shown(broadcaster, channel).count('type="range"') == 1


def test_a_page_of_another_channel_is_not_shown(broadcaster: Client, channel: Channel) -> None:
    factories.overlay_page(factories.channel())
    assert "No overlay is connected." in texts(shown(broadcaster, channel))


def test_moderators_see_how_overlays_are_doing_and_nothing_of_keys(channel: Channel, bob: User) -> None:
    page = factories.overlay_page(channel)
    assert page.key is not None
    html = shown(signed_in(bob), channel)
    assert "OBS 32.0.2" in html
    assert f"…{page.key.hint}" not in html
    assert "data-rotate" not in html


def test_the_channel_page_leads_here_and_tells_each_overlay_in_short(
    broadcaster: Client, channel: Channel, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    page = factories.overlay_page(channel, fps=31.4, underruns=2, gaps=1)
    factories.overlay_page(channel, page.key, visible=False)
    factories.overlay_page(channel, page.key, active=False)
    Channel.objects.filter(pk=channel.pk).update(audio_owner=page.connection)
    html = shown(broadcaster, channel, "")
    found = texts(html)
    assert "plays the sound · 31 pictures a second · 3 interruptions · seen 0 s ago" in found
    assert "shows her without sound · hidden · seen 0 s ago" in found
    assert "shows her without sound · 60 pictures a second · not in the scene on air · seen 0 s ago" in found
    assert html.count(f'href="{of(channel, "obs/")}"') == 3, "first steps, preview, overlay URL"


# Its buttons


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_members_play_and_end_the_test(channel: Channel, who: str, request: pytest.FixtureRequest) -> None:
    factories.overlay_page(channel)
    client = signed_in(request.getfixturevalue(who))
    for name, action in (("test", "overlay.tested"), ("end-test", "overlay.test_ended")):
        answer = client.post(of(channel, f"do/{name}/"))
        assert (answer.status_code, answer["Location"]) == (302, of(channel, "obs/"))
        assert client.post(f"/api/v1{of(channel, name)}/").status_code == 200
        assert AuditEvent.objects.filter(action=action).count() == 2


def test_a_refused_test_says_why(broadcaster: Client, channel: Channel) -> None:
    why = "No overlay is connected. Open it in OBS, then play the test."
    answer = broadcaster.post(of(channel, "do/test/"))
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [why]
    refused = broadcaster.post(f"/api/v1{of(channel, 'test/')}")
    assert (refused.status_code, refused.json()) == (409, {"code": "refused", "message": why})


def test_strangers_play_no_test(channel: Channel, charlie: User) -> None:
    factories.overlay_page(channel)
    client = signed_in(charlie)
    assert client.post(of(channel, "do/test/")).status_code == 404
    assert client.post(f"/api/v1{of(channel, 'test/')}").status_code == 404
    assert client.get(of(channel, "do/test/")).status_code == 405


@pytest.mark.parametrize("place", ["obs/mouth-offset/", "/api/v1"])
def test_an_offset_is_kept_and_given_back(channel: Channel, bob: User, place: str) -> None:
    client, key = signed_in(bob), factories.overlay_page(channel).key
    assert key is not None
    address = of(channel, place) if place.startswith("obs") else f"/api/v1{of(channel, 'mouth-offset/')}"
    client.post(address, {"key": key.pk, "mouth_offset_ms": "-120"})
    key.refresh_from_db()
    assert key.mouth_offset_ms == -120
    assert "Back to the channel's 0 ms" in texts(shown(client, channel))
    client.post(address, {"key": key.pk, "mouth_offset_ms": ""})
    key.refresh_from_db()
    assert key.mouth_offset_ms is None


@pytest.mark.parametrize("offset", ["501", "-501", "soon"])
def test_an_offset_out_of_range_is_refused(broadcaster: Client, channel: Channel, offset: str) -> None:
    key = factories.overlay_page(channel).key
    assert key is not None
    refused = broadcaster.post(f"/api/v1{of(channel, 'mouth-offset/')}", {"key": key.pk, "mouth_offset_ms": offset})
    assert refused.status_code == 400
    assert list(refused.json()["fields"]) == ["mouth_offset_ms"]
    answer = broadcaster.post(of(channel, "obs/mouth-offset/"), {"key": key.pk, "mouth_offset_ms": offset})
    assert "That was not saved" in str(next(iter(get_messages(answer.wsgi_request))))


def test_the_url_of_another_channel_is_refused(broadcaster: Client, channel: Channel) -> None:
    foreign, _plain = factories.overlay_key(factories.channel())
    fields = {"key": foreign.pk, "mouth_offset_ms": "100"}
    assert broadcaster.post(f"/api/v1{of(channel, 'mouth-offset/')}", fields).status_code == 400
    assert OverlayKey.objects.get(pk=foreign.pk).mouth_offset_ms is None
