"""Whose is whose: every route and method x anonymous, stranger, moderator, broadcaster and operator, and every endpoint
x tokens, against the rows of `tenant_table.py`. Routes come from the URL tree and endpoints from the API's description.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from channels_app import exports, invitations
from channels_app.api import action_urls, tokens
from channels_app.api.schema import description
from channels_app.api.scopes import Scope
from channels_app.models import ApiToken, Channel, Invitation, Membership, User
from personas.models import Persona
from tests import factories
from tests.guards.tenant_table import ANY, DOOR, GONE, IN, NO, TABLE, Row
from tests.guards.test_view_access import Route, ask, label, routes, session_of

# The rows of the module's fixture stand in a transaction around those of the tests.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ARGUMENTS = {
    "kind": "llm",
    "name": "nothing",
    "deed": "approve",
    "key": "nothing",
    "action": "skip",
    "backend": "twitch",
    "association_id": "1",
    "object_id": "1",
    "content_type_id": "1",
    "app_label": "channels_app",
    "url": "nowhere",
    "id": "1",
    "pk": "999",
    "slug": "terms",
    "token": "no-such-invitation",
}
"""URL argument -> a value that tells nobody apart."""
NAMES = {"hush": "skip", "run": "stop"}
"""Route -> its `name` argument, where not every word will do."""
ALL = [Route(*pair) for pair in sorted({(route.name, route.pattern) for route in routes()})]


@dataclass(frozen=True)
class Tenant:
    """A channel with something in every drawer, and the people around it."""

    channel: Channel
    ids: dict[str, str]


@dataclass(frozen=True)
class World:
    ours: Tenant
    theirs: Tenant
    cookies: dict[str, str]
    """Who -> session key."""
    bearers: dict[str, str]
    """all: the broadcaster's with every scope; bare: hers without any; stranger: of the other channel; moderator: one
    in whose row somebody has written every scope."""


def tenant(owner: User, moderator: User) -> Tenant:
    channel = factories.channel(owner, moderators=[moderator, helper := factories.user()])
    persona = factories.persona(channel)
    draft = factories.version(persona, publish=False)
    token, _plain = tokens.new_token(channel, acting_user=owner, name="deck", wanted=[Scope.CHANNEL_READ])
    url, _address = action_urls.new_action_url(channel, acting_user=owner, name="deck", wanted=["skip"])
    own_token, _plain = tokens.new_token(channel, acting_user=moderator, name="deck", wanted=[Scope.CHANNEL_READ])
    own_url, _address = action_urls.new_action_url(channel, acting_user=moderator, name="deck", wanted=["skip"])
    invitations.invite_by_link(channel, acting_user=owner, powers=["talk"])
    export = exports.ask(channel, acting_user=owner, language="en")
    return Tenant(
        channel,
        {
            "what": "days",
            "invitation_id": str(Invitation.objects.get(channel=channel).pk),
            "export_id": str(export.pk),
            "turn_id": str(factories.turn(channel).pk),
            "persona_id": str(Persona.objects.get(channel=channel).pk),
            "number": str(draft.number),
            "user_id": str(helper.pk),
            "token_id": str(own_token.pk),
            "url_id": str(own_url.pk),
            "owners_token_id": str(token.pk),
            "owners_url_id": str(url.pk),
        },
    )


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, redis_url: str) -> Iterator[World]:
    """Set up once for the whole matrix; every call is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        alice, bob, charlie = (factories.user(name) for name in ("Alice", "Bob", "Charlie"))
        operator = factories.user("Olga", is_staff=True, is_superuser=True)
        ours, theirs = tenant(alice, bob), tenant(charlie, factories.user())
        people = {"stranger": charlie, "moderator": bob, "broadcaster": alice, "operator": operator}
        yield World(
            ours,
            theirs,
            {who: session_of(person) for who, person in people.items()},
            {
                "all": bearer(ours.channel, alice),
                "bare": bearer(ours.channel, alice, scopes=[]),
                "stranger": bearer(theirs.channel, charlie),
                "moderator": bearer(ours.channel, bob, scopes=[scope.value for scope in Scope]),
            },
        )
        transaction.set_rollback(True)


