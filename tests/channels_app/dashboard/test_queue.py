"""Buttons and API of the queue: for every member, as skipping is, and only while she is live."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.test import Client
from django.urls import re_path

from channels_app import invitations, push
from channels_app.dashboard.consumer import DashboardConsumer
from channels_app.models import AuditEvent, Channel, User

pytestmark = pytest.mark.usefixtures("built_front_end")

ORDERS = ("drop", "next")


@asynccontextmanager
async def inbox(channel: Channel) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """The run's side of the channel: awaits the next thing that reaches it."""
    layer: Any = get_channel_layer()
    name = await layer.new_channel()
    await layer.group_add(push.inbox_group(channel.public_id), name)

    async def next_body() -> Any:
        async with asyncio.timeout(5):
            return (await layer.receive(name))["body"]

    yield next_body
    await layer.group_discard(push.inbox_group(channel.public_id), name)


@pytest.fixture
def running(channel: Channel) -> Channel:
    Channel.objects.filter(pk=channel.pk).update(desired_state="running")
    return channel


def post(client: Client, channel: Channel, order: str, **fields: str) -> Any:
    return client.post(f"/api/v1/c/{channel.public_id}/queue/{order}/", fields, content_type="application/json")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", ORDERS)
async def test_members_give_orders_that_travel_through_the_inbox(
    client: Client, running: Channel, alice: User, bob: User, order: str
) -> None:
    async with inbox(running) as next_body:
        for person in (alice, bob):
            await sync_to_async(client.force_login)(person)
            answer = await sync_to_async(post)(client, running, order, event=person.username)
            assert (answer.status_code, answer.json()) == (202, {"event": person.username})
            assert await next_body() == {"t": "command", "name": order, "event": person.username}
    rows = [row async for row in AuditEvent.objects.filter(action=f"queue.{order}").order_by("pk")]
    assert [(row.actor_id, row.detail) for row in rows] == [
        (person.pk, {"event": person.username}) for person in (alice, bob)
    ]


@pytest.mark.django_db(transaction=True)
async def test_the_buttons_work_as_plain_forms(client: Client, running: Channel, bob: User) -> None:
    await sync_to_async(client.force_login)(bob)
    async with inbox(running) as next_body:
        answer = await sync_to_async(client.post)(f"/c/{running.public_id}/queue/drop/", {"event": "e1"})
        assert await next_body() == {"t": "command", "name": "drop", "event": "e1"}
    assert (answer.status_code, answer["Location"]) == (302, f"/c/{running.public_id}/")


@pytest.mark.parametrize("order", ORDERS)
def test_strangers_find_nothing(client: Client, running: Channel, charlie: User, order: str) -> None:
    client.force_login(charlie)
    assert post(client, running, order, event="e1").status_code == 404
    assert client.post(f"/c/{running.public_id}/queue/{order}/", {"event": "e1"}).status_code == 404


@pytest.mark.parametrize("order", ORDERS)
def test_while_she_is_not_live_it_is_refused_with_a_reason(
    client: Client, channel: Channel, bob: User, order: str
) -> None:
    client.force_login(bob)
    answer = post(client, channel, order, event="e1")
    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
    page = client.post(f"/c/{channel.public_id}/queue/{order}/", {"event": "e1"}, follow=True)
    assert "She is not live, so nobody waits for her." in page.content.decode()
    assert not AuditEvent.objects.filter(action__startswith="queue.").exists()


def test_an_order_without_an_event_is_wrong(client: Client, running: Channel, bob: User) -> None:
    client.force_login(bob)
    assert post(client, running, "drop").status_code == 400
    assert post(client, running, "drop", event="x" * 81).status_code == 400


def test_the_page_tells_what_will_stand_there(client: Client, channel: Channel, bob: User) -> None:
    client.force_login(bob)
    page = client.get(f"/c/{channel.public_id}/").content.decode()
    assert "Who waits for her" in page
    assert "When she is live, those who wait for an answer stand here" in page


@pytest.mark.django_db(transaction=True)
async def test_a_page_that_opens_and_one_that_stays_open_ask_the_run_who_waits(running: Channel, bob: User) -> None:
    connect: Any = ApplicationCommunicator
    path = f"/ws/channel/{running.public_id}/"
    socket = connect(
        URLRouter([re_path(r"^ws/channel/(?P<public_id>[\w-]+)/$", DashboardConsumer.as_asgi())]),
        {"type": "websocket", "path": path, "headers": [], "user": bob},
    )
    async with inbox(running) as next_body:
        await socket.send_input({"type": "websocket.connect"})
        assert await next_body() == {"t": "queue"}
        await socket.send_input({"type": "websocket.receive", "text": "?"})
        assert await next_body() == {"t": "queue"}
        body = {"t": "queue", "fence": 1, "now": [], "waiting": [], "more": 0}
        await push.dashboard(running.public_id, body)
        told = [json.loads((await socket.receive_output(5)).get("text", "{}")) for _ in range(4)]
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await socket.wait(5)
    assert told[-1] == body


@pytest.mark.django_db(transaction=True)
async def test_who_may_not_moderate_hears_nothing_of_it_and_is_told_when_that_changes(
    running: Channel, bob: User
) -> None:
    give = sync_to_async(invitations.set_powers)
    await give(running, acting_user=running.broadcaster, person_id=bob.pk, powers=["audit"])
    connect: Any = ApplicationCommunicator
    socket = connect(
        URLRouter([re_path(r"^ws/channel/(?P<public_id>[\w-]+)/$", DashboardConsumer.as_asgi())]),
        {"type": "websocket", "path": f"/ws/channel/{running.public_id}/", "headers": [], "user": bob},
    )
    await socket.send_input({"type": "websocket.connect"})
    heard = [await socket.receive_output(5) for _ in range(2)]
    await push.dashboard(running.public_id, {"t": "queue", "fence": 1, "now": [], "waiting": [], "more": 0})
    await give(running, acting_user=running.broadcaster, person_id=bob.pk, powers=["moderate"])
    while heard[-1]["type"] != "websocket.close":
        heard.append(await socket.receive_output(5))
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(5)
    assert '"queue"' not in str(heard)
