"""Who may open which door: every page, API endpoint and socket asks who is there, or stands in a reasoned list."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from aigirl_site.asgi import application
from channels_app.models import Channel, User
from tests import factories

PUBLIC = {
    "landing": "says what this is",
    "sign_in": "the door itself",
    "local_sign_in": "the door of a machine without Twitch keys; its own tests hold its conditions",
    "sign_out": "signs nobody out without harm",
    "overlay": "an empty stage: who may see the show is decided on the socket, by the key",
    "panic_url": "whoever has the address may silence her, and do nothing else; its own tests hold what it lets pass",
    "action_url": "whoever has the address may do what it was made for; its own tests hold what it lets pass",
    "api_schema": "tells what endpoints there are, and of no channel",
    "api_docs": "the same to read",
    "avatar_picture": "the overlay page has no session; the name cannot be guessed, and tells nothing of the channel",
    "health_live": "asked by process supervisors",
    "health_ready": "asked by load balancers",
    "health_metrics": "asked by Prometheus, with a token of its own; its own tests hold who is told",
    "set_language": "keeps a cookie for the visitor",
    "stripe_webhook": "Stripe signs in with its signature; its own tests hold what is let in",
    "javascript-catalog": "translations",
    "site_page": "terms and privacy notice are for everybody",
    "social:begin": "sends the visitor to Twitch",
    "social:complete": "Twitch sends the visitor back; guarded by its state parameter",
    "admin:login": "the operators' door",
    "operator_look_end": "ends what only an operator began",
    "admin:logout": "signs nobody out without harm",
}
"""URL name -> why nobody is asked."""

EXAMPLES: dict[str, str] = {
    "turn_id": str(uuid.UUID(int=0)),
    "what": "days",
    "kind": "llm",
    "name": "stop",
    "deed": "approve",
    "backend": "twitch",
    "association_id": "1",
    "user_id": "999",
    "token_id": "999",
    "url_id": "999",
    "persona_id": "999",
    "number": "999",
    "key": "nothing",
    "action": "skip",
    "object_id": "1",
    "id": "1",
    "content_type_id": "1",
    "app_label": "channels_app",
    "url": "nowhere",
    "slug": "terms",
    "token": "no-such-invitation",
    "pk": "999",
    "invitation_id": "999",
    "export_id": "999",
}
"""URL argument -> a value for the request; `public_id` is Alice's channel."""
ROWS = {"turn_id", "token_id", "url_id", "persona_id"}
"""Arguments whose example names nothing; `test_tenant_matrix` asks with real ones."""


@dataclass(frozen=True)
class Route:
    """One place of the URL tree."""

    name: str
    pattern: str

    def path(self, public_id: str) -> str:
        """The pattern with every argument filled in. KeyError names an argument without an example."""
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: self._value(found[1], public_id), self.pattern)
        return "/" + filled

    @staticmethod
    def _value(argument: str, public_id: str) -> str:
        return public_id if argument == "public_id" else EXAMPLES[argument]


def simplified(pattern: Any) -> str:
    """A regular expression's named groups as `<name>`, its anchors and escapes gone."""
    text = re.sub(r"\(\?P<(\w+)>[^()]*\)", r"<\1>", str(pattern))
    return text.replace("^", "").replace("\\Z", "").replace("$", "").replace("\\", "")


def routes(resolver: URLResolver | None = None, prefix: str = "", names: tuple[str, ...] = ()) -> Iterator[Route]:
    """Every place of the URL tree, admin included."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + simplified(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, pattern, (*names, entry.namespace) if entry.namespace else names)
        elif isinstance(entry, URLPattern):
            yield Route(":".join([*names, entry.name or entry.callback.__name__]), pattern)


ALL = sorted({(route.name, route.pattern) for route in routes()})
GUARDED = [Route(*pair) for pair in ALL if pair[0] not in PUBLIC]
OF_A_CHANNEL = [route for route in GUARDED if "<public_id>" in route.pattern]


@dataclass(frozen=True)
class Place:
    """A channel, and who may knock: a name, and the cookie of their session."""

    channel: Channel
    cookies: dict[str, str]


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: Any, redis_url: str) -> Iterator[Place]:
    """Set up once for all routes; every call is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        owner, stranger = factories.user("Alice"), factories.user("Charlie")
        channel = factories.channel(owner, moderators=[factories.user("Bob")])
        factories.persona(channel)
        yield Place(channel, {"nobody": "", "stranger": session_of(stranger), "owner": session_of(owner)})
        transaction.set_rollback(True)


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def answers(place: Place, who: str, route: Route) -> list[Any]:
    """What the route says to a reader and to a writer; a method it does not know is no answer."""
    path = route.path(place.channel.public_id)
    client = browser()
    both = [
        ask(client, method, path, body, cookie=place.cookies[who], content_type="application/json")
        for method, body in (("GET", ""), ("POST", "{}"))
    ]
    return [response for response in both if response.status_code != 405]


def ask(client: Client, method: str, path: str, body: str, *, cookie: str, **more: Any) -> Any:
    """The answer to whoever has this session's cookie ("": to nobody); whatever the request wrote is undone."""
    client.cookies.clear()
    if cookie:
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    with transaction.atomic():
        answer = client.generic(method, path, body, **more)
        transaction.set_rollback(True)
    return answer