def bearer(channel: Channel, person: User, scopes: list[str] | None = None) -> str:
    row, plain = tokens.new_token(channel, acting_user=person, name="all", wanted=[scope.value for scope in Scope])
    if scopes is not None:
        ApiToken.objects.filter(pk=row.pk).update(scopes=scopes)
    return plain


def path_of(route: Route, public_id: str, ids: dict[str, str]) -> str:
    known = {**ARGUMENTS, **ids, "public_id": public_id}
    if route.name in NAMES:
        known["name"] = NAMES[route.name]
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known[found[1]], route.pattern)


@cache
def browser() -> Client:
    """One for all: each new one would build the middleware anew."""
    return Client(raise_request_exception=False)


def call(method: str, path: str, *, cookie: str = "", token: str = "") -> Any:
    """The answer; whatever the call wrote is undone."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    is_json = path.startswith("/api/")
    kind = "application/json" if is_json else "application/x-www-form-urlencoded"
    body = "" if method == "GET" else "{}" if is_json else "x=1"
    return ask(browser(), method, path, body, cookie=cookie, content_type=kind, headers=headers)


def outcome(answer: Any) -> str:
    """What the caller met."""
    if answer.status_code == 302 and answer["Location"].split("?")[0] in {"/sign-in/", "/admin/login/"}:
        return DOOR
    known = {401: DOOR, 403: NO, 404: GONE, 405: "no such method"}
    return known.get(answer.status_code, IN if answer.status_code != 500 else f"broken ({answer.status_code})")


def row_of(route: Route) -> dict[str, Row]:
    """What the table says; another package's URLs may have one row for all of them."""
    name = route.name if route.name in TABLE else re.sub(r":.*", ":*", route.name)
    assert name in TABLE, (
        f"{route.name} ({route.pattern}) has no row. Add one to TABLE in tests/guards/tenant_table.py, such as\n"
        f'    "{route.name}": {{"GET": MEMBERS}},\nwith each method it takes and who may use it.'
    )
    return TABLE[name]


@pytest.mark.parametrize("route", ALL, ids=label)
def test_everybody_meets_what_the_table_says(route: Route, world: World) -> None:
    row = row_of(route)
    path = path_of(route, world.ours.channel.public_id, world.ours.ids)
    for method in METHODS:
        if method in row:
            expected = row[method]._asdict()
            met = {who: outcome(call(method, path, cookie=world.cookies.get(who, ""))) for who in wanted(expected)}
            assert met == wanted(expected), f"{method} {path}"
        elif method in ("GET", "POST") and not is_endpoint(route) and ":" not in route.name:
            answer = call(method, path, cookie=world.cookies["broadcaster"])
            assert answer.status_code == 405, f"{method} {path} is answered, and has no place in the row"


def is_endpoint(route: Route) -> bool:
    return route.name.startswith("api_") and route.pattern.startswith("api/") and route.name not in UNDESCRIBED


def wanted(expected: dict[str, str]) -> dict[str, str]:
    return {who: what for who, what in expected.items() if what != ANY}


# A person belongs to no channel, and to take back an invitation that is not there is no fault: both change nothing.
HOLDING_IDS = [
    route
    for route in ALL
    if "<public_id>" in route.pattern.replace("str:", "")
    and set(re.findall(r"<(?:\w+:)?(\w+)>", route.pattern))
    & {"turn_id", "persona_id", "token_id", "url_id", "export_id"}
]


