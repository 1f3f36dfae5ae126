"""What the endpoints do with what they are sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.test import Client
from django.utils import timezone

from channels_app import push
from channels_app.models import AuditEvent, Channel, PaidEvent, Turn, User
from tests import factories


@pytest.fixture
def owner(client: Client, channel: Channel) -> Client:
    client.force_login(channel.broadcaster)
    return client


def at(channel: Channel, rest: str = "") -> str:
    return f"/api/v1/c/{channel.public_id}/{rest}"


def test_safe_settings_are_changed_one_by_one(owner: Client, channel: Channel) -> None:
    sent = {"idle_seconds": 60, "ignored_chatters": ["@Nightbot", "nightbot"]}
    answer = owner.patch(at(channel), sent, content_type="application/json").json()
    assert (answer["idle_seconds"], answer["ignored_chatters"], answer["mouth_offset_ms"]) == (60, ["nightbot"], 0)
    assert answer["role"] == "owner"
    assert AuditEvent.objects.filter(action="channel.stage_changed").count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [({"idle_seconds": 5}, "idle_seconds"), ({"ignored_chatters": ["two words"]}, "ignored_chatters")],
)
def test_a_wrong_setting_is_named(owner: Client, channel: Channel, sent: dict[str, Any], field: str) -> None:
    answer = owner.patch(at(channel), sent, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in answer.json()["fields"]


def test_what_may_not_be_set_here_stays(owner: Client, channel: Channel) -> None:
    sent = {"display_name": "Mallory", "public_id": "x", "safety_profile": "mature"}
    owner.patch(at(channel), sent, content_type="application/json")
    now = Channel.objects.get(pk=channel.pk)
    assert (now.display_name, now.public_id, now.safety_profile) == ("Alice", channel.public_id, "family")


def test_a_text_to_say_is_refused_while_nobody_would_say_it(owner: Client, channel: Channel) -> None:
    answer = owner.post(at(channel, "say/"), {"text": "Hello"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
    Channel.objects.filter(pk=channel.pk).update(desired_state="running")
    answer = owner.post(at(channel, "say/"), {"text": "Hello"}, content_type="application/json")
    assert (answer.status_code, answer.json()["event"][:6]) == (202, "typed-")


def test_a_tip_is_told_over_the_api(owner: Client, channel: Channel) -> None:
    sent = {"amount": "4.500", "currency": "EUR", "name": "Nora", "message": "Nice!", "id": "order-7"}
    answer = owner.post(at(channel, "tips/"), sent, content_type="application/json")
    again = owner.post(at(channel, "tips/"), sent, content_type="application/json")
    assert (answer.status_code, again.json()) == (202, answer.json())
    [row] = PaidEvent.objects.filter(channel=channel)
    assert row.payload["tip"] == {"micros": 4_500_000, "currency": "EUR"}
    for wrong, field in (
        ({"amount": "0"}, "amount"),
        ({"amount": "9999999"}, "amount"),
        ({"currency": "XXL"}, "currency"),
    ):
        answer = owner.post(at(channel, "tips/"), sent | wrong, content_type="application/json")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_turns_are_filtered_and_paged_and_one_is_read(owner: Client, channel: Channel) -> None:
    first = factories.turn(channel, asked="Do you like tea?")
    second = factories.turn(channel, chatter_name="Erik", outcome=Turn.Outcome.REFUSED)
    factories.turn(factories.channel(), asked="Do you like tea?")
    Turn.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(hours=2))

    def listed(**asked: Any) -> list[str]:
        return [row["id"] for row in owner.get(at(channel, "turns/"), asked).json()["results"]]

    assert listed() == [str(second.pk), str(first.pk)]
    assert listed(text="TEA") == listed(chatter="dor") == [str(first.pk)]
    assert listed(outcome="refused") == [str(second.pk)]
    assert listed(until=(timezone.now() - timedelta(hours=1)).isoformat()) == [str(first.pk)]
    page = owner.get(at(channel, "turns/"), {"page_size": 1}).json()
    assert owner.get(page["next"]).json()["results"][0]["id"] == str(first.pk)
    assert owner.get(at(channel, f"turns/{first.pk}/")).json()["asked"] == "Do you like tea?"
    assert owner.get(at(channel, "turns/"), {"outcome": "splendid"}).status_code == 400
    assert owner.get(at(channel, "turns/"), {"cursor": "cD1ub25zZW5zZQ=="}).status_code == 404


def test_whatever_is_nowhere_is_told_as_json(owner: Client, channel: Channel) -> None:
    for path in (at(channel, "state"), at(channel, "nothing/"), "/api/v2/"):
        answer = owner.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["head", "options"])
def test_who_may_not_read_learns_nothing_in_a_roundabout_way(
    client: Client, channel: Channel, bob: User, method: str
) -> None:
    client.force_login(bob)
    assert getattr(client, method)(at(channel, "personas/")).status_code == 403
    assert getattr(client, method)(at(channel, "usage/")).status_code == 403


def test_the_queue_is_empty_while_she_is_not_live(owner: Client, channel: Channel) -> None:
    empty = {"live": False, "now": [], "drafts": [], "held": [], "waiting": [], "more": 0}
    assert owner.get(at(channel, "queue/")).json() == empty


@pytest.mark.django_db(transaction=True)
async def test_the_queue_is_what_the_run_tells(client: Client, channel: Channel, bob: User) -> None:
    await Channel.objects.filter(pk=channel.pk).aupdate(desired_state="running")
    await sync_to_async(client.force_login)(bob)
    layer: Any = get_channel_layer()
    run = await layer.new_channel()
    await layer.group_add(push.inbox_group(channel.public_id), run)
    asked = asyncio.create_task(sync_to_async(client.get, thread_sensitive=False)(at(channel, "queue/")))
    async with asyncio.timeout(5):
        assert (await layer.receive(run))["body"] == {"t": "queue"}
    await push.dashboard(channel.public_id, {"t": "queue", "now": [{"id": "e1"}], "waiting": [], "more": 3})
    told = (await asked).json()
    await layer.group_discard(push.inbox_group(channel.public_id), run)
    assert (told["live"], told["now"], told["more"]) == (True, [{"id": "e1"}], 3)
