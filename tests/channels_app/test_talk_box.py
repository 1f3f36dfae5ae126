"""The talk box: what nobody would answer is not taken for sent."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from channels_app import actions, queries
from channels_app.models import Channel, PaidEvent
from tests import factories

pytestmark = pytest.mark.django_db

LINE = {"name": "Dora", "kind": "message", "text": "can you hear me?"}


@pytest.fixture
def owner(channel: Channel) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(channel.broadcaster)
    return client


def talk(owner: Client, channel: Channel, **fields: str) -> tuple[int, str]:
    answer = owner.post(f"/api/v1/c/{channel.public_id}/talk/", LINE | fields)
    return answer.status_code, answer.content.decode()


def test_a_line_to_somebody_who_is_not_live_is_refused_with_what_to_do(owner: Client, channel: Channel) -> None:
    status, said = talk(owner, channel)
    assert status == 400
    assert "Start her first" in said
    assert "Write something" not in said, "one sentence, about what is wrong"


def test_a_line_to_somebody_who_is_silenced_is_refused_with_what_to_do(owner: Client, channel: Channel) -> None:
    Channel.objects.update(desired_state="running", panic_since=timezone.now())
    status, said = talk(owner, channel)
    assert status == 400
    assert "Lift the silence first" in said


def test_a_line_to_somebody_live_is_taken(owner: Client, channel: Channel) -> None:
    Channel.objects.update(desired_state="running")
    assert talk(owner, channel)[0] == 202


def test_what_was_paid_for_waits_for_her(owner: Client, channel: Channel) -> None:
    assert talk(owner, channel, kind="cheer", amount="100")[0] == 202
    assert PaidEvent.objects.get(channel=channel).state == "waiting"


def test_without_scripts_the_page_says_the_same(owner: Client, channel: Channel) -> None:
    answer = owner.post(f"/c/{channel.public_id}/talk/", LINE)
    assert answer.status_code == 400
    assert "Start her first" in answer.content.decode()


def test_the_terminal_says_the_same(channel: Channel) -> None:
    heard = io.StringIO()
    call_command("chat", channel.login, "Dora", "can you hear me?", stdout=io.StringIO(), stderr=heard)
    assert "not live" in heard.getvalue()


def test_the_terminal_sends_no_empty_line_but_an_event_needs_no_text(channel: Channel) -> None:
    with pytest.raises(CommandError, match="something she can answer"):
        call_command("chat", channel.login, "Dora", " ")
    sent = io.StringIO()
    call_command("chat", channel.login, "Dora", event="follow", stdout=sent, stderr=io.StringIO())
    assert sent.getvalue().startswith("typed-")


@pytest.mark.parametrize(
    ("typed", "status", "kept"),
    [("@StreamElements, nightbot", 302, ["streamelements", "nightbot"]), ("Night Bot!!", 400, [])],
)
def test_chatters_to_ignore_are_logins(
    owner: Client, channel: Channel, typed: str, status: int, kept: list[str]
) -> None:
    fields = {"mouth_offset_ms": "0", "ignored_chatters": typed}
    assert owner.post(f"/c/{channel.public_id}/settings/stage/", fields).status_code == status
    channel.refresh_from_db()
    assert channel.ignored_chatters == kept


def test_a_url_that_has_run_out_is_not_listed(channel: Channel) -> None:
    factories.overlay_key(channel, expires_at=timezone.now() - actions.ROTATION_GRACE)
    living, _key = factories.overlay_key(channel)
    assert list(queries.living_keys(channel)) == [living]