@pytest.mark.parametrize("route", HOLDING_IDS, ids=label)
def test_what_belongs_to_another_channel_is_not_found_through_ones_own(route: Route, world: World) -> None:
    path = path_of(route, world.ours.channel.public_id, world.theirs.ids)
    for method in row_of(route):
        assert outcome(call(method, path, cookie=world.cookies["broadcaster"])) == GONE, f"{method} {path}"


def test_a_moderator_has_no_hand_on_what_the_broadcaster_made(world: World) -> None:
    base = f"/c/{world.ours.channel.public_id}/settings/api"
    for path in (f"tokens/{world.ours.ids['owners_token_id']}", f"urls/{world.ours.ids['owners_url_id']}"):
        assert outcome(call("POST", f"{base}/{path}/revoke/", cookie=world.cookies["moderator"])) == GONE
        assert outcome(call("POST", f"{base}/{path}/revoke/", cookie=world.cookies["broadcaster"])) == IN


def test_no_row_is_left_behind() -> None:
    gone = TABLE.keys() - {route.name for route in ALL} - {"admin:*", "social:*"}
    assert gone == set(), "Nothing has these names any more: take their rows out."


def test_a_route_without_a_row_is_named_with_what_to_do() -> None:
    with pytest.raises(AssertionError, match=r"brand_new .*tenant_table"):
        row_of(Route("brand_new", "c/<str:public_id>/brand-new/"))


# The endpoints, by the API's description


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    scope: str
    """Empty: no token is let in."""

    def at(self, world: World) -> str:
        known = {"public_id": world.ours.channel.public_id, **world.ours.ids}
        return re.sub(r"{(\w+)}", lambda found: known.get(found[1], str(uuid.UUID(int=0))), self.path)

    @property
    def route(self) -> str:
        return re.sub(r"{(\w+)}", "<>", self.path)


def endpoints() -> Iterator[Endpoint]:
    for path, methods in description()["paths"].items():
        for method, told in methods.items():
            scopes = [each["token"] for each in told["security"] if "token" in each]
            yield Endpoint(method.upper(), path, scopes[0][0] if scopes else "")


ENDPOINTS = list(endpoints())
UNDESCRIBED = {"api_schema", "api_docs", "api_nothing"}
"""Not endpoints: what describes them, and what stands where there is none."""


def test_the_description_and_the_table_name_the_same_endpoints() -> None:
    described = {(each.route, each.method) for each in ENDPOINTS}
    tabled = {
        ("/" + re.sub(r"<(?:\w+:)?(\w+)>", "<>", route.pattern), method)
        for route in ALL
        if is_endpoint(route)
        for method in row_of(route)
    }
    assert described == tabled


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_a_token_opens_what_its_scopes_and_its_person_may_and_nothing_else(endpoint: Endpoint, world: World) -> None:
    path = endpoint.at(world)
    met = {who: outcome(call(endpoint.method, path, token=plain)) for who, plain in world.bearers.items()}
    by_session = outcome(call(endpoint.method, path, cookie=world.cookies["moderator"]))
    assert met["all"] == (IN if endpoint.scope else NO)
    assert met["bare"] == NO
    assert met["moderator"] == (by_session if endpoint.scope else NO)
    if "{public_id}" in endpoint.path:
        assert met["stranger"] == GONE
    assert outcome(call(endpoint.method, path, token="aig_" + "x" * tokens.LENGTH)) == DOOR


def test_a_token_of_one_channel_lists_that_channel_alone(world: World) -> None:
    alice = world.ours.channel.broadcaster
    Membership.objects.create(channel=world.theirs.channel, user=alice, role=Membership.Role.MODERATOR)
    listed = call("GET", "/api/v1/channels/", token=world.bearers["all"]).json()["results"]
    assert [each["public_id"] for each in listed] == [world.ours.channel.public_id]
    other = f"/api/v1/c/{world.theirs.channel.public_id}/state/"
    assert outcome(call("GET", other, cookie=world.cookies["broadcaster"])) == IN
    assert outcome(call("GET", other, token=world.bearers["all"])) == GONE