def refused(response: Any) -> bool:
    to_door = response.status_code == 302 and response["Location"].split("?")[0] in {"/sign-in/", "/admin/login/"}
    return to_door or response.status_code in {401, 403, 404}


@cache
def browser() -> Client:
    """One for all: each new one would build the middleware anew."""
    return Client()


def label(route: Route) -> str:
    return f"{route.name} {route.pattern}"


@pytest.mark.parametrize("route", GUARDED, ids=label)
def test_nobody_gets_in_without_signing_in(route: Route, place: Place) -> None:
    for response in answers(place, "nobody", route):
        assert refused(response), f"{response.request['REQUEST_METHOD']} answered {response.status_code}"


@pytest.mark.parametrize("route", OF_A_CHANNEL, ids=label)
def test_a_channel_does_not_exist_for_strangers(route: Route, place: Place) -> None:
    for response in answers(place, "stranger", route):
        assert response.status_code == 404, f"{response.request['REQUEST_METHOD']} answered {response.status_code}"


@pytest.mark.parametrize("route", [r for r in GUARDED if r.name.startswith("admin:")], ids=label)
def test_the_admin_is_for_operators(route: Route, place: Place) -> None:
    for response in answers(place, "owner", route):
        assert refused(response), f"{response.request['REQUEST_METHOD']} answered {response.status_code}"


@pytest.mark.parametrize(
    "route", [r for r in OF_A_CHANNEL if not ROWS & set(re.findall(r":(\w+)>", r.pattern))], ids=label
)
def test_the_owner_finds_what_strangers_do_not(route: Route, place: Place) -> None:
    """Without this, a route that answers 404 to everybody would pass as well guarded."""
    if "<user_id>" in route.pattern:
        moderator = place.channel.memberships.get(role="moderator")
        route = Route(route.name, route.pattern.replace("<int:user_id>", str(moderator.user_id)))
    assert any(response.status_code != 404 for response in answers(place, "owner", route))


def test_no_door_is_public_for_nothing() -> None:
    assert PUBLIC.keys() - {"javascript-catalog"} <= {name for name, _pattern in ALL}


def test_the_walk_finds_pages_api_and_admin() -> None:
    names = {name for name, _pattern in ALL}
    assert {"channel", "persona", "check_setup", "api_state", "admin:channels_app_channel_changelist"} <= names


# Sockets


def socket_patterns(node: Any) -> list[str]:
    """Every WebSocket route, whatever wraps the router."""
    if isinstance(node, URLRouter):
        return [simplified(route.pattern) for route in node.routes]
    if hasattr(node, "application_mapping"):
        return socket_patterns(node.application_mapping["websocket"])
    inner = getattr(node, "application", None) or getattr(node, "inner", None)
    return socket_patterns(inner) if inner is not None else []


SOCKETS = [Route("", pattern) for pattern in socket_patterns(application)]


async def hears(route: Route, channel: Channel, headers: list[tuple[bytes, bytes]]) -> list[Any]:
    """What a page without a right hears until the socket is closed on it."""
    origin = [(b"origin", settings.SITE_URL.encode()), (b"host", b"127.0.0.1:8000")]
    socket, connected = await knock(route.path(channel.public_id), [*origin, *headers])
    heard: list[Any] = []
    if connected:
        hello = {"t": "hello", "key": "", "preview": True, "obs": "", "build": "", "engine": ""}
        await socket.send_input({"type": "websocket.receive", "text": json.dumps(hello)})
        while (message := await socket.receive_output(timeout=4))["type"] != "websocket.close":
            heard.append(message)
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    return heard


async def knock(path: str, headers: list[tuple[bytes, bytes]]) -> tuple[Any, bool]:
    """A socket of ours at this path, and whether it was let in."""
    made: Any = ApplicationCommunicator
    socket = made(
        application,
        {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []},
    )
    await socket.send_input({"type": "websocket.connect"})
    return socket, (await socket.receive_output(timeout=4))["type"] == "websocket.accept"


def session_header(user: User) -> list[tuple[bytes, bytes]]:
    return [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session_of(user)}".encode())]


def test_the_sockets_were_found() -> None:
    assert len(SOCKETS) >= 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", SOCKETS, ids=label)
async def test_sockets_tell_nothing_to_nobody(route: Route, channel: Channel) -> None:
    heard = await hears(route, channel, [])
    assert all('"bye"' in message["text"] for message in heard)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", SOCKETS, ids=label)
def test_sockets_tell_nothing_to_strangers(route: Route, channel: Channel, charlie: User) -> None:
    from asgiref.sync import async_to_sync

    heard = async_to_sync(hears)(route, channel, session_header(charlie))
    assert all('"bye"' in message["text"] for message in heard)


@pytest.mark.django_db(transaction=True)
async def test_sockets_refuse_pages_of_other_sites() -> None:
    for route in SOCKETS:
        headers = [(b"origin", b"https://elsewhere.example"), (b"host", b"127.0.0.1:8000")]
        _socket, connected = await knock(route.path(factories.__name__), headers)
        assert not connected
