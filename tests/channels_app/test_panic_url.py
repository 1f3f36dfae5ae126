"""One address silences her: by whom, from where, and what it can never do."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.test import Client

from channels_app import panic_urls, push
from channels_app.models import AuditEvent, Channel, PanicKey, User
from channels_app.redaction import SecretFilter
from tests import factories
from tests.absence import absent
from tests.clock import until
from tests.live import watching

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is only slow, on a busy machine, is not taken for one that is away."""
    monkeypatch.setattr(panic_urls, "DATABASE_SECONDS", 20.0)


@pytest.fixture
def url(channel: Channel) -> str:
    made = panic_urls.new_panic_url(channel, acting_user=channel.broadcaster)
    return made[made.index("/panic/") :]


@pytest.fixture
def anybody() -> Client:
    """A program on somebody's desk: no session, no cookie, no token of a form."""
    return Client(enforce_csrf_checks=True)


def is_silent(channel: Channel) -> bool:
    channel.refresh_from_db()
    return channel.panic_since is not None


def test_a_post_by_any_client_silences_her_and_says_so_in_the_audit(
    channel: Channel, url: str, anybody: Client
) -> None:
    answer = anybody.post(url)
    assert (answer.status_code, answer.json()) == (200, {"panic": True, "latched": True})
    assert is_silent(channel)
    row = AuditEvent.objects.get(channel=channel, action="channel.panic")
    assert (row.actor, row.detail) == (None, {"by": f"panic URL …{url[-4:]}"})
    assert PanicKey.objects.get().used_at is not None


@pytest.mark.parametrize("method", ["get", "head"])
def test_what_only_opens_the_address_silences_nobody(channel: Channel, url: str, anybody: Client, method: str) -> None:
    """Previews of links, virus scanners and browsers that load ahead."""
    answer = getattr(anybody, method)(url)
    assert answer.status_code == 200
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not is_silent(channel)


def test_its_page_has_one_button_that_does_it(channel: Channel, url: str, anybody: Client) -> None:
    page = anybody.get(url).content.decode()
    assert page.count("<button") == 1
    assert 'method="post"' in page
    answer = anybody.post(url, HTTP_ACCEPT="text/html,*/*")
    assert "lifts the silence" in answer.content.decode()
    assert is_silent(channel)


def test_a_rotated_and_a_revoked_address_do_nothing(channel: Channel, url: str, anybody: Client) -> None:
    second = panic_urls.new_panic_url(channel, acting_user=None)
    assert [anybody.post(url).status_code, anybody.get(url).status_code] == [404, 404]
    assert panic_urls.revoke_panic_url(channel, acting_user=None)
    assert not panic_urls.revoke_panic_url(channel, acting_user=None)
    assert anybody.post(second[second.index("/panic/") :]).status_code == 404
    assert not is_silent(channel)


def test_a_key_is_good_for_its_own_channel_alone(channel: Channel, url: str, anybody: Client) -> None:
    other = factories.channel()
    assert anybody.post(url.replace(channel.public_id, other.public_id)).status_code == 404
    assert anybody.post(url[:-1] + ("A" if url[-1] != "A" else "B")).status_code == 404
    assert not is_silent(channel)
    assert not is_silent(other)


def test_the_key_is_in_no_row_and_no_log_line(channel: Channel, url: str, caplog: pytest.LogCaptureFixture) -> None:
    key = url.rpartition("/")[2]
    assert key not in str([list(PanicKey.objects.values()), list(AuditEvent.objects.values())])
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s - "POST %s HTTP/1.1" 200', ("x", url), None)
    SecretFilter().filter(record)
    assert key not in record.getMessage()
    assert channel.public_id in record.getMessage()


def test_who_uses_it_without_end_is_slowed_down(
    channel: Channel, url: str, anybody: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panic_urls, "PER_SECOND", 0.0)
    answers = [anybody.post(url).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_only_the_owner_makes_and_closes_it(channel: Channel, alice: User, bob: User) -> None:
    client = Client()
    client.force_login(bob)
    assert client.post(f"/c/{channel.public_id}/settings/panic-url/").status_code == 403
    client.force_login(alice)
    page = client.post(f"/c/{channel.public_id}/settings/panic-url/").content.decode()
    hint = PanicKey.objects.get(channel=channel).hint
    assert f'{hint}"' in page
    assert f"/panic/{channel.public_id}/" not in client.get(f"/c/{channel.public_id}/settings/").content.decode()


async def test_silence_waits_for_no_database_and_the_latch_follows(channel: Channel, url: str) -> None:
    async with watching(channel) as show, absent("channels_app_panickey"):
        page = await sync_to_async(Client().get)(url)
        answer = await sync_to_async(Client().post)(url)
        await until(lambda: show.states[-1:] == ["muted"])
    assert page.status_code == 200, "a phone needs its button"
    assert (answer.status_code, answer.json()) == (202, {"panic": True, "latched": False})

    async def latched() -> bool:
        return await PanicKey.objects.filter(used_at__isnull=False).aexists()

    await until(latched)
    assert (await Channel.objects.aget(pk=channel.pk)).panic_since is not None


async def test_silence_waits_for_no_thread_that_waits_for_the_database(channel: Channel) -> None:
    """All pages of a process share one such thread, and a report of any of them may hold it up."""
    goes_on = threading.Event()
    async with watching(channel) as show:
        stuck = asyncio.create_task(database_sync_to_async(goes_on.wait)(20))
        try:
            await push.panic_frame(channel.public_id)
            await until(lambda: show.states[-1:] == ["muted"], seconds=5)
        finally:
            goes_on.set()
            await stuck
