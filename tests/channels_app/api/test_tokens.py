"""Access tokens: shown once, good for what was ticked, dead with the membership, and told of nowhere."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from channels_app import invitations
from channels_app.api import tokens
from channels_app.api.authentication import WRONG_A_MINUTE
from channels_app.api.scopes import Scope, open_to
from channels_app.models import ApiToken, AuditEvent, Channel, Membership, User
from channels_app.powers import powers_at_first
from channels_app.redaction import SecretFilter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]


def page(channel: Channel, rest: str = "") -> str:
    return f"/c/{channel.public_id}/settings/api/{rest}"


@cache
def program() -> Client:
    """One for all tests: each new one would build the middleware anew. It keeps no cookie."""
    return Client()


def state(channel: Channel, token: str) -> Any:
    return program().get(f"/api/v1/c/{channel.public_id}/state/", headers={"authorization": f"Bearer {token}"})


def made(channel: Channel, person: User, *scopes: Scope, days: int | None = None) -> str:
    return tokens.new_token(channel, acting_user=person, name="Deck", wanted=scopes or [Scope.CHANNEL_READ], days=days)[
        1
    ]


def test_a_member_makes_a_token_which_is_shown_once_and_works(client: Client, channel: Channel, bob: User) -> None:
    client.force_login(bob)
    fields = {"token-name": "My script", "token-scopes": ["channel:read", "moderate"], "token-days": "90"}
    answer = client.post(page(channel, "tokens/"), fields)
    plain = re.findall(r"aig_\w{43}", answer.content.decode())[0]
    assert answer["Cache-Control"] == "no-store"
    assert state(channel, plain).json()["state"] == "offline"
    later = client.get(page(channel)).content.decode()
    assert "My script" in later
    assert plain not in later
    assert plain not in str([list(ApiToken.objects.values()), list(AuditEvent.objects.values())])
    assert AuditEvent.objects.get(action="api_token.made").detail["scopes"] == ["channel:read", "moderate"]


def test_moderators_are_not_offered_what_they_may_not_do(client: Client, channel: Channel, bob: User) -> None:
    client.force_login(bob)
    assert "channel:run" not in client.get(page(channel)).content.decode()
    fields = {"token-name": "x", "token-scopes": ["channel:run"], "token-days": "0"}
    assert client.post(page(channel, "tokens/"), fields).status_code == 400
    assert not ApiToken.objects.exists()
    assert Scope.CHANNEL_RUN not in open_to(powers_at_first())


def test_the_owner_sees_and_revokes_everybodys_and_a_moderator_her_own(
    client: Client, channel: Channel, alice: User, bob: User
) -> None:
    tokens.new_token(channel, acting_user=alice, name="Alice's deck", wanted=[Scope.MODERATE])
    row, plain = tokens.new_token(channel, acting_user=bob, name="Bob's deck", wanted=[Scope.CHANNEL_READ])
    client.force_login(bob)
    assert "Alice&#x27;s deck" not in client.get(page(channel)).content.decode()
    client.force_login(alice)
    assert "Bob&#x27;s deck" in client.get(page(channel)).content.decode()
    assert client.post(page(channel, f"tokens/{row.pk}/revoke/")).status_code == 302
    assert state(channel, plain).status_code == 401
    assert AuditEvent.objects.get(action="api_token.revoked").actor == alice


def test_who_is_no_moderator_any_more_has_no_token_any_more_also_when_she_comes_back(
    channel: Channel, alice: User, bob: User
) -> None:
    plain = made(channel, bob)
    invitations.remove(channel, acting_user=alice, person_id=bob.pk)
    assert state(channel, plain).status_code == 401
    Membership.objects.create(channel=channel, user=bob, role=Membership.Role.MODERATOR)
    assert state(channel, plain).status_code == 401


def test_a_token_runs_out(channel: Channel, alice: User) -> None:
    plain = made(channel, alice, days=30)
    assert state(channel, plain).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        answer = state(channel, plain)
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_without_the_scope_is_told_which_one_is_missing(channel: Channel, alice: User) -> None:
    plain = made(channel, alice, Scope.CHANNEL_READ)
    answer = Client().post(f"/api/v1/c/{channel.public_id}/skip/", headers={"authorization": f"Bearer {plain}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert "moderate" in answer.json()["message"]


def test_the_audit_log_says_through_which_token_and_no_form_token_is_asked_for(channel: Channel, bob: User) -> None:
    plain = made(channel, bob, Scope.MODERATE)
    client = Client(enforce_csrf_checks=True)
    path = f"/api/v1/c/{channel.public_id}/skip/"
    assert client.post(path, headers={"authorization": f"Bearer {plain}"}).status_code == 200
    row = AuditEvent.objects.get(action="turn.skipped")
    assert (row.actor, row.detail) == (bob, {"via": f"token {plain[:8]}…"})
    client.force_login(bob)
    assert client.post(path).status_code == 403, "a session still needs the form's token"
    assert ApiToken.objects.get().used_at is not None


def test_who_tries_wrong_tokens_is_slowed_down_and_right_ones_from_there_still_work(
    channel: Channel, alice: User
) -> None:
    wrong = [state(channel, "aig_" + "x" * 43) for _ in range(WRONG_A_MINUTE + 1)]
    assert [answer.status_code for answer in wrong] == [401] * WRONG_A_MINUTE + [429]
    assert int(wrong[-1]["Retry-After"]) > 0
    assert state(channel, made(channel, alice)).status_code == 200


def test_each_token_has_its_own_measure_of_calls(channel: Channel, alice: User, settings: Any) -> None:
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"token": "2/min"}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}
    first, second = made(channel, alice), made(channel, alice)
    answers = [state(channel, first) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) <= 60
    assert state(channel, second).status_code == 200


def test_no_log_line_holds_a_token_or_an_action_url() -> None:
    for secret in ("aig_" + "Ab1" * 14, "aigu_" + "Ab1" * 13):
        line = logging.LogRecord("x", logging.INFO, "", 0, 'POST "%s" %s', (f"/do/{secret}/skip", secret), None)
        SecretFilter().filter(line)
        assert secret[8:] not in line.getMessage()
